"""`make demo`: a day at the order desk, from the orders to the parcels, on the real template with real files.

Everything that should follow is waited for and counted. What is missing ends the demo with an error.
"""

import csv
import io
import shutil
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from local import sample
from local.api import Answer, Api
from local.patience import HANG_SECONDS, NothingMovesError, wait_for
from local.server import StackError
from local.stack import Stack, running_stack
from shukka.domain.text.values import business_date

OUT = Path(__file__).parent.parent / "out"

AMENDED, HELD, CANCELLED = "100001", "100023", "100024"


class DemoError(Exception):
    """An effect that should have followed did not."""


def main() -> int:
    started = time.monotonic()
    shutil.rmtree(OUT, ignore_errors=True)
    try:
        say("Starting the local stack and deploying template.yaml …")
        with running_stack() as stack:
            try:
                Demo(stack, business_date(datetime.now(UTC)), OUT).run()
            except DemoError:
                write(OUT / "stack.log", stack.log.read_bytes())
                raise
    except (DemoError, StackError) as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    say(f"Done in {time.monotonic() - started:.0f} s. Nothing keeps running; documents, mails and reports are in out/")
    return 0


class Demo:
    """The story. `today` is the day in Tokyo, `out` the folder that documents, mails and reports go to."""

    def __init__(self, stack: Stack, today: date, out: Path) -> None:
        self._stack = stack
        self._today = today
        self._out = out
        self._storefront = Api(stack.api_url, stack.storefront_token())
        self._staff = Api(stack.api_url, stack.staff_token())
        self._s3 = stack.client("s3")

    def run(self) -> None:
        sample.open_shop(self._stack)
        self._place_orders()
        self._wait_for("receipt mails", 48, lambda: self._mail_states("placed_member", "placed_shop")["sent"])
        self._change_orders()
        self._import_files("first")
        shipped = self._shipped()
        self._wait_for("shipping mails", len(shipped), lambda: self._mail_states("shipped_member")["sent"])
        self._make_documents(AMENDED)
        before = self._state()
        self._import_files("again")
        self._expect_nothing_changed(before)
        self._collect_mails()
        self._check()
        self._summarize()

    def _place_orders(self) -> None:
        requests = sample.orders(self._today)
        say(f"A storefront places {len(requests)} orders …")
        for n, request in enumerate(requests, start=1):
            answer = self._storefront.call("POST", "/orders", request, idempotency_key=f"cart-{n:04d}")
            self._expect(answer, 201, f"placing order {n}")

    def _change_orders(self) -> None:
        say("Staff amend one order, hold one, cancel one …")
        order = self._order(AMENDED)
        read_only = {"line_amount", "returned"}
        lines = [{name: value for name, value in line.items() if name not in read_only} for line in order["lines"]]
        lines[0]["quantity"] += 2
        path = f"/orders/{AMENDED}"
        body = {"lines": lines, "reason": "お電話で数量変更"}
        answer = self._staff.call("PUT", f"{path}/lines", body, if_match=f'"{order["version"]}"')
        self._expect(answer, 200, "changing a quantity")
        changes = {"shipping_fee": 800, "message_to_member": "数量を変更し、送料を加えました。ご確認ください。"}
        answer = self._staff.call("PATCH", path, changes, if_match=answer.headers["etag"])
        self._expect(answer, 200, "changing the shipping fee")
        for number, status in ((HELD, "on_hold"), (CANCELLED, "cancelled")):
            version = f'"{self._order(number)["version"]}"'
            answer = self._staff.call("PATCH", f"/orders/{number}", {"handling_status": status}, if_match=version)
            self._expect(answer, 200, f"status {status}")

    def _import_files(self, run: str) -> None:
        say(
            "The shipping desk drops the carriers' files into the bucket" + (" once more …" if run == "again" else " …")
        )
        names = sample.CARRIER_FILES
        for name in names:
            key = f"imports/{run}/{name}"
            self._s3.put_object(Bucket=self._stack.bucket, Key=key, Body=sample.carrier_file(name, self._today))
        self._wait_for("import reports", len(names), lambda: len(self._keys(f"results/{run}/")))
        for key in self._keys(f"results/{run}/"):
            self._download(key, self._out / "reports" / run / Path(key).name)
        summaries = len(names) * (2 if run == "again" else 1)
        self._wait_for("mails to the shop about them", summaries, lambda: len(self._summaries()))

    def _make_documents(self, number: str) -> None:
        say(f"納品書 and 請求書 of {number} …")
        for kind in ("delivery_note", "invoice"):
            answer = self._staff.call("GET", f"/orders/{number}/documents/{kind}")
            self._expect(answer, 302, f"making the {kind}")
            with urllib.request.urlopen(answer.headers["location"], timeout=HANG_SECONDS) as document:
                write(self._out / "documents" / f"{number}-{kind}.pdf", document.read())

    def _expect_nothing_changed(self, before: dict[str, Any]) -> None:
        # Nothing can be waited for where nothing should happen; reports come after the rows, and mails are quick.
        time.sleep(3)
        after = self._state()
        changed = [number for number in before if before[number] != after[number]]
        if changed:
            raise DemoError(f"the same files a second time changed {', '.join(changed)}")

    def _collect_mails(self) -> None:
        for key in self._keys("mails/"):
            self._download(key, self._out / key)

    def _check(self) -> None:
        rejected = {Path(name).name: rows for name, rows in self._rejected("first").items()}
        if len(rejected.get("shop_bcart_layout", [])) != 2:
            raise DemoError(f"two damaged rows should be rejected in shop_bcart_layout.csv: {rejected}")
        numbers = self._order("100002")["shipments"][0]["tracking_numbers"]
        if len(numbers) != 2:
            raise DemoError(f"shipment 100002-1 should have two parcels: {numbers}")
        mails = self._mail_states("placed_member", "placed_shop", "shipped_member")
        if set(mails) != {"sent"} or mails["sent"] != 48 + len(self._shipped()):
            raise DemoError(f"mails: {dict(mails)}")
        if len(list((self._out / "mails").rglob("*.eml"))) != mails["sent"] + len(self._summaries()):
            raise DemoError("there is not one archived mail for each one sent")

    def _summarize(self) -> None:
        orders = self._orders()
        heading("Orders (受注)")
        for label, count in Counter(order["handling_status_label"] for order in orders).items():
            print(f"  {label:<10} {count:>3}")
        heading("Shipments (出荷)")
        for order in reversed(orders):
            for shipment in self._order(order["number"])["shipments"]:
                parcels = " ".join(parcel["url"] or parcel["number"] for parcel in shipment["tracking"]) or "-"
                shipped_on = shipment["shipped_on"] or "-"
                print(f"  {shipment['shipment_id']}  {shipment['status']:<12} {shipped_on:<10}  {parcels}")
        heading("Mails (メール)")
        for template in ("placed_member", "placed_shop", "shipped_member"):
            print(f"  {template:<15} {self._mail_states(template)['sent']:>3} sent")
        print(f"  {'import_shop':<15} {len(self._summaries()):>3} sent")
        heading("Rejected rows (取り込めなかった行)")
        for name, rows in self._rejected("first").items():
            for row in rows:
                print(f"  {name}: {row['理由']}")
        heading("Files in out/")
        for folder in ("documents", "mails", "reports"):
            files = sorted(path for path in (self._out / folder).rglob("*") if path.is_file())
            names = ", ".join(str(path.relative_to(self._out / folder)) for path in files[:3])
            print(f"  {self._out.name}/{folder}/  {len(files)} files: {names}{' …' if len(files) > 3 else ''}")
        print()

    def _rejected(self, run: str) -> dict[str, list[dict[str, str]]]:
        """Rows of the reports whose result is not one of success, by source file."""
        rejected: dict[str, list[dict[str, str]]] = {}
        for path in sorted((self._out / "reports" / run).glob("*.csv")):
            rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
            found = [row for row in rows if row["結果"] == "エラー"]
            if found:
                rejected[path.name.removesuffix(".result.csv").removesuffix(".csv")] = found
        return rejected

    def _shipped(self) -> list[str]:
        orders = (self._order(order["number"]) for order in self._orders())
        shipments = [shipment for order in orders for shipment in order["shipments"]]
        return [shipment["shipment_id"] for shipment in shipments if shipment["status"] == "shipped"]

    def _mail_states(self, *templates: str) -> Counter[str]:
        mails = [mail for order in self._orders() for mail in self._order(order["number"])["mails"]]
        return Counter(mail["state"] for mail in mails if mail["template"] in templates)

    def _summaries(self) -> list[str]:
        """Keys of the mails that tell the shop of an import."""
        return [key for key in self._keys("mails/") if key.endswith("/import.shop.eml")]

    def _state(self) -> dict[str, Any]:
        return {order["number"]: self._order(order["number"]) for order in self._orders()}

    def _orders(self) -> list[dict[str, Any]]:
        answer = self._staff.call("GET", "/orders?limit=100")
        self._expect(answer, 200, "listing orders")
        orders: list[dict[str, Any]] = answer.body["orders"]
        return orders

    def _order(self, number: str) -> dict[str, Any]:
        answer = self._staff.call("GET", f"/orders/{number}")
        self._expect(answer, 200, f"reading order {number}")
        order: dict[str, Any] = answer.body
        return order

    def _keys(self, prefix: str) -> list[str]:
        listed = self._s3.list_objects_v2(Bucket=self._stack.bucket, Prefix=prefix)
        return [entry["Key"] for entry in listed.get("Contents", [])]

    def _download(self, key: str, path: Path) -> None:
        write(path, self._s3.get_object(Bucket=self._stack.bucket, Key=key)["Body"].read())

    def _wait_for(self, what: str, count: int, reached: Callable[[], int]) -> None:
        """Looks until `count` are there, showing how far it is; raises DemoError when nothing moves any more."""

        def look() -> int:
            now = reached()
            print(f"\r  {what}: {now} of {count} ", end="", flush=True)
            return now

        try:
            wait_for(look, lambda now: now >= count, what)
        except NothingMovesError as stuck:
            raise DemoError(f"{stuck}; see out/stack.log") from None
        print()

    @staticmethod
    def _expect(answer: Answer, status: int, doing: str) -> None:
        if answer.status != status:
            raise DemoError(f"{doing} answered {answer.status}: {answer.body}")


def say(text: str) -> None:
    print(text, flush=True)


def heading(text: str) -> None:
    print(f"\n{text}")


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
