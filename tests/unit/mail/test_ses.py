"""What each way of failing says about the mail: against a server that misbehaves, with the client that is deployed."""

import base64
import json
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore import exceptions
from botocore.config import Config

from local.patience import HANG_SECONDS, wait_for
from shukka import aws
from shukka.domain.mail.addressing import Envelope
from shukka.mail.ses import SesMailSender
from shukka.usecases.mail.send import LEASE
from shukka.usecases.ports import Letter, MailNotSentError, MailOutcomeUnknownError, MailRejectedError

LETTER = Letter(
    ("order", "100001"), Envelope("shop@example.jp", '"a..b"@docomo.ne.jp'), "件名", b"Subject: x\r\n\r\nbody\r\n"
)
Endpoint = Callable[..., SesMailSender]


class Server(ThreadingHTTPServer):
    """SES, which answers as the test says and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: tuple[int, str] | str = (200, "")
        self.requests: list[dict[str, Any]] = []
        self.connections: set[tuple[str, int]] = set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is what the test is about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        self.server.requests.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.server.connections.add(self.client_address)
        if self.server.answer == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif self.server.answer == "stay silent":
            # Until the client has gone.
            self.rfile.read(1)
            self.close_connection = True
        else:
            status, code = self.server.answer
            content = {"MessageId": "ses-1"} if status == 200 else {"message": "buyer1@example.jp is bad"}
            body = b"{" if code == "garbled" else json.dumps(content).encode()
            self.send_response(status)
            if code:
                self.send_header("x-amzn-errortype", code)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """A sender as deployed, but it connects to a port of this machine, with the given time-out."""
    deployed = aws._CONFIGS["sesv2"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    made = []

    def sender(port: int, seconds: float = HANG_SECONDS) -> SesMailSender:
        patience = deployed.merge(Config(connect_timeout=HANG_SECONDS, read_timeout=seconds))
        monkeypatch.setitem(aws._CONFIGS, "sesv2", patience)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", f"http://127.0.0.1:{port}")
        client = aws.client.__wrapped__("sesv2")
        made.append(client)
        return SesMailSender(client, "shukka")

    yield sender
    for client in made:
        client.close()


@pytest.fixture
def sender(server: Server, endpoint: Endpoint) -> SesMailSender:
    return endpoint(server.server_port)


def test_an_accepted_mail_has_a_message_id(server, sender):
    assert sender.send(LETTER) == "ses-1"
    (request,) = server.requests
    assert base64.b64decode(request["Content"]["Raw"]["Data"]) == LETTER.mime
    assert request["Destination"] == {"ToAddresses": ['"a..b"@docomo.ne.jp']}
    assert request["FromEmailAddress"] == "shop@example.jp"
    assert request["ConfigurationSetName"] == "shukka"
    assert request["EmailTags"] == [{"Name": "order", "Value": "100001"}]


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "MessageRejected"), (400, "MailFromDomainNotVerifiedException"), (400, "BadRequestException")],
)
def test_what_ses_will_never_take_is_rejected_with_a_reason_for_staff(server, sender, status, code):
    server.answer = (status, code)

    with pytest.raises(MailRejectedError, match="メールサービス") as rejection:
        sender.send(LETTER)

    assert "buyer1" not in str(rejection.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "TooManyRequestsException"),
        (400, "LimitExceededException"),
        (400, "SendingPausedException"),
        (400, "AccountSuspendedException"),
        (404, "NotFoundException"),
        (403, "AccessDeniedException"),
        (403, "ExpiredTokenException"),
        (500, "InternalServiceErrorException"),
        (503, "ServiceUnavailable"),
    ],
)
def test_what_ses_refuses_for_now_was_not_sent_and_is_not_tried_again_behind_our_back(server, sender, status, code):
    server.answer = (status, code)

    with pytest.raises(MailNotSentError, match=f"^{code}$"):
        sender.send(LETTER)

    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [(502, ""), (504, ""), (200, "garbled"), "hang up"])
def test_no_answer_of_ses_itself_leaves_the_outcome_unknown(server, sender, answer):
    server.answer = answer

    with pytest.raises(MailOutcomeUnknownError):
        sender.send(LETTER)

    assert len(server.requests) == 1


def test_silence_leaves_the_outcome_unknown(server, endpoint):
    server.answer = "stay silent"

    with pytest.raises(MailOutcomeUnknownError):
        endpoint(server.server_port, seconds=0.3).send(LETTER)

    wait_for(lambda: server.requests)
    assert len(server.requests) == 1


def test_nobody_there_means_not_sent(endpoint):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))

        with pytest.raises(MailNotSentError, match="EndpointConnectionError"):
            endpoint(reserved.getsockname()[1]).send(LETTER)


def test_a_request_that_does_not_validate_was_not_sent(server, sender):
    with pytest.raises(MailNotSentError, match="ParamValidationError"):
        sender.send(LETTER._replace(about=("order", None)))

    assert server.requests == []


@pytest.mark.parametrize(
    "failure",
    [
        exceptions.ConnectTimeoutError(endpoint_url="https://email.example"),
        exceptions.NoCredentialsError(),
        exceptions.CredentialRetrievalError(provider="container", error_msg="x"),
    ],
)
def test_what_fails_before_the_request_is_written_was_not_sent(failure):
    with pytest.raises(MailNotSentError, match=type(failure).__name__):
        SesMailSender(FailingClient(failure), "shukka").send(LETTER)


@pytest.mark.parametrize(
    "failure", [exceptions.SSLError(endpoint_url="https://email.example", error="x"), ConnectionResetError()]
)
def test_what_may_fail_after_the_request_was_written_is_unknown(failure):
    with pytest.raises(MailOutcomeUnknownError, match=type(failure).__name__):
        SesMailSender(FailingClient(failure), "shukka").send(LETTER)


def test_every_mail_gets_a_connection_that_cannot_have_died_unnoticed(server, sender):
    sender.send(LETTER)
    sender.send(LETTER)

    assert len(server.connections) == 2


def test_one_call_fits_well_into_the_lease():
    deployed = aws._CONFIGS["sesv2"]

    assert deployed.retries["total_max_attempts"] == 1
    assert 5 * (deployed.connect_timeout + deployed.read_timeout) < LEASE.total_seconds()


class FailingClient:
    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def close(self) -> None: ...

    def send_email(self, **request: Any) -> None:
        raise self._failure
