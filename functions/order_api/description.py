"""What the generator leaves out of the API's description, or gets wrong for those who generate clients from it."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from order_api.examples import EXAMPLES
from order_api.glossary import GLOSSARY

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

_REF = "#/components/schemas/"


def complete(document: dict[str, Any], app: "APIGatewayHttpResolver") -> dict[str, Any]:
    """The document with the types of filters, names and descriptions that a client's author can use, and examples."""
    _type_filters(document, app)
    document = _with_plain_names(document)
    for name, schema in document["components"]["schemas"].items():
        # Generators name their classes by it.
        schema["title"] = name
        for part in _parts(schema):
            _describe(part, name.removesuffix("Input"))
    for operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _without_null(parameter["schema"])
            if word := GLOSSARY.get(parameter["name"]):
                parameter.setdefault("description", word)
        if (name := operation["operationId"]) in EXAMPLES:
            operation["requestBody"]["content"]["application/json"]["example"] = EXAMPLES[name]
    return document


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        yield from operations.values()


def _type_filters(document: Mapping[str, Any], app: "APIGatewayHttpResolver") -> None:
    """The generator makes strings of all query parameters that come from one model."""
    for route in [*app._static_routes, *app._dynamic_routes]:
        for filters in route.dependant.query_params:
            model = filters.field_info.annotation
            if not (isinstance(model, type) and issubclass(model, BaseModel)):
                continue
            properties = model.model_json_schema(ref_template=f"{_REF}{{model}}")["properties"]
            for parameter in document["paths"][route.openapi_path][route.method.lower()]["parameters"]:
                if schema := properties.get(parameter["name"]):
                    parameter["schema"] = {name: value for name, value in schema.items() if name != "description"}


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter that is not given is absent: neither a query nor a header can say null."""
    kept = {name: value for name, value in schema.items() if name not in {"anyOf", "title"} and value is not None}
    for kind in schema.get("anyOf", ()):
        if kind != {"type": "null"}:
            kept |= kind
    return kept


def _with_plain_names(document: dict[str, Any]) -> dict[str, Any]:
    """Where a request's schema differs from the answer's, as of `Carrier`, the request's is `CarrierInput`."""
    names = {
        name: name.removesuffix("-Output").replace("-Input", "Input") for name in document["components"]["schemas"]
    }
    if len(set(names.values())) < len(names):
        raise ValueError("a model has the name of another one's request")
    text = json.dumps(document, ensure_ascii=False)
    for name, plain in names.items():
        text = text.replace(f'"{_REF}{name}"', f'"{_REF}{plain}"')
    renamed: dict[str, Any] = json.loads(text)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {plain: schemas[name] for name, plain in sorted(names.items())}
    return renamed


def _parts(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and all that it holds."""
    if isinstance(schema, dict):
        yield schema
        for inner in schema.get("properties", {}).values():
            yield from _parts(inner)
        for keyword in ("items", "additionalProperties"):
            if keyword in schema:
                yield from _parts(schema[keyword])
        for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
            for inner in schema.get(keyword, ()):
                yield from _parts(inner)


def _describe(schema: dict[str, Any], model: str) -> None:
    """Says what each property is. Its default becomes words, which no generator sends back or takes for a promise."""
    for name, part in schema.get("properties", {}).items():
        if word := GLOSSARY.get(f"{model}.{name}") or GLOSSARY.get(name):
            part.setdefault("description", word)
        default = part.pop("default", None)
        if name not in schema.get("required", ()) and default not in (None, "", [], {}):
            explained = f"Default: `{json.dumps(default, ensure_ascii=False)}`"
            part["description"] = ". ".join(filter(None, (part.get("description", "").rstrip("."), explained)))
