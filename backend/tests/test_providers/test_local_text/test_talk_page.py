"""docs/how-to/talk-to-the-copywriter.md: every example sentence on the page is understood."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.providers.local_text.data import shipped
from app.providers.local_text.feedback import FeedbackParser

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "talk-to-the-copywriter.md"
TEXT = PAGE.read_text(encoding="utf-8")
SAID = re.findall(r"`([^`]+)`", TEXT)
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "`" in line]


def test_the_page_lists_fifteen_wishes_with_one_sentence_each() -> None:
    assert len(ROWS) == 15
    assert all(row.count("`") == 2 for row in ROWS)


@pytest.mark.parametrize("said", SAID)
def test_each_sentence_is_understood(said: str) -> None:
    names = [step.name for step in FeedbackParser(shipped()).parse([said])]
    assert names
    assert not {"unknown", "unsupported", "partly", "praise"} & set(names)


def test_the_fifteen_are_fifteen_different_wishes() -> None:
    parser = FeedbackParser(shipped())
    steps = [parser.parse([re.findall(r"`([^`]+)`", row)[0]])[0] for row in ROWS]
    assert len({(step.name, step.tone, step.scene) for step in steps}) == 15
