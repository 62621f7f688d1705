"""メールを送らせる: staff request a mail about one order, or the same mail about many, each with its own data."""

from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from shukka.domain.errors import (
    IdempotencyMismatchError,
    OrderBusyError,
    OrderNotFoundError,
    Rule,
    RuleError,
    ShipmentNotFoundError,
    ShukkaError,
)
from shukka.domain.mail.addressing import MailRefusal, address_mail, doubt_about
from shukka.domain.mail.template import (
    BUILT_IN,
    MESSAGE,
    SHIPPED_MEMBER,
    SavedTemplate,
    TemplateInfo,
    TemplateState,
    info_of,
)
from shukka.domain.order.history import Context
from shukka.domain.order.order import Order
from shukka.domain.order.outbox import Mail, MailState, Recipient
from shukka.domain.settings import Settings
from shukka.domain.shipping.shipment import Shipment, ShipmentId, ShippingStatus
from shukka.domain.text.values import Flag, Key, Label, Name, Note, OrderNumber, Value
from shukka.usecases.commit_change import next_version
from shukka.usecases.ports import Commit, MailRequests, MailTemplates

MAX_ORDERS = 100
MAX_OPENING = 4_000
_ROUNDS = 4
_CAN_BE_SENT_AGAIN = frozenset({MailState.FAILED, MailState.UNKNOWN, MailState.BOUNCED})

Opening = Annotated[Note, StringConstraints(max_length=MAX_OPENING)]
"""Staff's own words for one mail, on several lines. They are text, not a template."""


class SendMail(Value):
    """`template` names the mail, or `resend_of` the key of one that failed, bounced or has an unknown outcome.

    `subject` replaces the template's; `opening` comes before its contents. `force` sends a doubtful mail, such as a
    payment request for an order that is paid.
    """

    template: Key | None = None
    shipment_id: Label | None = None
    subject: Name | None = None
    opening: Opening | None = None
    resend_of: Annotated[str, StringConstraints(max_length=150)] | None = None
    force: Flag = False


class SendMails(Value):
    """The same mail about up to 100 orders; each has its own data and its own result."""

    numbers: Annotated[tuple[OrderNumber, ...], Field(min_length=1, max_length=MAX_ORDERS)]
    template: Key
    subject: Name | None = None
    opening: Opening | None = None
    force: Flag = False

    def single(self) -> SendMail:
        return SendMail(template=self.template, subject=self.subject, opening=self.opening, force=self.force)


class Requested(NamedTuple):
    """The result for one order: the mail, or why there is none.

    `is_new` is False if an earlier request with the same key queued it.
    """

    number: str
    mail: Mail | None = None
    order_version: int = 0
    is_new: bool = False
    error: ShukkaError | None = None


def request_mail(
    number: str,
    request: SendMail,
    idempotency_key: str,
    context: Context,
    orders: MailRequests,
    templates: MailTemplates,
    settings: Settings,
) -> Requested:
    """Puts the mail into the outbox, once for each key. Raises the error that `request_mails` would report."""
    request = _as_before(number, request, orders)
    (requested,) = request_mails((number,), request, idempotency_key, context, orders, templates, settings)
    if requested.error:
        raise requested.error
    return requested


def request_mails(
    numbers: Iterable[str],
    request: SendMail,
    idempotency_key: str,
    context: Context,
    orders: MailRequests,
    templates: MailTemplates,
    settings: Settings,
) -> Sequence[Requested]:
    """A result for each order. A failure for one order does not stop the rest; only a wrong request raises."""
    template, _ = template_of(request, templates)
    results: dict[str, Requested] = {}
    asked = list(dict.fromkeys(numbers))
    waiting = asked
    for _ in range(_ROUNDS):
        known = orders.load([], whole=waiting)
        drafts: dict[str, Mail] = {}
        for number in waiting:
            try:
                drafts[number] = draft_mail(number, known.get(number), request, template, idempotency_key, context)
            except ShukkaError as error:
                results[number] = Requested(number, error=error)
        earlier = orders.find_mails((number, draft.key) for number, draft in drafts.items())
        changes: list[Commit] = []
        for number, draft in drafts.items():
            order = known[number]
            try:
                if sent := earlier.get((number, draft.key)):
                    results[number] = Requested(number, _same(sent, draft), order.version)
                else:
                    change = _change(order, draft, request, context, settings)
                    changes.append(change)
                    results[number] = Requested(number, draft, change.after.version, is_new=True)
            except ShukkaError as error:
                results[number] = Requested(number, error=error)
        # The change that was faster may have been this request's twin, so everything is looked at again.
        waiting = [lost.after.number for lost in orders.commit(changes)]
        if not waiting:
            break
    busy = {number: Requested(number, error=OrderBusyError(number)) for number in waiting}
    return [(results | busy)[number] for number in asked]


