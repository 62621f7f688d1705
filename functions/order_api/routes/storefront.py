"""ストアフロント: what a checkout needs to know, and nothing else of the settings."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from order_api import wiring
from order_api.auth import STOREFRONT
from order_api.openapi import documented
from order_api.responses import answer
from order_api.schemas.storefront import (
    StorefrontOptionsView,
    StorefrontStockView,
    storefront_options_view,
    storefront_stock_view,
)
from shukka.usecases.stock.show import StockQuestion, show_stock

router = Router()


@router.get(
    "/storefront/options",
    operation_id="getStorefrontOptions",
    summary="Payment methods, carriers and time slots to choose from",
    middlewares=[STOREFRONT],
    responses=documented(StorefrontOptionsView),
)
def get_options() -> Response[Any]:
    return answer(200, storefront_options_view(wiring.settings().current()))


@router.post(
    "/storefront/stock",
    operation_id="showStock",
    summary="The stock of up to 100 skus, as far as the shop shows it",
    description="The settings (`storefront`) say whether levels, their availability or nothing is shown.",
    middlewares=[STOREFRONT],
    responses=documented(StorefrontStockView),
)
def post_stock(question: Annotated[StockQuestion, Body()]) -> Response[Any]:
    shown = show_stock(question, wiring.stock(), wiring.settings().current())
    return answer(200, storefront_stock_view(shown))
