"""What a cold start loads: each function's imports against the libraries that it cannot do without, in CPU time."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
_TARGET = 1.2
_RUNS = 9

_POWERTOOLS = (
    "from aws_lambda_powertools import Logger; from aws_lambda_powertools.utilities.typing import LambdaContext"
)
_BATCH = "import aws_lambda_powertools.utilities.batch, aws_lambda_powertools.utilities.data_classes.sqs_event"
_METRICS = "from aws_lambda_powertools import Metrics"
_RESOLVER = (
    "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver; "
    "APIGatewayHttpResolver(enable_validation=True); "
    "import aws_lambda_powertools.event_handler.openapi.params"
)
_AWS = "import boto3, botocore.config, botocore.exceptions, decimal, uuid"
_PYDANTIC = "from pydantic import BaseModel, TypeAdapter, AwareDatetime; BaseModel.model_json_schema"
# What each function cannot do without: AWS, validation, logging, its trigger, and what it makes.
NEEDS = {
    "order_api": (_AWS, _PYDANTIC, _POWERTOOLS, _METRICS, _RESOLVER),
    "shipment_import": (_AWS, _PYDANTIC, _POWERTOOLS, _METRICS, _BATCH, "import csv, tempfile, concurrent.futures"),
    "outbox_relay": (_AWS, _POWERTOOLS, _METRICS),
    "number_watcher": (_AWS, _PYDANTIC, _POWERTOOLS, _METRICS, "import concurrent.futures"),
    "mail_sender": (
        _AWS,
        _PYDANTIC,
        _POWERTOOLS,
        _METRICS,
        _BATCH,
        "import jinja2.sandbox, email.mime.text, email.mime.multipart, email.header, email.utils",
    ),
    "document_maker": (_AWS, _PYDANTIC, _POWERTOOLS, _METRICS, _BATCH, "import fpdf, uharfbuzz"),
    "stock_keeper": (_AWS, _PYDANTIC, _POWERTOOLS, _METRICS, _BATCH, "import concurrent.futures"),
    "ship_on_date": (_AWS, _PYDANTIC, _POWERTOOLS, _METRICS, "import concurrent.futures"),
}


def figures() -> list[dict[str, Any]]:
    return [_figure(name, "; ".join(needs)) for name, needs in NEEDS.items()]


def _figure(name: str, needs: str) -> dict[str, Any]:
    ours, theirs = [], []
    for _ in range(_RUNS):
        ours.append(_cpu_seconds(f"import {name}.app"))
        theirs.append(_cpu_seconds(needs))
    value = round(median(ours) / median(theirs), 2)
    return {
        "name": f"import_time_{name}",
        "value": value,
        "unit": "x",
        "target": _TARGET,
        "holds": value <= _TARGET,
    }


def _cpu_seconds(code: str) -> float:
    program = f"import time; t = time.process_time(); {code}; print(time.process_time() - t)"
    environment = {"PYTHONPATH": f"{ROOT / 'layers'}:{ROOT / 'functions'}", "POWERTOOLS_SERVICE_NAME": "bench"}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return float(run.stdout)
