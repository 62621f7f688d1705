"""What runs on GitHub is pinned, may do little, and calls targets that there are."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_pins_its_actions_and_only_reads(path):
    workflow = yaml.safe_load(path.read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    actions = [step["uses"] for step in steps if "uses" in step]

    assert actions
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in actions)
    assert workflow["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("path", [*WORKFLOWS, ROOT / "CONTRIBUTING.md", ROOT / "README.md"], ids=lambda path: path.name)
def test_every_target_that_is_named_exists(path):
    lines = re.findall(r"(?:run: |^\$ |^|`)make ((?:[a-z-]+ ?)+)", path.read_text("utf-8"), re.MULTILINE)
    named = {target for line in lines for target in line.split()}

    assert named
    assert named <= TARGETS | {"-s"}


def test_hooks_run_the_tools_of_make():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    entries = [hook["entry"].removesuffix(" --fix") for repo in config["repos"] for hook in repo["hooks"]]
    makefile = (ROOT / "Makefile").read_text()

    assert all(entry in makefile for entry in entries)


def test_files_that_contributing_and_security_name_exist():
    for name in ("CONTRIBUTING.md", "SECURITY.md"):
        text = (ROOT / name).read_text("utf-8")
        paths = re.findall(r"`((?:layers|functions|tests|docs|local)/[\w./-]+)`", text)
        assert paths
        assert [path for path in paths if not (ROOT / path).exists()] == []
