"""How answers are written."""

from aws_lambda_powertools.event_handler import Response
from pydantic_core import to_json

from order_api.auth import ProblemError
from shukka.http import PROBLEM_JSON, Problem


def answer(status: int, value: object, *, version: int | None = None) -> Response[str]:
    """`value` (models, or containers of them) with its version as a strong ETag.

    Answers hold what customers wrote, so no cache may keep them.
    """
    headers = {"cache-control": "no-store"}
    if version is not None:
        headers["etag"] = f'"{version}"'
    return Response(status, "application/json", to_json(value).decode(), headers=headers)


def problem_answer(problem: Problem) -> Response[str]:
    return Response(
        problem.status, PROBLEM_JSON, problem.body(), headers={"cache-control": "no-store", **problem.headers}
    )


def version_of(if_match: str | None) -> int:
    """The version in an If-Match header; -1, which nothing has, for other tags. Raises ProblemError (428) for none."""
    if if_match is None:
        title = "If-Match ヘッダーに、読み取ったときの ETag を指定してください"
        raise ProblemError(Problem(428, "if-match-required", title))
    tag = if_match.strip().removeprefix('"').removesuffix('"')
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 12 else -1
