"""Lists the fixture modules, one noun each. Append a line; fixtures themselves live in tests/fixtures/<noun>.py."""

pytest_plugins: list[str] = [
    "tests.fixtures.cli",
    "tests.fixtures.configuration",
    "tests.fixtures.db",
    "tests.fixtures.fakes",
    "tests.fixtures.pipeline",
    "tests.fixtures.s3",
    "tests.fixtures.server",
    "tests.fixtures.valkey",
]
