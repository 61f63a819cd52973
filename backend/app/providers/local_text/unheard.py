"""What the scene writer could not take in of a wish, in the user's own words: a camera yes, a hand on a dial no.

Called by scene_writer.py. Tests: tests/test_providers/test_local_text/test_scene_wishes.py
"""

from __future__ import annotations

import re

from app.providers.local_text.data import CopyData
from app.providers.local_text.feedback import FeedbackParser, Operation
from app.providers.local_text.words import WORD, straight

WORDED = frozenset({"set_line", "scene_mention", "no_support", "scene_shorter", "scene_drop"})
"""Wishes for the words of a scene that scene_writer.py fulfils; each takes in the whole part of the sentence."""
_SPLIT = "\n"


class Unheard:
    """Finds the rest of a wish that neither the picture nor the words of a scene have taken in."""

    def __init__(self, data: CopyData, parser: FeedbackParser) -> None:
        self._parser = parser
        self._requests = [re.compile(source, re.IGNORECASE) for source in data.filming.requests]
        self._scene = re.compile(rf"\b(?:{data.feedback.scene})\b", re.IGNORECASE)
        self._noise = data.filming.requests_noise

    def of(self, said: str, fulfilled: list[Operation]) -> list[str]:
        """Return the phrases of `said` that nothing came of.

        Args:
            said: One message of the user.
            fulfilled: The wishes for the words that were acted on.
        """
        found: list[str] = []
        for part in self._parser.parts(said):
            steps = self._parser.parse([part])
            if not any(step.name in WORDED and _among(step, fulfilled) for step in steps):
                found += self._rest(part)
        return found

    def _rest(self, part: str) -> list[str]:
        rest = straight(part)
        for pattern in (*self._requests, self._scene):
            rest = pattern.sub(_SPLIT, rest)
        return [phrase for piece in rest.split(_SPLIT) if (phrase := self._trimmed(piece))]

    def _trimmed(self, piece: str) -> str:
        """The piece from its first to its last word that carries a wish; empty when none does."""
        meant = [match for match in WORD.finditer(piece) if self._carries(match[0])]
        return piece[meant[0].start() : meant[-1].end()] if meant else ""

    def _carries(self, word: str) -> bool:
        return bool(self._parser.meant(word)) and word.lower() not in self._noise


def _among(step: Operation, fulfilled: list[Operation]) -> bool:
    return any((step.name, step.text, step.scene) == (each.name, each.text, each.scene) for each in fulfilled)
