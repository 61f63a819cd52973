"""Lists the fixture modules, one noun each. Append a line; fixtures themselves live in tests/fixtures/<noun>.py."""

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore", max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
"""The same examples every time: what CI refuses can be repeated. HYPOTHESIS_PROFILE=explore looks for new ones."""

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
