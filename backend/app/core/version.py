"""Which AdMint this is. Called by app/api and by the command line. Tests: tests/test_cli/test_small_verbs.py"""

from __future__ import annotations


def admint_version() -> str:
    """Return the installed version, `source` when AdMint runs from a checkout that was not installed."""
    from importlib import metadata

    try:
        return metadata.version("admint")
    except metadata.PackageNotFoundError:
        return "source"
