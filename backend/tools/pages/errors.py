"""docs/reference/errors.md: the error tree of app/core/errors.py. Tests: tests/test_house/test_docs.py"""

from __future__ import annotations

from app.core.errors import AdMintError
from tools.pages.markdown import code, page, summary, table


def error_classes(cls: type[AdMintError] = AdMintError) -> list[type[AdMintError]]:
    """The tree in definition order, parents first. Only classes of app/core/errors.py count."""
    children = [child for child in cls.__subclasses__() if child.__module__ == AdMintError.__module__]
    return [cls, *(found for child in children for found in error_classes(child))]


def render() -> str:
    """The page."""
    rows = [
        [_path(cls), code(cls.code), str(cls.http_status), str(cls.exit_code), summary(cls.__doc__)]
        for cls in error_classes()
    ]
    return page(
        "Errors",
        "Every error has a message (what happened), a hint (the next step) and a code that stays the same. "
        "The command line exits with the exit code; the HTTP interface answers with the status.",
        table(["Error", "Code", "HTTP", "Exit code", "Meaning"], rows),
    )


def _path(cls: type[AdMintError]) -> str:
    depth = len([base for base in cls.__mro__ if issubclass(base, AdMintError)]) - 1
    return "&nbsp;" * 4 * depth + code(cls.__name__)
