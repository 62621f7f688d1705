"""メール."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from order_api import wiring
from order_api.auth import STAFF
from order_api.openapi import documented
from order_api.responses import answer
from order_api.routes.orders import Number
from order_api.schemas.mails import (
    MailPreviewResults,
    MailPreviewView,
    MailResults,
    RequestedMail,
    mail_preview,
    mail_previews,
    mail_results,
    requested_mail,
)
from shukka.usecases.mail.preview import preview_mail, preview_mails
from shukka.usecases.mail.request import SendMail, SendMails, request_mail, request_mails

router = Router()

# Part of the mail's key and of its file's name, so no characters but these.
SendingKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=64,
        pattern="^[0-9A-Za-z_-]+$",
        description="Names this sending: the same key sends the same mail once, however often it is asked for",
    ),
]


@router.post(
    "/orders/<number>/mails",
    operation_id="sendMail",
    summary="Send a mail about an order: 欠品, 入金案内, 振り込み確認, a message, or one that failed again",
    middlewares=[STAFF],
    responses=documented(RequestedMail, status=201, description="Queued, or queued before with this key"),
)
def send(number: Number, request: Annotated[SendMail, Body()], idempotency_key: SendingKey) -> Response[Any]:
    requested = request_mail(
        number,
        request,
        idempotency_key,
        wiring.context_of(router),
        wiring.shipment_batches(),
        wiring.mail_templates(),
        wiring.settings().current(),
    )
    return answer(201, requested_mail(requested))


@router.post(
    "/orders/<number>/mails/preview",
    operation_id="previewMail",
    summary="What that mail would say; nothing is sent",
    middlewares=[STAFF],
    responses=documented(MailPreviewView),
)
def preview(number: Number, request: Annotated[SendMail, Body()]) -> Response[Any]:
    previewed = preview_mail(
        number,
        request,
        wiring.context_of(router),
        wiring.shipment_batches(),
        wiring.mail_templates(),
        wiring.mail_renderer(),
        wiring.settings().current(),
    )
    return answer(200, mail_preview(previewed))


@router.post(
    "/mails",
    operation_id="sendMails",
    summary="Send the same mail about up to 100 orders, each with its own data",
    middlewares=[STAFF],
    responses=documented(MailResults),
)
def send_many(request: Annotated[SendMails, Body()], idempotency_key: SendingKey) -> Response[Any]:
    results = request_mails(
        request.numbers,
        request.single(),
        idempotency_key,
        wiring.context_of(router),
        wiring.shipment_batches(),
        wiring.mail_templates(),
        wiring.settings().current(),
    )
    return answer(200, mail_results(results))


@router.post(
    "/mails/preview",
    operation_id="previewMails",
    summary="To whom that would go, and the first mail in full; nothing is sent",
    middlewares=[STAFF],
    responses=documented(MailPreviewResults),
)
def preview_many(request: Annotated[SendMails, Body()]) -> Response[Any]:
    previews = preview_mails(
        request.numbers,
        request.single(),
        wiring.context_of(router),
        wiring.shipment_batches(),
        wiring.mail_templates(),
        wiring.mail_renderer(),
        wiring.settings().current(),
    )
    return answer(200, mail_previews(previews, force=request.force))
