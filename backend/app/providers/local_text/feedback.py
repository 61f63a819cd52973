"""Feedback: the user's sentences become operations on the plan. Nothing is ever edited word by word.

Called by story_writer.py. Tests: tests/test_providers/test_local_text/test_feedback.py
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast, get_args

from app.providers.local_text.data import CopyData
from app.providers.local_text.words import bare, straight
from app.schemas.story import Tone


@dataclass(frozen=True)
class Operation:
    """One thing asked for. `scene` and `other` are 1-based, -1 is the last; `turn` counts the sentences."""

    name: str
    text: str = ""
    new: str = ""
    scene: int | None = None
    other: int | None = None
    tone: Tone | None = None
    turn: int = 0


class FeedbackParser:
    """Reads feedback sentences with the patterns of feedback.yaml."""

    def __init__(self, data: CopyData) -> None:
        self._data = data
        table = data.feedback
        named = {word: tone for tone, words in table.tone_words.items() for word in words}
        self._tones: dict[str, Tone] = named
        fill = {
            "{SCENE}": f"(?:{table.scene})",
            "{TONES}": "|".join(re.escape(word) for word in sorted(named, key=len, reverse=True)),
        }
        self._rows = [(row, re.compile(_filled(row["pattern"], fill), re.IGNORECASE)) for row in table.operations]
        self._split = re.compile(table.split, re.IGNORECASE)
        self._lead = re.compile(table.mention_lead, re.IGNORECASE)
        self._prefix = re.compile(table.keep_prefix, re.IGNORECASE)

    def parse(self, feedback: list[str]) -> list[Operation]:
        """All operations, in order. What no pattern knows becomes ``unknown`` with its text."""
        found = []
        for turn, said in enumerate(feedback):
            for part in self._parts(said):
                found.append(self._one(part, turn))
        return found

    def _parts(self, said: str) -> list[str]:
        pieces = [piece for piece in self._split.split(straight(said)) if piece and piece.strip(" ,.!?")]
        return [self._prefix.sub("", piece.strip(" ,!?")) for piece in pieces]

    def _one(self, part: str, turn: int) -> Operation:
        for row, pattern in self._rows:
            match = pattern.search(part)
            if match:
                groups = match.groupdict()
                text = bare((groups.get("text") or "").strip())
                text = self._lead.sub("", text) if row["op"] in ("mention", "drop", "audience") else text
                return Operation(
                    row["op"],
                    part if row["op"] == "unsupported" else text,
                    bare(groups.get("new") or ""),
                    self._number(
                        row.get("scene") or groups.get("scene") or groups.get("scene2") or groups.get("scene3")
                    ),
                    self._number(groups.get("other")),
                    self._tone(row.get("tone") or groups.get("tone")),
                    turn,
                )
        return Operation("unknown", part, turn=turn)

    def _number(self, said: str | None) -> int | None:
        if said is None:
            return None
        return int(said) if said.isdigit() else self._data.feedback.scene_numbers.get(said.lower(), -1)

    def _tone(self, said: str | None) -> Tone | None:
        if not said:
            return None
        lowered = said.lower()
        return cast(Tone, lowered) if lowered in get_args(Tone) else self._tones.get(lowered)


def _filled(pattern: str, fill: dict[str, str]) -> str:
    for name, value in fill.items():
        pattern = pattern.replace(name, value)
    return pattern
