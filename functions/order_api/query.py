"""Query parameters: each route takes its own and refuses all others."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.api_gateway import Route
from pydantic import BaseModel

from shukka.http import refuse_parameters


def only_known_parameters(app: APIGatewayHttpResolver) -> None:
    """Raises ProblemError (422) for parameters that the matched route does not have."""
    event = app.current_event.raw_event
    if event.get("queryStringParameters"):
        refuse_parameters(event, dict(_parameters(app.context["_route"])))


def _parameters(route: Route) -> Iterator[tuple[str, bool]]:
    """Names as callers write them, and whether they may be repeated; those of a model stand for its fields."""
    for parameter in route.dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from ((name, _is_list(field.annotation)) for name, field in kind.model_fields.items())
        else:
            yield parameter.alias, _is_list(kind)


def _is_list(annotation: Any) -> bool:  # noqa: ANN401 - whatever a parameter is declared as
    return get_origin(annotation) is list or any(map(_is_list, get_args(annotation)))
