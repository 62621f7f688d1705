"""An order desk on the deployed stack, as its staff and its storefront use it."""

from typing import Any
from uuid import uuid4

from local.api import Answer, Api
from local.stack import Stack
from tests.builders import an_order_request, some_settings


class Desk:
    """Calls that must succeed, by what they are for; `staff` and `storefront` are there for those that must not."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.staff = Api(stack.api_url, stack.staff_token())
        self.storefront = Api(stack.api_url, stack.storefront_token())
        self.save_settings("shop", some_settings().shop.model_dump(mode="json"))

    def save_settings(self, section: str, value: object) -> None:
        version = self.staff.call("GET", f"/settings/{section}").headers["etag"]
        expect(self.staff.call("PUT", f"/settings/{section}", value, if_match=version), 200)

    def place(self, by: Api | None = None, **request: Any) -> str:
        """Places an order; its number."""
        api = by or self.storefront
        answer = expect(api.call("POST", "/orders", an_order_request(**request), idempotency_key=uuid4().hex), 201)
        return str(answer.body["number"])

    def order(self, number: str) -> dict[str, Any]:
        body: dict[str, Any] = self.get(f"/orders/{number}")
        return body

    def get(self, path: str) -> Any:
        return expect(self.staff.call("GET", path), 200).body

    def numbers(self, query: str) -> list[str]:
        """Orders that a filter finds, newest first."""
        return [order["number"] for order in self.get(f"/orders?limit=100&{query}")["orders"]]

    def amend(self, number: str, **changes: Any) -> dict[str, Any]:
        return self._change("PATCH", f"/orders/{number}", number, changes)

    def put_lines(self, number: str, lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return self._change("PUT", f"/orders/{number}/lines", number, {"lines": lines, **more})

    def return_goods(self, number: str, goods: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return self._change("POST", f"/orders/{number}/returns", number, {"lines": goods, **more})

    def void_return(self, number: str, n: int, **more: Any) -> dict[str, Any]:
        return self._change("POST", f"/orders/{number}/returns/{n}/void", number, more)

    def amend_shipment(self, shipment_id: str, **changes: Any) -> dict[str, Any]:
        number = shipment_id.partition("-")[0]
        return self._change("PATCH", f"/shipments/{shipment_id}", number, changes)

    def lines(self, number: str) -> list[dict[str, Any]]:
        """The lines as PUT takes them back."""
        read_only = {"line_amount", "returned"}
        lines = self.order(number)["lines"]
        return [{name: value for name, value in line.items() if name not in read_only} for line in lines]

    def mails(self, number: str, state: str = "sent") -> list[str]:
        """Templates of the order's mails in this state."""
        return sorted(mail["template"] for mail in self.order(number)["mails"] if mail["state"] == state)

    def _change(self, method: str, path: str, number: str, body: object) -> dict[str, Any]:
        version = f'"{self.order(number)["version"]}"'
        changed: dict[str, Any] = expect(self.staff.call(method, path, body, if_match=version), 200).body
        return changed


def expect(answer: Answer, status: int) -> Answer:
    assert answer.status == status, answer
    return answer
