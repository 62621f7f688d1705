"""Logs and metrics of every function: constant event names with data in fields, never a customer's name or address.

An exception's text, a traceback and a Python warning can repeat any value that the program holds, so none of them is
ever written. `log_failure` is the only way to log an exception, and `entry_point` lets none of ours reach Lambda, whose
runtime prints text and traceback of what leaves a handler.
"""

import warnings
from collections.abc import Callable
from functools import wraps
from traceback import walk_tb
from typing import Any, TextIO, TypeVar

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

logger = Logger()
"""JSON lines; the service name comes from POWERTOOLS_SERVICE_NAME."""

metrics = Metrics(namespace="Shukka")

_FRAMES_SHOWN = 6
_our_packages = {"shukka", "documents"}

Answer = TypeVar("Answer")
Handler = Callable[[dict[str, Any], LambdaContext], Answer]


class InvocationFailedError(Exception):
    """What Lambda sees instead of an unexpected exception, so that it counts the failure and retries."""


def entry_point(handler: Handler[Answer]) -> Handler[Answer]:
    """Decorates a Lambda handler: each log line has the request id, and no exception leaves with its text."""
    _our_packages.add(handler.__module__.partition(".")[0])

    # Never the event itself, whatever the environment says: it holds orders.
    @logger.inject_lambda_context(log_event=False)
    @wraps(handler)
    def guarded(event: dict[str, Any], context: LambdaContext) -> Answer:
        try:
            return handler(event, context)
        except Exception as failure:
            log_failure("invocation_failed", failure)
        # Outside the except block, so that the first exception is not its context.
        raise InvocationFailedError("the log says where: invocation_failed")

    return guarded


def log_failure(event: str, failure: Exception, *, retried: bool = False, **ids: object) -> None:
    """Logs an exception by its type and place; `ids` say what it is about.

    The line is a warning where the work is `retried`, else an error. `where` reads from the handler inwards:
    `order_api/routes/orders.py:51 > shukka/store/orders.py:88 > pydantic/main.py:766`.
    """
    fields: dict[str, object] = {"error": type(failure).__name__, "where": _where(failure), **ids}
    if cause := failure.__cause__ or failure.__context__:
        fields["cause"] = type(cause).__name__
    if isinstance(failure, ClientError):
        fields["code"] = failure.response.get("Error", {}).get("Code")
    log = logger.warning if retried else logger.error
    log(event, stacklevel=3, extra=fields)


def _where(failure: Exception) -> str:
    """The innermost frames of our code, and the library's that raised it."""
    frames = [
        (frame.f_globals.get("__name__", "").partition(".")[0], frame.f_code.co_filename, line)
        for frame, line in walk_tb(failure.__traceback__)
    ]
    shown = [frame for frame in frames if frame[0] in _our_packages][-_FRAMES_SHOWN:]
    if frames[-1:] != shown[-1:]:
        shown.append(frames[-1])
    return " > ".join(f"{_short(file, package)}:{line}" for package, file, line in shown)


def _short(file: str, package: str) -> str:
    """The path from its package on: the same on Lambda and here."""
    _, found, inside = file.rpartition(f"/{package}/")
    return f"{package}/{inside}" if found else file.rpartition("/")[2]


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Pydantic's warnings quote the value that they are about."""
    logger.warning("python_warning", category=category.__name__, where=f"{filename.rpartition('/')[2]}:{lineno}")


warnings.showwarning = _log_warning
