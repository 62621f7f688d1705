"""Fifty people edit one order: each answer of 200 is in the history, every other answer is 412, nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.integration.desk import Desk

CLIENTS = 50
# Each retries until it is accepted, which takes the square of their number in calls.
PATIENT_CLIENTS = 10


def test_every_accepted_edit_is_in_the_history_and_every_other_is_refused(desk: Desk):
    number = desk.place(shipping_fee=0)
    start = Barrier(CLIENTS)

    version = f'"{desk.order(number)["version"]}"'

    def edit(client: int) -> tuple[int, int]:
        """Waits for the others and edits what all have read; its status and its memo's number."""
        start.wait()
        changes = {"staff_memo": f"担当{client}"}
        return desk.staff.call("PATCH", f"/orders/{number}", changes, if_match=version).status, client

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(edit, range(CLIENTS)))

    accepted = [f"担当{client}" for status, client in answers if status == 200]
    assert {status for status, _ in answers} == {200, 412}
    assert len(accepted) == 1
    assert desk.order(number)["staff_memo"] == accepted[0]


def test_those_who_read_again_all_get_their_turn(desk: Desk):
    number = desk.place(shipping_fee=0)

    def edit_until_accepted(client: int) -> None:
        status = 412
        while status != 200:
            version = f'"{desk.order(number)["version"]}"'
            body = {"reason": f"担当{client}", "shipping_fee": 1_000 + client}
            status = desk.staff.call("PATCH", f"/orders/{number}", body, if_match=version).status
            assert status in {200, 412, 503}

    with ThreadPoolExecutor(PATIENT_CLIENTS) as clients:
        list(clients.map(edit_until_accepted, range(PATIENT_CLIENTS)))

    order = desk.order(number)
    assert order["version"] == 1 + PATIENT_CLIENTS
    entries, cursor = [], None
    while True:
        page = desk.get(f"/orders/{number}/timeline" + (f"?cursor={cursor}" if cursor else ""))
        entries += page["entries"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    reasons = sorted(entry["reason"] for entry in entries if entry["kind"] == "change" and entry["reason"])
    assert reasons == sorted(f"担当{client}" for client in range(PATIENT_CLIENTS))
