"""Hypothesis is loaded for the modules that use it alone, and never bound by seconds. AWS's models are read once."""

import sys
from functools import cache

import botocore.loaders
import pytest

# Tests make a thousand clients, and each would parse the same megabytes of JSON.
_READ = botocore.loaders.JSONFileLoader().load_file
botocore.loaders.JSONFileLoader.load_file = staticmethod(cache(_READ))  # type: ignore[method-assign, assignment]


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Before a module is imported: its decorators take their defaults from the profile."""
    if isinstance(collector, pytest.Module) and "hypothesis" in collector.path.read_text("utf-8"):
        _load_profile()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Its plugin would load it for the summary, which takes longer than most tests."""
    plugins = session.config.pluginmanager
    if "hypothesis" not in sys.modules and plugins.has_plugin("hypothesispytest"):
        plugins.unregister(name="hypothesispytest")


@cache
def _load_profile() -> None:
    from hypothesis import HealthCheck, settings  # noqa: PLC0415 - half a second that most modules do not need

    settings.register_profile("shukka", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("shukka")
