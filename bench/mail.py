"""What rendering a mail costs over plain Jinja2: the same templates, the same view, the same process, CPU time."""

from collections.abc import Callable
from datetime import date
from statistics import median
from time import process_time
from typing import Any

from jinja2 import Environment

from shukka.domain.mail.template import Template
from shukka.domain.shipping.shipment import ShippingStatus
from shukka.mail.rendering import FILTERS, default_template, render
from shukka.mail.view import View, mail_view
from tests.builders import a_line, a_shipment, an_order, some_settings

_TARGET = 2.2
_ROUNDS = 41
_MAILS_PER_ROUND = 20


def figures() -> list[dict[str, Any]]:
    mails = _mails()
    plain = [_plain(template) for template, _ in mails]

    def ours() -> None:
        for template, view in mails:
            render(template, view)

    def theirs() -> None:
        for render_plain, (_, view) in zip(plain, mails, strict=True):
            render_plain(view)

    # A round of each in turn: what else the machine does meets both.
    ratio = median(_seconds(ours) / _seconds(theirs) for _ in range(_ROUNDS))
    return [
        {
            "name": "mail_render_vs_jinja",
            "value": round(ratio, 2),
            "unit": "x",
            "target": _TARGET,
            "holds": ratio <= _TARGET,
        }
    ]


def _mails() -> list[tuple[Template, View]]:
    """The three default mails of an order of ten lines."""
    shipment = a_shipment(
        status=ShippingStatus.SHIPPED, tracking_numbers=("123456789012",), shipped_on=date(2026, 11, 26)
    )
    order = an_order(lines=tuple(a_line(n) for n in range(1, 11)), shipments=(shipment,))
    settings = some_settings()
    return [
        (default_template("placed_member"), mail_view(order, None, settings)),
        (default_template("placed_shop"), mail_view(order, None, settings)),
        (default_template("shipped_member"), mail_view(order, shipment, settings)),
    ]


def _plain(template: Template) -> Callable[[View], list[str]]:
    """Subject, text and HTML as anyone would render them: stock environments, compiled once."""
    compiled = []
    for source, html in ((template.subject, False), (template.text, False), (template.html or "", True)):
        environment = Environment(autoescape=html, trim_blocks=True, lstrip_blocks=True)
        environment.filters |= FILTERS
        compiled.append(environment.from_string(source))
    return lambda view: [part.render(view) for part in compiled]


def _seconds(work: Callable[[], None]) -> float:
    start = process_time()
    for _ in range(_MAILS_PER_ROUND):
        work()
    return process_time() - start


if __name__ == "__main__":
    print(figures())
