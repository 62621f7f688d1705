"""The HTTP API: one function behind `ANY /{proxy+}`; the resolver is the list of routes."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from order_api import problems
from order_api.resolver import Resolver
from order_api.routes import (
    exports,
    imports,
    mail_templates,
    mails,
    members,
    meta,
    orders,
    returns,
    settings,
    shipments,
    statuses,
    stock,
    storefront,
    summary,
    timeline,
)
from shukka.http import respond
from shukka.observability import entry_point

app = Resolver(enable_validation=True)
problems.register(app)
for routes in (
    orders.router,
    summary.router,
    statuses.router,
    timeline.router,
    returns.router,
    shipments.router,
    imports.router,
    stock.router,
    mails.router,
    mail_templates.router,
    exports.router,
    members.router,
    storefront.router,
    settings.router,
    meta.router,
):
    app.include_router(routes)


@entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if refusal := problems.unreadable(event):
        return refusal.lambda_response(event)
    try:
        return respond(event, lambda event: app.resolve(event, context))
    except Exception as failure:
        # An exception handler failed, such as one that reads an order to return it.
        return problems.unexpected(failure, event).lambda_response(event)
