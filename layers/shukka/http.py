"""What every HTTP entrance shares: who is calling, and how an error is told (RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from shukka.domain.errors import (
    IdempotencyMismatchError,
    NotFoundError,
    RuleError,
    SettingsConflictError,
    ShukkaError,
    StockConflictError,
    VersionConflictError,
)

PROBLEM_JSON = "application/problem+json"
SCOPE_PREFIX = "shukka/"


class Role(StrEnum):
    """`staff` may do everything; `storefront` places orders and shows one member's orders."""

    STAFF = "staff"
    STOREFRONT = "storefront"


class Caller(NamedTuple):
    """`name` goes into the history: role and id, never a person's name."""

    name: str
    roles: frozenset[Role]


def caller_of(event: Mapping[str, Any]) -> Caller:
    """The caller of an HTTP API event (payload 2.0), from the claims of the token that the gateway verified.

    People carry their role as a group (`cognito:groups`), machines as a scope (`shukka/<role>`).
    """
    context: Mapping[str, Any] = event.get("requestContext", {})
    claims: Mapping[str, Any] = context.get("authorizer", {}).get("jwt", {}).get("claims", {})
    granted = set(_words(claims.get("cognito:groups")))
    granted |= {
        scope.removeprefix(SCOPE_PREFIX) for scope in _words(claims.get("scope")) if scope.startswith(SCOPE_PREFIX)
    }
    roles = frozenset(role for role in Role if role in granted)
    who = claims.get("username") or claims.get("client_id") or claims.get("sub") or "anonymous"
    kind = Role.STAFF if Role.STAFF in roles else Role.STOREFRONT
    return Caller(f"{kind}:{who}", roles)


def _words(claim: object) -> list[str]:
    """A claim of several values: the gateway writes a JSON array as `[a b]`."""
    if isinstance(claim, str):
        return claim.strip("[]").replace(",", " ").split()
    return [str(word) for word in claim] if isinstance(claim, Sequence) else []


@dataclass(frozen=True)
class Problem:
    """An answer that says what is wrong. `title` is Japanese and tells a person what to do; `type` never changes."""

    status: int
    type: str
    title: str
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    current: object = None

    def body(self) -> str:
        content: dict[str, object] = {
            "type": f"urn:shukka:problem:{self.type}",
            "title": self.title,
            "status": self.status,
        }
        if self.errors:
            content["errors"] = self.errors
        if self.current is not None:
            content["current"] = self.current
        return json.dumps(content, ensure_ascii=False)

    def lambda_response(self) -> dict[str, Any]:
        """The answer in payload format 2.0."""
        return {
            "statusCode": self.status,
            "headers": {"content-type": PROBLEM_JSON, "cache-control": "no-store", **self.headers},
            "body": self.body(),
        }


FORBIDDEN = Problem(403, "forbidden", "この操作を行う権限がありません")
UNEXPECTED = Problem(500, "unexpected", "処理中に問題が発生しました。時間をおいてやり直してください")

_STATUS: Sequence[tuple[type[ShukkaError], int, str]] = (
    (NotFoundError, 404, "not-found"),
    (VersionConflictError, 412, "version-conflict"),
    (SettingsConflictError, 412, "version-conflict"),
    (StockConflictError, 412, "version-conflict"),
    (IdempotencyMismatchError, 422, "idempotency-mismatch"),
    (RuleError, 422, "rule"),
)


def problem_of(error: ShukkaError, current: object = None) -> Problem:
    """The one table of domain errors and their answers. What is not in it is 503: trying again later is right."""
    for kind, status, name in _STATUS:
        if isinstance(error, kind):
            if isinstance(error, RuleError):
                reason = {"field": error.field, "reason": str(error)}
                return Problem(status, error.rule, str(error), errors=[reason], current=current)
            return Problem(status, name, str(error), current=current)
    return Problem(503, "busy", str(error), headers={"retry-after": "1"})
