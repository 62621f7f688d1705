"""The API's own description: OpenAPI 3.1, generated from the code."""

import json
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from order_api.auth import OPEN
from order_api.schemas import View
from shukka.domain.order.outbox import DocumentKind
from shukka.http import PROBLEM_JSON, problem_titles

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
    from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

_PROBLEMS = {
    400: "The request cannot be read: malformed JSON, or a cursor that is not of this list",
    401: "The token is missing, expired or not of this API; answered by the gateway",
    403: "The token's role may not do this",
    404: "Not found",
    412: "Changed by someone else since; `current` is what it is now",
    413: "The body is larger than the gateway takes; answered by the gateway",
    415: "The body is not application/json",
    422: "Well formed, but breaks a rule; `errors` has each field and reason",
    428: "If-Match is missing",
    429: "More requests than this stage allows; answered by the gateway. Wait a second and try again",
    500: "A fault on our side",
    503: "Others keep writing the same thing; try again",
}


_BY_GATEWAY = {"application/json": {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}}


def _header(description: str, *, always: bool = True, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "required": always, "schema": {"type": kind}}


_ETAG = {"ETag": _header('The version, as If-Match takes it: `"3"`')}
_HEADERS_OF_PROBLEMS = {
    401: {"WWW-Authenticate": _header("`Bearer`, and what is wrong with the token that was sent", always=False)},
    503: {"Retry-After": _header("Seconds to wait", kind="integer")},
}
PDF_LINK: Any = {
    "description": "A link to the PDF, for five minutes",
    "headers": {"Location": _header("Where the PDF is, for a request without a token")},
}


def _problems(*codes: int) -> dict[str, Any]:
    """The responses with these status codes, as the API or the gateway in front of it answers them."""
    problem = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    # A path that the gateway itself does not know never gets as far as a problem.
    by_code = {401: _BY_GATEWAY, 404: problem | _BY_GATEWAY, 413: _BY_GATEWAY, 429: _BY_GATEWAY}
    responses: dict[str, Any] = {}
    for code in sorted(codes):
        responses[str(code)] = {"description": _PROBLEMS[code], "content": by_code.get(code, problem)}
        if headers := _HEADERS_OF_PROBLEMS.get(code):
            responses[str(code)]["headers"] = headers
    return responses


# Answered by document_maker behind the same gateway.
_DOCUMENTS = {
    "/orders/{number}/documents/{kind}": {
        "get": {
            "summary": "A document of the order as PDF, issued on the first request and again after the order changed",
            "operationId": "getDocument",
            "security": [{"bearer": []}],
            "parameters": [
                {"name": "number", "in": "path", "required": True, "schema": {"type": "string"}},
                {
                    "name": "kind",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "enum": [kind.value for kind in DocumentKind]},
                },
            ],
            "responses": {"302": PDF_LINK} | _problems(401, 403, 404, 422, 429, 500, 503),
        }
    }
}

# What the generator says of a function that answers with a Response.
_GUESS = {"title": "Return"}


class FieldError(View):
    field: str = Field(description="Path of the input, such as `lines.0.quantity`")
    reason: str = Field(description="Why, in Japanese")


class GatewayMessage(View):
    """What the gateway answers by itself, before the API is asked."""

    message: str = Field(examples=["Unauthorized", "Not Found", "Too Many Requests"])


class ProblemView(View):
    """RFC 9457. A client branches on `type`; `detail` is for the person at the screen, in Japanese."""

    type: str = Field(
        examples=["urn:shukka:problem:not-found"],
        description="One of these, each with its `title`. There will be more:\n\n"
        + "\n".join(f"* `urn:shukka:problem:{key}` {title}" for key, title in problem_titles().items()),
    )
    title: str = Field(description="What the type means, the same each time")
    status: int
    detail: str = Field(description="What happened in this request, and what can be done about it")
    instance: str = Field(
        description="The request's id, as in the logs and in the order's history",
        examples=["urn:shukka:request:JKJaXmPLvHcESHA="],
    )
    errors: list[FieldError] | None = None
    current: dict[str, Any] | None = Field(default=None, description="With 412: what it is now")


