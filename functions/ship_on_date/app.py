"""Every hour: shipments that are 発送指示 become 発送済 on their 発送日, if the shop has that setting; mails follow."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shukka.aws import client
from shukka.domain.order.history import Context
from shukka.environment import ShipOnDateEnvironment
from shukka.observability import entry_point, logger
from shukka.store.orders import OrderStore
from shukka.store.settings import SettingsStore
from shukka.store.shipment_list import ShipmentList
from shukka.store.shipments import ShipmentBatches
from shukka.usecases.shipping.ship_on_date import Shipped, ship_on_date

# The rest is done in the next hour.
_TIME_TO_FINISH_MS = 20_000


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    now = datetime.now(UTC)
    shipped = _shipping()(
        Context(now, "schedule:ship_on_date", context.aws_request_id),
        has_time=lambda: context.get_remaining_time_in_millis() > _TIME_TO_FINISH_MS,
    )
    logger.info("shipped_on_date", shipped=shipped.shipped, rejected=shipped.rejected)
    return shipped._asdict()


@cache
def _shipping() -> Callable[..., Shipped]:
    environment = ShipOnDateEnvironment.read()
    dynamodb = client("dynamodb")
    orders = OrderStore(dynamodb, environment.orders_table, environment.settings_table)
    return partial(
        ship_on_date,
        waiting=ShipmentList(dynamodb, environment.orders_table),
        orders=ShipmentBatches(dynamodb, environment.orders_table, orders),
        settings=SettingsStore(dynamodb, environment.settings_table, time.monotonic),
    )
