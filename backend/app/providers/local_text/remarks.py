"""Notes of a story that quote the user: written from rules.yaml, and read back by the critic.

Called by story_writer.py, feedback.py and story_critic.py. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.providers.local_text.data import CopyData

_SLOT = re.compile(r"\\\{\w+\\\}")
"""A slot such as {text} after re.escape."""


def remark(data: CopyData, name: str, text: str = "", **fill: object) -> str:
    """The note `name` of rules.yaml about `text`."""
    return data.rules.notes[name].format(text=text, **fill)


def holds(notes: Sequence[str], data: CopyData, *names: str) -> bool:
    """True when one of the notes was made by `remark` with one of the names."""
    sources = [_SLOT.sub(".+", re.escape(data.rules.notes[name])) for name in names]
    return any(re.fullmatch(source, note, re.DOTALL) for source in sources for note in notes)


def said_in(notes: Sequence[str], data: CopyData, name: str) -> list[str]:
    """The texts that notes of one kind quote."""
    before, _, after = data.rules.notes[name].partition("{text}")
    pattern = re.compile(re.escape(before) + "(.+?)" + re.escape(after))
    return [match.group(1) for note in notes if (match := pattern.fullmatch(note))]
