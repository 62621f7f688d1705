"""A browser may do what the API can do: CORS follows the API's description."""

import json
from pathlib import Path

OPENAPI = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text("utf-8"))


def test_cors_follows_the_description_of_the_api(of_type):
    (api,) = of_type("AWS::ApiGatewayV2::Api").values()
    condition, cors, _ = api["CorsConfiguration"]["Fn::If"]
    operations = [(method, operation) for methods in OPENAPI["paths"].values() for method, operation in methods.items()]
    sent = {
        parameter["name"].lower()
        for _, operation in operations
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "header"
    }
    answered = {
        name.lower()
        for _, operation in operations
        for answer in operation["responses"].values()
        for name in answer.get("headers", {})
    }

    assert condition == "HasOrigins"
    assert {"if-match", "if-none-match", "idempotency-key"} <= sent
    assert set(cors["AllowHeaders"]) == sent | {"authorization", "content-type"}
    assert set(cors["ExposeHeaders"]) >= answered | {"etag", "location", "retry-after"}
    assert set(cors["AllowMethods"]) == {method.upper() for method, _ in operations} | {"HEAD"}
