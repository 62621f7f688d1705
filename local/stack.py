"""The real `template.yaml` on this machine: a running stack and the ways into it.

with running_stack() as stack:
    stack.client("s3").upload_file("shipments.csv", stack.bucket, "imports/shipments.csv")
"""

import base64
import json
import secrets
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from local.deploy import STAFF_EMAIL, deploy, resource_ids
from local.package import Source
from local.patience import HANG_SECONDS
from local.server import RUNS, Server, start

_STATE = RUNS / "stack.json"
_PROJECT = Source()


class Stack:
    """A deployed stack. Its tokens are those of a storefront and of one staff user."""

    def __init__(self, server: Server, staff_password: str) -> None:
        self._server = server
        self._staff_password = staff_password

    @property
    def endpoint_url(self) -> str:
        """Where AWS clients of this stack point."""
        return self._server.url

    @property
    def api_url(self) -> str:
        # The form with a path: *.localhost is not resolved everywhere.
        return f"{self._server.url}/_aws/execute-api/{self.resource_ids['HttpApi']}"

    @property
    def bucket(self) -> str:
        return self.resource_ids["FilesBucket"]

    @property
    def orders_table(self) -> str:
        return self.resource_ids["OrdersTable"]

    @property
    def imports_table(self) -> str:
        return self.resource_ids["ImportsTable"]

    @property
    def settings_table(self) -> str:
        return self.resource_ids["SettingsTable"]

    @cached_property
    def resource_ids(self) -> dict[str, str]:
        """Physical ids by the template's logical ids."""
        return resource_ids(self._server)

    @property
    def log(self) -> Path:
        """What the server and the functions print."""
        return self._server.log

    def client(self, service: str) -> Any:  # noqa: ANN401 -- any service, and few have stubs
        """A boto3 client that acts as the account's root."""
        return self._server.client(service)

    def storefront_token(self) -> str:
        """A token for `shukka/storefront`, got the way a storefront gets it. Valid for an hour."""
        client_id = self.resource_ids["StorefrontClient"]
        described = self.client("cognito-idp").describe_user_pool_client(
            UserPoolId=self.resource_ids["UserPool"], ClientId=client_id
        )
        credentials = f"{client_id}:{described['UserPoolClient']['ClientSecret']}".encode()
        request = urllib.request.Request(
            f"{self._server.url}/oauth2/token",
            data=urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "shukka/storefront"}).encode(),
            headers={"authorization": f"Basic {base64.b64encode(credentials).decode()}"},
        )
        with urllib.request.urlopen(request, timeout=HANG_SECONDS) as answer:
            token: str = json.load(answer)["access_token"]
            return token

    def staff_token(self) -> str:
        """A token of a user in the group `staff`. Valid for an hour."""
        answer = self.client("cognito-idp").initiate_auth(
            ClientId=self.resource_ids["StaffClient"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": STAFF_EMAIL, "PASSWORD": self._staff_password},
        )
        token: str = answer["AuthenticationResult"]["AccessToken"]
        return token

    def stop(self) -> None:
        """End it and remove all it wrote."""
        self._server.stop()


@contextmanager
def running_stack(source: Source = _PROJECT, origins: Sequence[str] = ()) -> Iterator[Stack]:
    """A stack for as long as the block lasts; it ends even if this process is killed. Raises StackError."""
    stack = _deployed(source, outlive=False, origins=origins)
    try:
        yield stack
    finally:
        stack.stop()


def start_in_background(origins: Sequence[str] = ()) -> Stack:
    """A new stack, running until `stop_in_background`. Raises StackError."""
    stack = _deployed(_PROJECT, outlive=True, origins=origins)
    server = stack._server
    state = {"pid": server.pid, "port": server.port, "folder": str(server.folder), "password": stack._staff_password}
    _STATE.write_text(json.dumps(state))
    return stack


def find_in_background() -> Stack | None:
    """The stack that `make up` left running, or None."""
    stack = _recorded()
    return stack if stack is not None and stack._server.answers() else None


def stop_in_background() -> bool:
    """End the stack that `make up` left running; False if there is none."""
    stack = _recorded()
    if stack is None:
        return False
    stack.stop()
    _STATE.unlink()
    return True


def _recorded() -> Stack | None:
    if not _STATE.exists():
        return None
    state = json.loads(_STATE.read_text())
    return Stack(Server(state["pid"], state["port"], Path(state["folder"])), state["password"])


def _deployed(source: Source, *, outlive: bool, origins: Sequence[str]) -> Stack:
    # Cognito's policy wants a lower-case letter, an upper-case letter and a digit.
    password = secrets.token_urlsafe(16) + "aA1"
    server = start(outlive=outlive)
    try:
        deploy(server, source, password, origins)
    except BaseException:
        server.stop()
        raise
    return Stack(server, password)
