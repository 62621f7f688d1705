"""A client generated from docs/openapi.json changes one thing at a time, and nothing else moves."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from local.patience import HANG_SECONDS, wait_for
from shukka.domain.settings import Settings
from tests.integration.desk import Desk

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
PACKAGE = "generated_shukka"
ALWAYS = {"version", "updated_at"}
"""What every change of an order or a level moves."""


class Client:
    """Calls of the generated client that must succeed; bodies and answers are its own classes."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._models = import_module(f"{PACKAGE}.models")

    def __getattr__(self, model: str) -> Any:
        return getattr(self._models, model)

    def call(self, operation: str, *path: str, **more: Any) -> tuple[Any, str | None]:
        """`orders.amend_order` by its tag and operationId; the parsed answer and its ETag."""
        answer = import_module(f"{PACKAGE}.api.{operation}").sync_detailed(*path, client=self._client, **more)
        assert answer.status_code < 300, answer.content.decode()
        return answer.parsed, answer.headers.get("etag")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The client as a package to import, generated without its formatters, which would come from the network."""
    folder = tmp_path_factory.mktemp("client")
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n")
    command = [str(Path(sys.executable).parent / "openapi-python-client"), "generate", "--fail-on-warning"]
    command += [f"--path={DOCUMENT}", f"--config={config}", f"--output-path={folder / PACKAGE}", "--meta=none"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def client(package: None, desk: Desk) -> Iterator[Client]:
    make = import_module(f"{PACKAGE}.client").AuthenticatedClient
    token = desk.stack.staff_token()
    with make(base_url=desk.stack.api_url, token=token, raise_on_unexpected_status=True) as connected:
        yield Client(connected)


@pytest.fixture
def number(client: Client, desk: Desk) -> str:
    """An order with something in every field, placed by the client with the example of the description.

    Its mails have gone, so that nothing moves by itself any more.
    """
    example = json.loads(DOCUMENT.read_text("utf-8"))["paths"]["/orders"]["post"]["requestBody"]["content"]
    request = client.PlaceOrder.from_dict(example["application/json"]["example"] | {"discount": 100, "points_used": 50})
    placed, etag = client.call("orders.place_order", body=request, idempotency_key=uuid4().hex)
    rest = client.OrderAmendment(staff_memo="急ぎ", message_to_member="毎度", payment_fee=330, paid_amount=1_000)
    client.call("orders.amend_order", placed.number, body=rest, if_match=etag)
    wait_for(lambda: {mail["state"] for mail in desk.order(placed.number)["mails"]} == {"sent"})
    return str(placed.number)


def moved(before: Any, after: Any, path: str = "") -> set[str]:
    """Where two JSON values differ, as `member.phone`."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return set() if before == after else {path}
    return {
        place
        for name in before.keys() | after.keys()
        for place in moved(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    }


@pytest.mark.parametrize(
    ("field", "value", "follows"),
    [
        ("staff_memo", "冷蔵庫へ", set()),
        ("handling_status", "processing", {"handling_status_label"}),
        ("message_to_member", None, set()),
        (
            "discount",
            200,
            {"totals.discount", "totals.rates", "totals.net", "totals.tax", "totals.total", "payment_difference"},
        ),
    ],
)
def test_a_field_of_an_order(client: Client, desk: Desk, number: str, field: str, value: Any, follows: set[str]):
    before = desk.order(number)
    _, etag = client.call("orders.get_order", number)

    client.call("orders.amend_order", number, body=client.OrderAmendment(**{field: value}), if_match=etag)

    assert moved(before, desk.order(number)) == {field, *follows, *ALWAYS}


def test_a_field_of_the_member_in_an_order(client: Client, desk: Desk, number: str):
    before = desk.order(number)
    _, etag = client.call("orders.get_order", number)
    change = client.OrderAmendment(member=client.MemberAmendment(phone="03-0000-9999"))

    client.call("orders.amend_order", number, body=change, if_match=etag)

    assert moved(before, desk.order(number)) == {"member.phone", *ALWAYS}


def test_a_field_of_a_shipment_and_of_its_destination(client: Client, desk: Desk, number: str):
    shipment_id = f"{number}-1"
    there = {"company": "港店", "address1": "港区1-1", "phone": "03-0000-0001"}
    desk.amend_shipment(shipment_id, tracking_numbers=["444413758703"], status="instructed", destination=there)

    for change, place in (
        (client.ShipmentAmendment(memo="割物"), "memo"),
        (
            client.ShipmentAmendment(destination=client.DestinationAmendment(address1="港区2-2")),
            "destination.address1",
        ),
    ):
        before = desk.get(f"/shipments/{shipment_id}")
        _, etag = client.call("shipments.get_shipment", shipment_id)
        client.call("shipments.amend_shipment", shipment_id, body=change, if_match=etag)
        assert moved(before, desk.get(f"/shipments/{shipment_id}")) == {place}


SECTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "shop": ("ShopProfileViewInput", {"phone": "03-0000-9999"}),
    "tax": ("TaxRuleInput", {"rounding": "half_up"}),
    "statuses": ("HandlingStatusInput", {"label": "受付"}),
    "payment_methods": ("PaymentMethodInput", {"label": "お振込"}),
    "carriers": ("CarrierInput", {"name": "ヤマト"}),
    "mails": ("AutomaticMailsInput", {"import_to_shop": False}),
    "imports": ("ImportSettingsInput", {"status_rules": {"seino": "keep"}}),
    "shipping": ("ShippingRulesInput", {"ship_on_date": True}),
    "storefront": ("StorefrontSettingsInput", {"stock": "availability"}),
    "labels": ("LabelSettingsInput", {"contents": "食料品"}),
}
"""The class of a section's body, and a change to it: to its first entry, where it is a list."""