def template_of(request: SendMail, templates: MailTemplates) -> tuple[TemplateInfo, SavedTemplate | None]:
    """The template that the request names, and the shop's version of it.

    Raises RuleError if there is none, or if the request does not fit it.
    """
    if request.template is None:
        raise RuleError("template か resend_of を指定してください", "template", Rule.TEMPLATE_REQUIRED)
    saved = templates.find(request.template)
    template = info_of(request.template, saved)
    if template.state is TemplateState.REMOVED:
        raise RuleError(f"メールテンプレート {request.template} はありません", "template", Rule.UNKNOWN_TEMPLATE)
    if request.opening and saved and saved.template and not saved.template.takes_opening:
        raise RuleError(
            f"メールテンプレート「{template.label}」には opening を入れる場所がありません",
            "opening",
            Rule.OPENING_UNUSED,
        )
    if template.key == MESSAGE and not (request.opening or "").strip():
        raise RuleError("お伝えする内容を opening に書いてください", "opening", Rule.OPENING_REQUIRED)
    return template, saved


def draft_mail(
    number: str, order: Order | None, request: SendMail, template: TemplateInfo, idempotency_key: str, context: Context
) -> Mail:
    """The mail as it would be queued. Its key consists of the template, the shipment and the caller's own key.

    Raises OrderNotFoundError, and RuleError if the request does not fit the order's shipments.
    """
    if order is None:
        raise OrderNotFoundError(number)
    built_in = BUILT_IN.get(template.key)
    shipment = _shipment_of(order, request, template)
    name = "shipped" if template.key == SHIPPED_MEMBER else template.key
    about = [order.shipment_id(shipment)] if shipment else []
    return Mail(
        key="#".join([name, *about, idempotency_key]),
        template=template.key,
        recipient=built_in.recipient if built_in else Recipient.MEMBER,
        created_at=context.at,
        shipment_n=shipment.n if shipment else None,
        label=template.label,
        own_subject=request.subject,
        opening=request.opening,
        resend_of=request.resend_of,
    )


def _as_before(number: str, request: SendMail, orders: MailRequests) -> SendMail:
    """The request, completed from the mail that it repeats."""
    if request.resend_of is None:
        return request
    if number not in orders.load([], whole=(number,)):
        raise OrderNotFoundError(number)
    before = orders.find_mails([(number, request.resend_of)]).get((number, request.resend_of))
    if before is None:
        raise RuleError(f"メール {request.resend_of} は、この受注にありません", "resend_of", Rule.NOT_RESENDABLE)
    if before.state not in _CAN_BE_SENT_AGAIN:
        raise RuleError(
            "送信できなかったメールではありません。もう一度送るには template を指定してください",
            "resend_of",
            Rule.NOT_RESENDABLE,
        )
    if request.template not in (None, before.template):
        raise RuleError("再送するメールのテンプレートは変えられません", "template", Rule.RESENT_AS_IT_WAS)
    shipment_id = str(ShipmentId(number, before.shipment_n)) if before.shipment_n is not None else None
    if request.shipment_id not in (None, shipment_id):
        raise RuleError("再送するメールの発送は変えられません", "shipment_id", Rule.RESENT_AS_IT_WAS)
    return request.model_copy(
        update={
            "template": before.template,
            "shipment_id": shipment_id,
            "subject": request.subject or before.own_subject,
            "opening": request.opening or before.opening,
        }
    )


def _shipment_of(order: Order, request: SendMail, template: TemplateInfo) -> Shipment | None:
    built_in = BUILT_IN.get(template.key)
    if request.shipment_id is not None:
        if built_in and not built_in.of_shipment:
            raise RuleError(
                f"「{template.label}」は発送ごとのメールではありません", "shipment_id", Rule.NOT_ABOUT_A_SHIPMENT
            )
        return _named_shipment(order, request.shipment_id)
    if not (built_in and built_in.of_shipment):
        return None
    shipped = [shipment for shipment in order.shipments if shipment.status is ShippingStatus.SHIPPED]
    possible = shipped or order.shipments
    if len(possible) != 1:
        raise RuleError(
            "発送が複数あります。どの発送のことか、shipment_id を指定してください",
            "shipment_id",
            Rule.SHIPMENT_REQUIRED,
        )
    return possible[0]


def _named_shipment(order: Order, shipment_id: str) -> Shipment:
    parsed = ShipmentId.parse(shipment_id)
    try:
        if parsed and parsed.order_number == order.number:
            return order.shipment(parsed.n)
    except ShipmentNotFoundError:
        pass
    raise RuleError(f"発送ID {shipment_id} は、受注 {order.number} にありません", "shipment_id", Rule.UNKNOWN_SHIPMENT)


def _same(sent: Mail, draft: Mail) -> Mail:
    """The mail that was requested with this key before. Raises IdempotencyMismatchError if that was another mail."""
    requested = ("template", "shipment_n", "own_subject", "opening", "resend_of")
    if any(getattr(sent, name) != getattr(draft, name) for name in requested):
        raise IdempotencyMismatchError
    return sent


def _change(order: Order, mail: Mail, request: SendMail, context: Context, settings: Settings) -> Commit:
    addressed = address_mail(mail, order, settings)
    if isinstance(addressed, MailRefusal):
        raise RuleError(addressed.reason, "template", Rule.UNADDRESSED_MAIL)
    doubt = doubt_about(mail, order, settings)
    if doubt and not request.force:
        raise RuleError(f"{doubt}。このまま送るには force を true にしてください", "force", Rule.DOUBTFUL_MAIL)
    reason = f"メール {mail.resend_of} の再送" if mail.resend_of else None
    change = next_version(order, order, "send_mail", context, reason=reason, follow_ups=(mail,), move_stock=False)
    assert change is not None  # noqa: S101 - something follows
    return change
