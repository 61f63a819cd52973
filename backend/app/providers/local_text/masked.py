"""A text of which parts are read and masked out, step by step, while every offset stays valid.

Called by reader.py and spans.py. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.providers.local_text.words import straight

CUT = "\x1f"
_SEPARATOR = re.compile(r"[\x1f;\n!?]+|,(?!\d)|(?<!\d),|\.(?=\s|$|\x1f)|(?<=\s)[-–—](?=\s)|—|(?<=\w):(?=\s)|[()\[\]{}]")


class Masked:
    """The user's text; `norm` is what is still unread, same length, quotes straightened."""

    def __init__(self, text: str) -> None:
        self.raw = text
        self.norm = straight(text)

    def take(self, pattern: re.Pattern[str], *, cut: bool = True) -> re.Match[str] | None:
        """Find a pattern and mask its span: with a cut between segments, or with blanks inside one."""
        match = pattern.search(self.norm)
        if match and match.end() > match.start():
            self.mask(match.start(), match.end(), cut=cut)
            return match
        return None

    def mask(self, start: int, end: int, *, cut: bool = True) -> None:
        """Mark a span as read."""
        fill = CUT if cut else " "
        self.norm = self.norm[:start] + fill * (end - start) + self.norm[end:]

    def original(self, start: int, end: int) -> str:
        """The user's own characters of a span."""
        return self.raw[start:end]

    def segments(self) -> Iterator[tuple[int, int]]:
        """Offsets of what is left, cut at punctuation but never inside a number."""
        start = 0
        for match in [*_SEPARATOR.finditer(self.norm), None]:
            end = match.start() if match else len(self.norm)
            left, right = self._trim(start, end)
            if right > left:
                yield left, right
            start = match.end() if match else end

    def _trim(self, start: int, end: int) -> tuple[int, int]:
        while start < end and not self.norm[start].isalnum() and self.norm[start] not in "$£€'\"":
            start += 1
        while end > start and not self.norm[end - 1].isalnum() and self.norm[end - 1] not in "%'\")+$£€":
            end -= 1
        return start, end
