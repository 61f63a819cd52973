"""cli_tools/arguments.py: several values behind one flag, and what format the answer has."""

from __future__ import annotations

import pytest

from cli_tools.arguments import spread_values, wants_json


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (
            ["--product-images", "a", "b", "--logo", "x"],
            ["--product-images", "a", "--product-images", "b", "--logo", "x"],
        ),
        (["--product-images", "a"], ["--product-images", "a"]),
        (
            ["--product-images=a", "--product-images", "b", "c"],
            ["--product-images=a", "--product-images", "b", "--product-images", "c"],
        ),
        (["--product-images"], ["--product-images"]),
        (["--product-images", "--logo", "x"], ["--product-images", "--logo", "x"]),
        (["--character-images", "a", "b"], ["--character-images", "a", "--character-images", "b"]),
        (["--prompt", "a", "b"], ["--prompt", "a", "b"]),
        (["--product-images", "-"], ["--product-images", "-"]),
        (["--product-images", "a", "--", "b"], ["--product-images", "a", "--", "b"]),
    ],
)
def test_values_are_spread(typed: list[str], meant: list[str]) -> None:
    assert spread_values(["generate", *typed]) == ["generate", *meant]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["generate", "--format", "json"], True),
        (["--format=json"], True),
        (["--format", "text"], False),
        (["--prompt", "--format"], False),
        ([], False),
    ],
)
def test_format_is_known_before_parsing(words: list[str], answer: bool) -> None:
    assert wants_json(words) is answer
