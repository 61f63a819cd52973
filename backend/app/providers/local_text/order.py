"""Finds what "start with the price" names in a draft: a scene to move to the front, or words to open with.

Called by revision.py. Tests: tests/test_providers/test_local_text/test_fifteen_operations.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.providers.local_text.data import CopyData, Subject
from app.providers.local_text.facts import Facts
from app.providers.local_text.words import content, straight
from app.schemas.story import Copy


class Placed(Protocol):
    """A scene with its role and words."""

    role: str

    @property
    def copy(self) -> Copy: ...


def lead_index(text: str, rows: Sequence[Placed], facts: Facts, data: CopyData) -> tuple[int | None, str]:
    """Return the index of the scene whose headline says it, or (None, the words), or (None, "") when nothing does.

    The last scene is never moved: it carries the call to action.
    """
    subject = next((s for s in data.feedback.subjects.values() if straight(text).lower() in s.words), None)
    wanted = _wanted(text, subject, facts, data)
    for index, row in enumerate(rows[:-1]):
        headline = straight(row.copy.headline).lower()
        if any(straight(each).lower() in headline for each in wanted):
            return index, ""
    if subject:
        named = [index for index, row in enumerate(rows[:-1]) if row.role in subject.roles]
        if named:
            return named[0], ""
    if wanted:
        return None, wanted[0]
    stop = data.words("stop_words")
    for index, row in enumerate(rows[:-1]):
        if content(text, stop) and content(text, stop) <= content(row.copy.headline, stop):
            return index, ""
    return None, ""


def _wanted(text: str, subject: Subject | None, facts: Facts, data: CopyData) -> list[str]:
    """The stated facts that are meant, in the brief's words."""
    if subject:
        return [span.text for span in facts.spans if span.type in subject.types]
    stop = data.words("stop_words")
    said = content(text, stop) - {"fact"}
    return [span.text for span in facts.spans if said and said <= content(span.text, stop)]
