"""What every HTTP entrance shares: who is calling, and the shape of an error (RFC 9457)."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from shukka.domain.errors import (
    IdempotencyMismatchError,
    NotFoundError,
    Rule,
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


def request_id_of(event: Mapping[str, Any]) -> str:
    """The gateway's id of the request, as its access log has it."""
    return str(event.get("requestContext", {}).get("requestId", ""))


def _words(claim: object) -> list[str]:
    """A claim of several values: the gateway writes a JSON array as `[a b]`."""
    if isinstance(claim, str):
        return claim.strip("[]").replace(",", " ").split()
    return [str(word) for word in claim] if isinstance(claim, Sequence) else []


class Fault(Enum):
    """What can be wrong with a request, apart from the rules of the order desk: type, HTTP status and title."""

    MALFORMED_JSON = ("malformed-json", 400, "リクエスト本文が正しいJSONではありません")
    BAD_CURSOR = ("bad-cursor", 400, "cursor が正しくありません")
    FORBIDDEN = ("forbidden", 403, "この操作を行う権限がありません")
    NOT_FOUND = ("not-found", 404, "見つかりません")
    NO_SUCH_ROUTE = ("no-such-route", 404, "このURLはありません")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "このURLでは使えないメソッドです")
    VERSION_CONFLICT = ("version-conflict", 412, "他の操作で更新されています")
    UNSUPPORTED_CONTENT_TYPE = ("unsupported-content-type", 415, "使えない Content-Type です")
    VALIDATION = ("validation", 422, "入力内容に誤りがあります")
    IDEMPOTENCY_MISMATCH = ("idempotency-mismatch", 422, "Idempotency-Key が別の内容で使われています")
    IF_MATCH_REQUIRED = ("if-match-required", 428, "どの版に基づく変更か指定されていません")
    UNEXPECTED = ("unexpected", 500, "処理中に問題が発生しました")
    BUSY = ("busy", 503, "他の操作と重なりました")

    def __init__(self, key: str, status: int, title: str) -> None:
        self.key = key
        self.status = status
        self.title = title


@dataclass(frozen=True)
class Problem:
    """An answer that says what is wrong (RFC 9457).

    `kind` decides type, title and status, which are the same each time. `detail` is Japanese: what happened in this
    request, and what a person can do about it.
    """

    kind: Fault | Rule
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    current: object = None

    @property
    def status(self) -> int:
        return self.kind.status if isinstance(self.kind, Fault) else 422

    def body(self, request_id: str) -> str:
        """`request_id` is the gateway's: the one in its log and in the order's history."""
        key, title = (
            (self.kind.key, self.kind.title) if isinstance(self.kind, Fault) else (self.kind, self.kind.meaning)
        )
        content: dict[str, object] = {
            "type": f"urn:shukka:problem:{key}",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:shukka:request:{request_id}",
        }
        if self.errors:
            content["errors"] = self.errors
        if self.current is not None:
            content["current"] = self.current
        return json.dumps(content, ensure_ascii=False)

    def lambda_response(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to `event`, in payload format 2.0."""
        return {
            "statusCode": self.status,
            "headers": {"content-type": PROBLEM_JSON, "cache-control": "no-store", **self.headers},
            "body": self.body(request_id_of(event)),
        }


class ProblemError(Exception):
    """Ends the request with this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


FORBIDDEN = Problem(Fault.FORBIDDEN, "この操作を行う権限がありません。担当者の権限を確認してください")
UNEXPECTED = Problem(
    Fault.UNEXPECTED, "時間をおいてやり直してください。続くときは instance の番号を管理者に伝えてください"
)

_FAULTS: Sequence[tuple[type[ShukkaError], Fault]] = (
    (NotFoundError, Fault.NOT_FOUND),
    (VersionConflictError, Fault.VERSION_CONFLICT),
    (SettingsConflictError, Fault.VERSION_CONFLICT),
    (StockConflictError, Fault.VERSION_CONFLICT),
    (IdempotencyMismatchError, Fault.IDEMPOTENCY_MISMATCH),
)


def problem_of(error: ShukkaError, current: object = None) -> Problem:
    """The one table of domain errors and their answers. What is not in it is 503: trying again later is right."""
    if isinstance(error, RuleError):
        return Problem(error.rule, str(error), errors=[{"field": error.field, "reason": str(error)}])
    for type_, fault in _FAULTS:
        if isinstance(error, type_):
            return Problem(fault, str(error), current=current)
    return Problem(Fault.BUSY, str(error), headers={"retry-after": "1"})


def problem_titles() -> dict[str, str]:
    """Every type of problem, with its title."""
    return {fault.key: fault.title for fault in Fault} | {rule.value: rule.meaning for rule in Rule}


def method_not_allowed(methods: Collection[str]) -> Problem:
    """`methods` are those that the path answers to; HEAD is allowed wherever GET is."""
    allowed = sorted({*methods, *(["HEAD"] if "GET" in methods else [])})
    detail = f"このURLでは {'、'.join(allowed)} だけが使えます"
    return Problem(Fault.METHOD_NOT_ALLOWED, detail, headers={"allow": ", ".join(allowed)})


def refuse_parameters(event: Mapping[str, Any], known: Mapping[str, bool]) -> None:
    """Raises ProblemError (422) for query parameters that are not `known`, or come twice unless known[name] is True.

    A misspelt filter shows the wrong orders, and a misspelt `dry_run` changes what was only to be tried.
    """
    given = event.get("queryStringParameters") or {}
    usable = f"使えるもの: {'、'.join(known)}" if known else "このURLに使えるものはありません"
    errors = [
        {"field": name, "reason": f"このパラメーターは使えません（{usable}）"} for name in given if name not in known
    ]
    errors += [
        {"field": name, "reason": "1回だけ指定してください。複数の値は「,」で区切ります"}
        for name, values in parse_qs(event.get("rawQueryString", ""), keep_blank_values=True).items()
        if len(values) > 1 and not known.get(name, True)
    ]
    if errors:
        places = "、".join(error["field"] for error in errors)
        raise ProblemError(Problem(Fault.VALIDATION, f"指定できないパラメーターです: {places}", errors=errors))


def respond(event: dict[str, Any], answer: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """What `answer` makes of the event. HEAD is answered as GET, without the body (RFC 9110, 9.3.2)."""
    context = event["requestContext"]
    if context["http"]["method"] != "HEAD":
        return answer(event)
    as_get = {**event, "requestContext": {**context, "http": {**context["http"], "method": "GET"}}}
    return {**answer(as_get), "body": "", "isBase64Encoded": False}
