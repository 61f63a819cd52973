"""Puts new names into a draft's scenes, and finds lines about names and audiences that hold no longer.

Called by revision.py. Tests: tests/test_providers/test_local_text/test_fifteen_operations.py
"""

from __future__ import annotations

import re
from collections.abc import Callable

from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts
from app.providers.local_text.words import content
from app.schemas.story import Copy, Story, StoryScene


class Renames:
    """What the previous draft calls things against what they are called now."""

    def __init__(self, data: CopyData, previous: Story, facts: Facts) -> None:
        product = facts.product.phrase if facts.product else None
        self._data = data
        self._pairs = [
            (old, new)
            for old, new in ((previous.brand, facts.brand), (previous.product, product))
            if old and new and old != new
        ]
        self.known = bool(self._pairs)
        self._gone = self._gone_words(previous, facts)

    def _gone_words(self, previous: Story, facts: Facts) -> frozenset[str]:
        stop = self._data.words("stop_words")
        product = facts.product.phrase if facts.product else None
        pairs = ((previous.audience, facts.audience), (previous.brand, facts.brand), (previous.product, product))
        gone = frozenset[str]()
        for old, new in pairs:
            if old and old != new:
                gone |= content(old, stop) - content(new or "", stop)
        return gone

    def outdated(self, copy: Copy) -> bool:
        """True when the words still speak of a name or an audience that is gone."""
        said = " ".join(part for part in (copy.headline, copy.support, *copy.items) if part)
        return bool(self._gone & content(said, frozenset()))

    def scene(self, scene: StoryScene) -> StoryScene:
        """The scene with every old name replaced; nothing else is touched."""
        if not self._pairs:
            return scene
        copy = scene.copy_text
        texts = {name: self._text(getattr(copy, name)) for name in ("kicker", "headline", "support", "cta")}
        words = copy.model_copy(update={**texts, "items": [self._text(item) for item in copy.items]})
        return scene.model_copy(update={"copy_text": words, "visual": self._text(scene.visual)})

    def _text(self, text: str | None) -> str | None:
        for old, new in self._pairs:
            text = text and re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", _put(new), text, flags=re.IGNORECASE)
        return text


def _put(new: str) -> Callable[[re.Match[str]], str]:
    def put(match: re.Match[str]) -> str:
        return new[0].upper() + new[1:] if match.group()[0].isupper() else new

    return put
