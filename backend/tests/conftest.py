"""Lists the fixture modules, one noun each. Append a line; fixtures themselves live in tests/fixtures/<noun>.py."""

import os

import pytest
from hypothesis import HealthCheck, settings

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", UNTIMED, derandomize=True)
settings.register_profile("explore", UNTIMED, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
"""The same examples every time: what CI refuses can be repeated. HYPOTHESIS_PROFILE=explore looks for new ones.

A busy machine is no fault of the code, so no example has a deadline.
"""

os.environ["ADMINT_SCORER"] = "none"
"""Nobody scores unless a test is about scores: one would only land in the middle of something else."""

pytest_plugins: list[str] = [
    "tests.fixtures.cli",
    "tests.fixtures.configuration",
    "tests.fixtures.db",
    "tests.fixtures.fakes",
    "tests.fixtures.pipeline",
    "tests.fixtures.s3",
    "tests.fixtures.scoring",
    "tests.fixtures.server",
    "tests.fixtures.valkey",
    "tests.fixtures.vbench",
]


_WHOLE_ADS = {"test_integration", "test_blackbox", "test_cli", "test_api"}
"""Folders whose tests make whole ads."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first: at the end of a run both workers then have something short to do."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, item.path.parent.name not in _WHOLE_ADS))
