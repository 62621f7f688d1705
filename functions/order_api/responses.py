"""How answers are written, and which version a request is about."""

import re
from collections.abc import Iterator

from aws_lambda_powertools.event_handler import Response
from pydantic_core import to_json

from shukka.domain.text.versions import ANY_VERSION, Versions
from shukka.http import Fault, Problem, ProblemError

_VERSION_TAG = re.compile(r'(W/)?"([0-9]{1,12})"')


def answer(status: int, value: object, *, version: int | None = None) -> Response[str]:
    """`value` (models, or containers of them) with its version as a strong ETag.

    Answers hold what customers wrote, so no cache may keep them.
    """
    headers = {"cache-control": "no-store"}
    if version is not None:
        headers["etag"] = f'"{version}"'
    return Response(status, "application/json", to_json(value).decode(), headers=headers)


def versions_of(if_match: str | None) -> Versions:
    """The versions that an If-Match header allows (RFC 9110, 13.1.1); weak tags and others' tags match none.

    Raises ProblemError (428) without one.
    """
    if if_match is None:
        detail = "If-Match ヘッダーに、読み取ったときの ETag を指定してください"
        raise ProblemError(Problem(Fault.IF_MATCH_REQUIRED, detail))
    if if_match.strip() == "*":
        return ANY_VERSION
    return Versions(frozenset(version for weak, version in _tags(if_match) if not weak))


def versions_not_to_match(if_none_match: str) -> Versions:
    """The versions that an If-None-Match header excludes (RFC 9110, 13.1.2); there, a weak tag matches too."""
    if if_none_match.strip() == "*":
        return ANY_VERSION
    return Versions(frozenset(version for _, version in _tags(if_none_match)))


def _tags(header: str) -> Iterator[tuple[bool, int]]:
    """Whether each entity tag is weak, and the version in it; tags that are not of this API are left out."""
    return ((weak == "W/", int(digits)) for weak, digits in _VERSION_TAG.findall(header))
