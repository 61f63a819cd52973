"""Feedback: the user's sentences become operations on the plan. Nothing is ever edited word by word.

Called by story_writer.py. Tests: tests/test_providers/test_local_text/test_feedback.py, test_fifteen_operations.py
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import cast, get_args

from app.providers.local_text.data import CopyData
from app.providers.local_text.words import bare, straight, words
from app.schemas.story import Tone

WORDED = frozenset({"mention", "drop", "audience"})
"""Operations whose text may begin with words that only introduce it."""
WIDE = frozenset({"tone", "tone_off", "pace", "shorter", "simple", "urgent", "humour_off", "serious", "questions_off"})
"""Operations on the whole ad that hold no words of the user's own."""
_QUOTED = re.compile(r"\"[^\"]*\"")


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
    headline_only: bool = False


class FeedbackParser:
    """Reads feedback sentences with the patterns of feedback.yaml."""

    def __init__(self, data: CopyData) -> None:
        self._data = data
        table = data.feedback
        named = {word: tone for tone, words in table.tone_words.items() for word in words}
        self._tones: dict[str, Tone] = named
        self._fill = {
            "{SCENE}": f"(?:{table.scene})",
            "{TONES}": "|".join(re.escape(word) for word in sorted(named, key=len, reverse=True)),
        }
        self._rows = [(row, self._compiled(row["pattern"])) for row in table.operations]
        self._scene_rows = [(row, self._compiled(row["pattern"])) for row in table.scene_operations]
        self._scene_parts = [self._compiled(source) for source in table.scene_parts]
        self._scene = self._compiled("{SCENE}")
        self._split = re.compile(table.split, re.IGNORECASE)
        self._conjunctions = re.compile(table.conjunctions, re.IGNORECASE)
        self._lead = re.compile(table.mention_lead, re.IGNORECASE)
        self._prefix = re.compile(table.keep_prefix, re.IGNORECASE)

    def _compiled(self, source: str) -> re.Pattern[str]:
        for name, value in self._fill.items():
            source = source.replace(name, value)
        return re.compile(source, re.IGNORECASE)

    def parse(self, feedback: list[str]) -> list[Operation]:
        """All operations, in order. What no pattern knows becomes ``unknown`` with its text."""
        found: list[Operation] = []
        for turn, said in enumerate(feedback):
            for part in self.parts(said):
                found += [replace(step, turn=turn) for step in self._read(part)]
        return found

    def parts(self, said: str) -> list[str]:
        """Split at sentence ends and between wishes, never inside double quotes."""
        text = straight(said)
        masked = _QUOTED.sub(lambda match: "x" * len(match.group()), text)
        pieces, start = [], 0
        for match in self._split.finditer(masked):
            pieces.append(text[start : match.start()])
            start = match.end()
        pieces.append(text[start:])
        return [self._prefix.sub("", piece.strip(" ,!")) for piece in pieces if piece.strip(" ,.!?")]

    def _read(self, part: str) -> list[Operation]:
        step = self._of_scene(part)
        if step is None:
            step = self._of_ad(part)
        if step.name not in WIDE:
            return [step]
        return self._conjuncts(part, step)

    def _conjuncts(self, part: str, whole: Operation) -> list[Operation]:
        """'warmer and purple' is one wish that is understood and one that is not; both are answered."""
        pieces = [piece for piece in self._conjunctions.split(part) if piece and piece.strip(" .?")]
        steps = [self._of_ad(self._prefix.sub("", piece)) for piece in pieces]
        if len(pieces) < 2 or not any(step.name == whole.name for step in steps):
            return [whole, *self._leftover(part)]
        found = []
        for step in steps:
            if step.name != "unknown" or self.meant(step.text):
                found.append(step)
        return found

    def _leftover(self, part: str) -> list[Operation]:
        """What a long sentence says beside the one wish that was found in it."""
        rest = part
        for row, pattern in self._rows:
            rest = pattern.sub(" ", rest) if row["op"] in WIDE else rest
        return [Operation("partly", part)] if len(self.meant(rest)) > 1 else []

    def meant(self, text: str) -> list[str]:
        """Words that carry a wish: neither grammar nor politeness."""
        empty = self._data.feedback.noise | self._data.words("stop_words")
        return [word for word in words(text) if straight(word).lower() not in empty]

    def _of_ad(self, part: str) -> Operation:
        asked = part.rstrip(" ?")
        for row, pattern in self._rows:
            match = pattern.search(asked)
            if match:
                step = self._operation(row, match, part)
                return self._narrowed(step, part)
        return Operation("unknown", part)

    def _narrowed(self, step: Operation, part: str) -> Operation:
        """A wish that names a scene touches that scene only, or nothing."""
        named = self._scene.search(part)
        if not named or step.scene is not None or step.name not in WIDE | {"mention", "drop"}:
            return step
        if step.name in WORDED and not (named.group("scene") or named.group("scene2")):
            return step
        rest = " ".join(f"{part[: named.start()]} {part[named.end() :]}".split())
        return self._in_scene(rest, self._scene_of(named)) or Operation("unknown", part)

    def _of_scene(self, part: str) -> Operation | None:
        """The wish of a part of the form 'scene 2: ...'; None when it has no such form."""
        for at, pattern in enumerate(self._scene_parts):
            match = pattern.search(part)
            if not match:
                continue
            groups = match.groupdict()
            rest = " ".join(filter(None, (groups["rest"], groups.get("rest2"))))
            step = self._in_scene(self._prefix.sub("", rest.strip()), self._scene_of(match))
            if step:
                return step
            whole = self._of_ad(part)
            if whole.scene is not None and at > 0:
                return whole
            if at == 0:
                return Operation("unknown", part)
        return None

    def _in_scene(self, rest: str, scene: int | None) -> Operation | None:
        for row, pattern in self._scene_rows:
            match = pattern.search(rest if row["op"] == "set_line" else rest.rstrip(" ?"))
            if match:
                step = self._operation(row, match, rest)
                name = {"mention": "scene_mention", "drop": "scene_drop"}.get(step.name, step.name)
                return replace(step, name=name, scene=scene, headline_only="part" in match.groupdict())
        return None

    def _operation(self, row: dict[str, str], match: re.Match[str], part: str) -> Operation:
        groups = match.groupdict()
        said = (groups.get("text") or "").strip()
        text = said.strip(" ,;:") if row["op"] == "set_line" else bare(said)
        text = self._lead.sub("", text) if row["op"] in WORDED else text
        return Operation(
            row["op"],
            part if row["op"] == "unsupported" else text,
            bare(groups.get("new") or ""),
            self._number(row["scene"]) if "scene" in row else self._scene_of(match),
            self._number(groups.get("other")),
            self._tone(row.get("tone") or groups.get("tone")),
        )

    def _scene_of(self, match: re.Match[str]) -> int | None:
        groups = match.groupdict()
        return self._number(groups.get("scene") or groups.get("scene2") or groups.get("scene3"))

    def _number(self, said: str | None) -> int | None:
        if said is None:
            return None
        return int(said) if said.isdigit() else self._data.feedback.scene_numbers.get(said.lower(), -1)

    def _tone(self, said: str | None) -> Tone | None:
        if not said:
            return None
        lowered = said.lower()
        return cast(Tone, lowered) if lowered in get_args(Tone) else self._tones.get(lowered)
