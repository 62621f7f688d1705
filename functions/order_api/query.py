"""Query parameters of lists: a filter that is misspelt or overwritten would show the wrong orders, so it is refused."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from pydantic import BaseModel

from order_api.auth import ProblemError
from shukka.http import Problem


def only_known_parameters(app: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Route middleware: raises ProblemError (422) for parameters that the route does not have or that come twice."""
    event = app.current_event.raw_event
    known = list(_parameters(app.context["_route"]))
    given = event.get("queryStringParameters") or {}
    errors = [
        {"field": name, "reason": f"この項目では絞り込めません（使えるもの: {'、'.join(known)}）"}
        for name in given
        if name not in known
    ]
    errors += [
        {"field": name, "reason": "1回だけ指定してください。複数の値は「,」で区切ります"}
        for name, values in parse_qs(event.get("rawQueryString", ""), keep_blank_values=True).items()
        if name in known and len(values) > 1
    ]
    if errors:
        places = "、".join(error["field"] for error in errors)
        raise ProblemError(Problem(422, "validation", f"指定できないパラメーターです: {places}", errors=errors))
    return next_middleware(app)


def _parameters(route: Route) -> Iterator[str]:
    """Names as callers write them; those of a model stand for its fields."""
    for parameter in route.dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from kind.model_fields
        else:
            yield parameter.alias