@pytest.mark.parametrize("section", Settings.model_fields)
def test_a_field_of_a_section_of_the_settings(client: Client, desk: Desk, section: str):
    kind, change = SECTIONS[section]
    before = desk.get(f"/settings/{section}")
    read, etag = client.call(f"settings.get_{section}_settings")
    entries = [entry.to_dict() for entry in (read if isinstance(read, list) else [read])]
    entries[0] |= change
    written = [getattr(client, kind).from_dict(entry) for entry in entries]

    body = written if isinstance(read, list) else written[0]
    try:
        client.call(f"settings.save_{section}_settings", body=body, if_match=etag)
        after = desk.get(f"/settings/{section}")
    finally:
        desk.save_settings(section, before)

    first = (before[0], after[0]) if isinstance(before, list) else (before, after)
    assert {place.partition(".")[0] for place in moved(*first)} == change.keys()
    if isinstance(before, list):
        assert after[1:] == before[1:]


def test_a_stock_level(client: Client, desk: Desk):
    sku = f"CLIENT-{uuid4().hex[:8]}"
    client.call("stock.set_stock", sku, body=client.SetStockLevel(level=5), if_none_match="*")
    before = desk.get(f"/stock/{sku}")
    _, etag = client.call("stock.get_stock", sku)

    client.call("stock.set_stock", sku, body=client.SetStockLevel(level=7), if_match=etag)

    assert moved(before, desk.get(f"/stock/{sku}")) == {"level", *ALWAYS}


def test_the_subject_of_a_mail_template(client: Client, desk: Desk):
    before = desk.get("/mail-templates/payment_received")
    read, etag = client.call("mail_templates.get_mail_template", "payment_received")
    body = client.SaveTemplate.from_dict(read.to_dict())
    body.subject = "ご入金を確認しました"

    _, saved = client.call("mail_templates.save_mail_template", "payment_received", body=body, if_match=etag)

    after = desk.get("/mail-templates/payment_received")
    client.call("mail_templates.remove_mail_template", "payment_received", if_match=saved)
    assert moved(before, after) == {"subject", "state", "version", "saved_at", "saved_by"}
