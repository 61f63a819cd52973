"""Lists the fixture modules, one noun each. Append a line; fixtures themselves live in tests/fixtures/<noun>.py."""

import os

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
