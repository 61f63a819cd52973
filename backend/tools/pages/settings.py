"""docs/reference/settings.md: every environment variable, from app/core/settings.py.

Tests: tests/test_house/test_docs.py
"""

from __future__ import annotations

from pathlib import Path

from pydantic.fields import FieldInfo

from app.core.settings import Settings
from tools.pages.markdown import code, page, table


def variable(name: str, field: FieldInfo) -> str:
    """The environment variable of a field."""
    return str(field.validation_alias or name.upper())


def render() -> str:
    """The page."""
    rows = [
        [code(variable(name, field)), _default(field), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return page(
        "Settings",
        "Read from the environment, then from a `.env` file in the working folder. "
        "Nothing needs to be set: the defaults make ads offline.",
        table(["Variable", "Default", "Meaning"], rows),
    )


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "computed"
    default = field.default
    return "" if default is None or default == "" else code(default if not isinstance(default, Path) else str(default))
