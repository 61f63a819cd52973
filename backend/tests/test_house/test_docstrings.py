"""Every test file or folder that a module names exists: whoever changes a module finds its tests."""

from __future__ import annotations

import re

from tests.test_house.tree import BACKEND

NAMED = re.compile(r"tests/[\w/]+(?:\.py|/(?=[\s.,;]|$))")


def test_every_named_test_is_there() -> None:
    missing = [
        f"{path.relative_to(BACKEND)} names {name}"
        for folder in ("app", "cli_tools", "fakes", "tools")
        for path in sorted((BACKEND / folder).rglob("*.py"))
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
        if not (BACKEND / name).exists()
    ]
    assert missing == []
