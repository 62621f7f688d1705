"""What every route is guarded by: who may call it (nobody, unless the route says so), and with which parameters."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from order_api.query import only_known_parameters
from shukka.http import FORBIDDEN, Caller, ProblemError, Role, caller_of


class Allow:
    """Route middleware: lets the given roles through, with query parameters that the route has."""

    def __init__(self, *roles: Role, everyone: bool = False) -> None:
        self._roles = frozenset(roles)
        self._everyone = everyone
        self.__name__ = "allow"

    def __call__(self, app: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[Any]:
        guard(app)
        return next_middleware(app)

    def admits(self, caller: Caller) -> bool:
        return self._everyone or bool(self._roles & caller.roles)


STAFF = Allow(Role.STAFF)
STOREFRONT = Allow(Role.STAFF, Role.STOREFRONT)
OPEN = Allow(everyone=True)


def guard(app: APIGatewayHttpResolver) -> None:
    """Raises ProblemError: 403 unless the matched route has an `Allow` that admits the caller, 422 for parameters that
    the route does not have.
    """
    caller = caller_of(app.current_event.raw_event)
    gates = [gate for gate in app.context["_route"].middlewares if isinstance(gate, Allow)]
    if not gates or not all(gate.admits(caller) for gate in gates):
        raise ProblemError(FORBIDDEN)
    only_known_parameters(app)
