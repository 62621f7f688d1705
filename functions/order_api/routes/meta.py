"""What everybody may see: that the API is there, and what it speaks."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from order_api.auth import OPEN
from order_api.openapi import document, documented, page
from order_api.responses import answer
from order_api.schemas import View

router = Router()


class Health(View):
    status: str = "ok"


@router.get(
    "/health",
    operation_id="getHealth",
    summary="Whether the API answers",
    middlewares=[OPEN],
    responses=documented(Health),
)
def health() -> Response[Any]:
    return answer(200, Health())


@router.get("/openapi.json", middlewares=[OPEN], include_in_schema=False)
def openapi() -> Response[Any]:
    return Response(200, "application/json", document(router.api_resolver))


@router.get("/docs", middlewares=[OPEN], include_in_schema=False, compress=True)
def docs() -> Response[Any]:
    return Response(200, "text/html; charset=utf-8", page(router.api_resolver))
