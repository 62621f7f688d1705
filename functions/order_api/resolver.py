"""How paths lead to routes, and how they carry ids."""

import re
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.api_gateway import Router

_PARAMETER = re.compile(r"<(\w+)>")
WITH_SLASHES = frozenset({"sku", "member_id"})
"""Parameters that shops choose the values of (`shukka.domain.text.ids`). All others are a single segment."""


class Resolver(APIGatewayHttpResolver):
    """Powertools' resolver, whose own pattern matches neither 「・」 nor `#`, nor a slash.

    Amazon API Gateway hands over the path of an HTTP API decoded, all but `%25`; other front doors leave it as it was
    sent. No id contains an escape, so decoding until nothing is left to decode gives the id that the caller meant.
    """

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = r"{}") -> re.Pattern[str]:
        def group(parameter: re.Match[str]) -> str:
            name = parameter[1]
            return f"(?P<{name}>{'.+' if name in WITH_SLASHES else '[^/]+'})"

        return re.compile(_PARAMETER.sub(group, base_regex.format(rule)) + r"\Z")

    def include_router(self, router: Router, prefix: str | None = None) -> None:
        super().include_router(router, prefix)
        # /stock/A/ledger is the ledger of A, and not the sku A/ledger, which nobody may have.
        self._dynamic_routes.sort(key=lambda route: route.path.count("/"), reverse=True)

    def _convert_matches_into_route_keys(self, match: re.Match[str]) -> dict[str, Any]:
        return {name: _decoded(value) for name, value in match.groupdict().items()}


def _decoded(text: str) -> str:
    while (plain := unquote(text)) != text:
        text = plain
    return text
