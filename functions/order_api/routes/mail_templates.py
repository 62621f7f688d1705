"""メールテンプレート."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from order_api import wiring
from order_api.auth import STAFF
from order_api.openapi import documented
from order_api.responses import answer, versions_of
from order_api.routes.orders import IfMatch
from order_api.schemas.mails import (
    RenderedView,
    TemplateField,
    TemplateList,
    TemplateRow,
    TemplateView,
    rendered_view,
    template_row,
    template_view,
)
from shukka.domain.text.values import KEY
from shukka.usecases.mail.save_template import (
    PreviewTemplate,
    SaveTemplate,
    get_template,
    list_templates,
    preview_template,
    remove_template,
    save_template,
)

router = Router()

TemplateKey = Annotated[str, Path(pattern=f"^{KEY}$", description="Such as payment_request")]


@router.get(
    "/mail-templates",
    operation_id="listMailTemplates",
    summary="The mails that there are, and what their templates can name",
    middlewares=[STAFF],
    responses=documented(TemplateList),
)
def list_all() -> Response[Any]:
    rows = [template_row(info) for info in list_templates(wiring.mail_templates())]
    fields = [TemplateField(name=name, sample=sample) for name, sample in wiring.mail_fields()]
    return answer(200, TemplateList(templates=rows, fields=fields))


@router.get(
    "/mail-templates/<key>",
    operation_id="getMailTemplate",
    summary="One template",
    middlewares=[STAFF],
    responses=documented(TemplateView, versioned=True),
)
def get(key: TemplateKey) -> Response[Any]:
    info, saved = get_template(key, wiring.mail_templates())
    template = saved.template if saved and saved.template else wiring.default_template(key)
    return answer(200, template_view(info, saved, template), version=info.version)


@router.put(
    "/mail-templates/<key>",
    operation_id="saveMailTemplate",
    summary="Give a mail the shop's own words, or make a mail of the shop's own",
    description='If-Match "0" for a key that is not there yet. What could not be sent is refused, with the line.',
    middlewares=[STAFF],
    responses=documented(TemplateRow, versioned=True),
)
def put(key: TemplateKey, request: Annotated[SaveTemplate, Body()], if_match: IfMatch = None) -> Response[Any]:
    based_on, context = versions_of(if_match), wiring.context_of(router)
    info = save_template(key, request, based_on, context, wiring.mail_templates(), wiring.template_check())
    return answer(200, template_row(info), version=info.version)


@router.delete(
    "/mail-templates/<key>",
    operation_id="removeMailTemplate",
    summary="Go back to the default, or remove a mail of the shop's own",
    middlewares=[STAFF],
    responses=documented(TemplateRow, versioned=True),
)
def delete(key: TemplateKey, if_match: IfMatch = None) -> Response[Any]:
    info = remove_template(key, versions_of(if_match), wiring.context_of(router), wiring.mail_templates())
    return answer(200, template_row(info), version=info.version)


@router.post(
    "/mail-templates/<key>/preview",
    operation_id="previewMailTemplate",
    summary="How a template would look before it is saved, about a real order or a made-up one",
    middlewares=[STAFF],
    responses=documented(RenderedView),
)
def preview(key: TemplateKey, request: Annotated[PreviewTemplate, Body()]) -> Response[Any]:
    rendered = preview_template(
        key,
        request,
        wiring.context_of(router),
        wiring.shipment_batches(),
        wiring.sample_order(),
        wiring.template_check(),
        wiring.mail_renderer(),
        wiring.settings().current(),
    )
    return answer(200, rendered_view(rendered))
