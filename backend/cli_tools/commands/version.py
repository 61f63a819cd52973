"""`admint version`. Tests: tests/test_cli/test_small_verbs.py"""

from __future__ import annotations

from app.core.version import admint_version
from cli_tools.render import Format, Screen


def run(style: Format) -> int:
    """Print the version. Returns the exit code."""
    screen = Screen(style)
    screen.result(admint_version(), f"AdMint {admint_version()}")
    screen.document({"version": admint_version()})
    return 0