def documented(
    model: type[BaseModel] | UnionType, status: int = 200, description: str = "OK", *, versioned: bool = False
) -> "dict[int, OpenAPIResponse]":
    """The `responses` of a route; `versioned` where the answer has an ETag. `document` adds the problems."""
    response: Any = {"description": description, "content": {"application/json": {"model": model}}}
    if versioned:
        response["headers"] = _ETAG
    return {status: response}


@cache
def document(app: "APIGatewayHttpResolver") -> str:
    """OpenAPI 3.1 of all routes, as JSON text."""
    # Not at the top: it takes a fifth of a cold start, and hardly any request asks for the description.
    from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server  # noqa: PLC0415

    from order_api.description import complete  # noqa: PLC0415

    text = app.get_openapi_json_schema(
        title="Shukka order API",
        version="1",
        description=(
            "受注・出荷のAPI。エラーは application/problem+json (RFC 9457) です。"
            "401・413・429 だけは、APIの手前のゲートウェイが application/json で答えます。"
            "GET が使えるURLでは HEAD も使えます。"
        ),
        # Relative to where the description itself is read from: right on every stage, domain and local stack.
        servers=[Server(url=".")],
        security_schemes={"bearer": HTTPBearer(bearerFormat="JWT")},
    )
    schema: dict[str, Any] = json.loads(text)
    open_paths = {route.path for route in app._static_routes if OPEN in route.middlewares}
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            _tell_answers(operation, is_open=path in open_paths)
    schemas = schema["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(unused, None)
    problem = ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    schemas["GatewayMessage"] = GatewayMessage.model_json_schema()
    schema["paths"] = dict(sorted((schema["paths"] | _DOCUMENTS).items()))
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            operation["tags"] = [path.split("/")[1]]
    return json.dumps(complete(schema, app), ensure_ascii=False, indent=1)


@cache
def page(app: "APIGatewayHttpResolver") -> str:
    """The description as a page to read and to try in a browser, whole in itself: it loads nothing from elsewhere."""
    from aws_lambda_powertools.event_handler.openapi import swagger_ui  # noqa: PLC0415 - as in `document`
    from aws_lambda_powertools.event_handler.openapi.swagger_ui import generate_swagger_html  # noqa: PLC0415

    assets = Path(swagger_ui.__file__).parent
    return generate_swagger_html(
        # A closing tag in a text must not end the script that holds it.
        spec=document(app).replace("</", "<\\/"),
        swagger_js=(assets / "swagger-ui-bundle.min.js").read_text("utf-8"),
        swagger_css=(assets / "swagger-ui.min.css").read_text("utf-8"),
        swagger_base_url="",
        oauth2_config=None,
    )


def _tell_answers(operation: dict[str, Any], *, is_open: bool) -> None:
    """Replaces the generator's guesses at answers: what an operation takes tells which problems it can have."""
    names = {parameter["name"].lower() for parameter in operation.get("parameters", [])}
    documented = {
        status: answer
        for status, answer in operation["responses"].items()
        if status.startswith("2") and answer["content"].get("application/json", {}).get("schema") != _GUESS
    }
    # A redirect has no body.
    documented |= {
        status: {"description": answer["description"], "headers": answer["headers"]}
        for status, answer in operation["responses"].items()
        if status.startswith("3")
    }
    codes = {429, 500}
    if not is_open:
        codes |= {401, 403, 503}
        operation["security"] = [{"bearer": []}]
    if names:
        codes.add(422)
    if "requestBody" in operation:
        codes |= {400, 413, 415, 422}
    if "cursor" in names:
        codes.add(400)
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", [])):
        codes.add(404)
    if "if-match" in names:
        codes |= {412, 428}
    operation["responses"] = documented | _problems(*codes)
    for parameter in operation.get("parameters", []):
        # Optional to the resolver, so that a request without it gets 428; If-None-Match may stand in for it.
        if parameter["name"].lower() == "if-match" and "if-none-match" not in names:
            parameter["required"] = True
