"""What the launcher promises: it hides nothing that AWS would refuse, and it leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from local.package import Source
from local.patience import HANG_SECONDS, wait_for
from local.stack import running_stack
from local.template import ROOT, load_template

HANDLERS = """
import importlib.util
import json
import os

import boto3
from botocore.exceptions import ClientError


def http_handler(event, context):
    found = {name: importlib.util.find_spec(name) is not None for name in ("shukka", "documents", "samtranslator")}
    return {"statusCode": 200, "body": json.dumps({"modules": found, "scan": scan()})}


def scan():
    try:
        boto3.client("dynamodb").scan(TableName=os.environ["ORDERS_TABLE"])
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return "allowed"


def handler(event, context):
    return http_handler(event, context) if "rawPath" in event else {"batchItemFailures": []}
"""

START_AND_WAIT = """
from local.server import start
server = start(outlive=False)
print(server.port, server.folder, flush=True)
input()
"""


@pytest.fixture(scope="module")
def probes(tmp_path_factory) -> Source:
    """Functions of the real names that tell what they may see and do."""
    folder = tmp_path_factory.mktemp("functions")
    resources = load_template()["Resources"].values()
    handlers = [resource["Properties"].get("Handler") for resource in resources]
    for package in {handler.split(".")[0] for handler in handlers if handler}:
        (folder / package).mkdir()
        (folder / package / "app.py").write_text(HANDLERS)
    return Source(functions=folder)


def test_a_function_sees_its_layers_only_and_may_do_what_its_role_allows(probes):
    with running_stack(probes) as stack:
        order_api = call(f"{stack.api_url}/health")
        document_maker = call(f"{stack.api_url}/orders/100001/documents/invoice", stack.staff_token())

        assert order_api["modules"] == {"shukka": True, "documents": False, "samtranslator": False}
        assert document_maker["modules"] == {"shukka": True, "documents": True, "samtranslator": False}
        assert order_api["scan"] == "AccessDeniedException"


def test_the_server_ends_with_its_starter_even_if_that_is_killed():
    with subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        port, folder = starter.stdout.readline().split()
        assert listens(int(port))

        starter.send_signal(signal.SIGKILL)

    wait_for(lambda: not listens(int(port)) and not Path(folder).exists())


def call(url: str, token: str | None = None) -> dict:
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=HANG_SECONDS) as answer:
        return json.load(answer)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
