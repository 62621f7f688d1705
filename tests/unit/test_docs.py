"""The documentation names what there is: each route, each alarm, and files that exist."""

import json
import re
from pathlib import Path

import pytest

from local.template import load_template

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.md")] if path.is_file()
)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def test_each_route_is_listed():
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))["paths"]

    assert [path for path in paths if re.sub("^/settings/[a-z_]+$", "/settings/{section}", path) not in page] == []


def test_each_alarm_has_a_line_in_the_runbook():
    runbook = (ROOT / "docs" / "operations.md").read_text("utf-8")
    alarms = [
        name for name, resource in load_template()["Resources"].items() if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]

    assert alarms
    # One line stands for the errors of each function.
    assert [name for name in alarms if name not in runbook and not name.endswith("ErrorsAlarm")] == []


@pytest.mark.parametrize("page", PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def test_links_lead_somewhere(page):
    links = _LINK.findall(page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []
