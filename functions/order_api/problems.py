"""Errors of requests as problems. (Those of the domain are in `shukka.http`.)"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as RouteNotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from order_api import wiring
from order_api.auth import guard
from order_api.schemas.orders import order_view
from order_api.schemas.stock import stock_view
from shukka.domain.errors import ShukkaError, StockConflictError, VersionConflictError
from shukka.domain.order.order import Order
from shukka.domain.stock.stock import StockLevel
from shukka.http import UNEXPECTED, Fault, Problem, ProblemError, method_not_allowed, problem_of, request_id_of
from shukka.observability import log_failure

MALFORMED = Problem(Fault.MALFORMED_JSON, "本文を UTF-8 のJSONで送ってください")
_UNSUPPORTED = Problem(Fault.UNSUPPORTED_CONTENT_TYPE, "Content-Type は application/json を指定してください")

# Pydantic's error types in the words of the desk; `ctx` fills the braces.
_REASONS: Mapping[str, str] = {
    "missing": "必須項目です",
    "extra_forbidden": "この項目は使えません",
    "string_type": "文字列で指定してください",
    "string_unicode": "文字として読めないデータが含まれています",
    "string_too_short": "{min_length}文字以上で指定してください",
    "string_too_long": "{max_length}文字以内で指定してください",
    "string_pattern_mismatch": "形式が正しくありません（{pattern}）",
    "int_type": "整数で指定してください",
    "int_parsing": "整数で指定してください",
    "int_from_float": "整数で指定してください",
    "greater_than_equal": "{ge}以上で指定してください",
    "less_than_equal": "{le}以下で指定してください",
    "enum": "次のいずれかを指定してください: {expected}",
    "literal_error": "次のいずれかを指定してください: {expected}",
    "too_short": "{min_length}件以上指定してください",
    "too_long": "{max_length}件以内で指定してください",
    "tuple_type": "配列で指定してください",
    "list_type": "配列で指定してください",
    "model_type": "オブジェクトで指定してください",
    "model_attributes_type": "オブジェクトで指定してください",
    "dict_type": "オブジェクトで指定してください",
    "bool_type": "true または false を指定してください",
    "bool_parsing": "true または false を指定してください",
}
_MOMENTS = ("datetime_", "timezone_")


def register(app: APIGatewayHttpResolver) -> None:
    """Every error of the API becomes problem+json here."""

    def problem_answer(problem: Problem) -> Response[str]:
        answer = problem.lambda_response(app.current_event.raw_event)
        return Response(problem.status, body=answer["body"], headers=answer["headers"])

    @app.exception_handler(ProblemError)
    def on_problem(error: ProblemError) -> Response[str]:
        return problem_answer(error.problem)

    @app.exception_handler(ShukkaError)
    def on_domain_error(error: ShukkaError) -> Response[str]:
        current = None
        if isinstance(error, VersionConflictError):
            order = error.current if isinstance(error.current, Order) else wiring.orders().get(error.number)
            current = json.loads(order_view(order, wiring.settings().current()).model_dump_json())
        elif isinstance(error, StockConflictError) and isinstance(error.current, StockLevel):
            current = stock_view(error.current).model_dump(mode="json")
        return problem_answer(problem_of(error, current))

    @app.exception_handler(RequestValidationError)
    def on_invalid(error: RequestValidationError) -> Response[str]:
        try:
            # Validation comes before a route's own guard.
            guard(app)
        except ProblemError as refusal:
            return problem_answer(refusal.problem)
        errors = error.errors()
        if any(found["type"] == "json_invalid" for found in errors):
            return problem_answer(MALFORMED)
        return problem_answer(_validation_problem(errors))

    @app.exception_handler([UnicodeDecodeError, RecursionError])
    def on_unreadable(_: Exception) -> Response[str]:
        # Bytes that are not UTF-8, and JSON nested deeper than the parser goes.
        return problem_answer(MALFORMED)

    @app.not_found
    def on_unknown_route(_: RouteNotFoundError) -> Response[str]:
        if methods := _methods_of(app):
            return problem_answer(method_not_allowed(methods))
        return problem_answer(Problem(Fault.NO_SUCH_ROUTE, "URLを確認してください。APIの説明は /docs にあります"))

    @app.exception_handler(Exception)
    def on_fault(failure: Exception) -> Response[str]:
        return problem_answer(unexpected(failure, app.current_event.raw_event))


def unexpected(failure: Exception, event: Mapping[str, Any]) -> Problem:
    """The answer to a fault of ours; where it happened is in the log."""
    log_failure("unexpected_fault", failure, request_id=request_id_of(event))
    return UNEXPECTED


def unreadable(event: Mapping[str, Any]) -> Problem | None:
    """What is wrong with a body before it is looked at: the resolver would also read forms, which no route takes."""
    if not event.get("body"):
        return None
    types = [value for name, value in event.get("headers", {}).items() if name.lower() == "content-type"]
    kind = types[0].partition(";")[0].strip().lower() if types else "application/json"
    return None if kind == "application/json" else _UNSUPPORTED


def _methods_of(app: APIGatewayHttpResolver) -> set[str]:
    """The methods that the requested path answers to; the resolver keeps them, but not in public."""
    path = app.current_event.path
    routes = [*app._static_routes, *app._dynamic_routes]
    return {route.method for route in routes if route.rule.match(path)}


def _validation_problem(errors: Sequence[Mapping[str, Any]]) -> Problem:
    found = [{"field": _field(error["loc"]), "reason": _reason(error)} for error in errors[:100]]
    # A list whose items are wrong also counts as too short; what is wrong with the items is what helps.
    inner = [item["field"] for item in found]
    found = [item for item in found if not any(other.startswith(item["field"] + ".") for other in inner)]
    places = "、".join(dict.fromkeys(item["field"] for item in found[:5]))
    return Problem(Fault.VALIDATION, f"入力内容に誤りがあります: {places}", errors=found)


def _field(loc: Sequence[str | int]) -> str:
    """`lines.0.quantity` for a part of the body, the name alone for a parameter."""
    source, *path = loc
    if source == "query":
        # Filters are parts of one parameter only to the program.
        return str(loc[-1])
    if not path:
        return str(source)
    return ".".join(map(str, path))


def _reason(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind.startswith(_MOMENTS):
        return "日時は 2026-01-31T00:00:00Z のように、時差まで指定してください"
    if kind.startswith("date_"):
        return "日付は 2026-01-31 の形式で指定してください"
    if template := _REASONS.get(kind):
        return template.format_map({"pattern": "", "expected": "", **error.get("ctx", {})})
    # Our own validators write Japanese; what is left of pydantic's words is still better than none.
    return str(error.get("msg", kind))
