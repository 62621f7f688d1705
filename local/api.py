"""A small HTTP client for the stack's API."""

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple

from local.patience import HANG_SECONDS


class Answer(NamedTuple):
    """`body` is the parsed JSON, or None where the answer has none."""

    status: int
    headers: dict[str, str]
    body: Any


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Hands a redirect to the caller: the token must not travel on to the link's host."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


class Api:
    """Calls with one bearer token; an error status is an answer, not an exception."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url
        self._token = token

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """`headers` are given with underscores: `if_match='"1"'`."""
        request = urllib.request.Request(self._url + path, method=method)
        if self._token:
            request.add_header("authorization", f"Bearer {self._token}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        if body is not None:
            request.data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            request.add_header("content-type", "application/json")
        try:
            with _OPENER.open(request, timeout=HANG_SECONDS) as answer:
                return _answer(answer.status, answer)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error)


def _answer(status: int, response: Any) -> Answer:  # noqa: ANN401 - HTTPResponse or HTTPError, alike in what is used
    headers = {name.lower(): value for name, value in response.headers.items()}
    content = response.read()
    is_json = "json" in headers.get("content-type", "")
    return Answer(status, headers, json.loads(content) if content and is_json else None)
