"""The product phrase: where it ends, whether it may be printed (the gate), and what its head noun is.

Called by segments.py. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Product
from app.providers.local_text.nouns import Nouns
from app.providers.local_text.words import straight
from app.schemas.story import Certainty

TOKEN = re.compile(r"[^\s\x1f]+")
MAX_WORDS = 6
_SHAPE = re.compile(r"[^\W_](?:[\w'’&.+-]*[\w'’+])?", re.UNICODE)
_OWNER = re.compile(r"(?:my|our|his|her|their|your|the)\s+(?:[\w-]+\s+)?[\w-]+'s?\s+(?=\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Cut:
    """A product phrase and the offset, inside its segment, where its tail begins."""

    phrase: str
    tail_at: int


class ProductFinder:
    """Cuts and judges product phrases."""

    def __init__(self, data: CopyData, nouns: Nouns) -> None:
        self._data = data
        self._nouns = nouns

    def cut(self, text: str) -> Cut:
        """Cut at the first preposition, relative pronoun, finite verb, or participle after a noun."""
        start = self._lead(text)
        end = len(text)
        tokens = list(TOKEN.finditer(text, start))
        for index, token in enumerate(tokens):
            rest = [t.group() for t in tokens[index:]]
            before = [t.group() for t in tokens[:index]]
            if self._boundary(token.group(), rest, before):
                end = token.start()
                break
        return Cut(text[start:end].strip(" ,"), end)

    def _lead(self, text: str) -> int:
        """Skip determiners, owners, 'new' and measure words in front."""
        owner = _OWNER.match(text)
        start = owner.end() if owner else 0
        skip = self._data.words("determiners") | self._data.words("pronouns") | {"new", "brand-new"}
        for token in TOKEN.finditer(text, start):
            if straight(token.group()).lower() not in skip:
                return token.start()
            start = token.end()
        return min(start, len(text))

    def _boundary(self, word: str, rest: list[str], before: list[str]) -> bool:
        key = straight(word).lower().strip(".,")
        if key in ("that's", "which's", "who's"):
            return True
        if key == "and" and self._pair(rest, before):
            return False
        if key in self._data.words("prepositions") or key in self._data.words("relatives"):
            return True
        if not before:
            return False
        if key in self._data.words("pronouns") or key in self._data.words("determiners"):
            return True
        if key in self._data.words("participles"):
            pair = self._nouns.head([key, *rest[1:2]])
            if pair and pair.word.startswith(f"{key} "):
                return False
            named = self._nouns.head([*before, key])
            return not (named and " " in named.word) and (
                len(rest) > 1 or key in self._data.words("standing_participles")
            )
        return key in self._data.words("finite_verbs") and self._verb_here(key, rest, before)

    def _pair(self, rest: list[str], before: list[str]) -> bool:
        """'tours and tastings': two plural nouns are one phrase."""
        both = [*before[-1:], *rest[1:2]]
        return len(both) == 2 and all(word.endswith("s") and self._nouns.is_noun(word) for word in both)

    def _verb_here(self, key: str, rest: list[str], before: list[str]) -> bool:
        """A verb form that is also a noun (opens, plans, clips) is a verb after a known head, or when words follow."""
        after_head = self._nouns.head(before) is not None and self._nouns.head([*before, key]) is None
        return len(rest) > 1 or after_head or not self._nouns.is_noun(key)

    def gate(self, phrase: str) -> bool:
        """May this phrase be printed? Copywriter research, section 2."""
        tokens = phrase.split()
        if not 0 < len(tokens) <= MAX_WORDS or not all(_SHAPE.fullmatch(token) for token in tokens):
            return False
        lowered = [straight(token).lower() for token in tokens]
        banned = self._data.words("pronouns") | self._data.words("determiners") | self._data.words("strong_formats")
        tones = {word for group in self._data.lexicon.tones.values() for word in group}
        if set(lowered) <= tones | self._data.words("formats") | self._data.words("platforms"):
            return bool(self._nouns.head(tokens))
        if banned & set(lowered) or lowered[-1] in self._data.words("platforms"):
            return False
        return self._head_ok(tokens, lowered)

    def _head_ok(self, tokens: list[str], lowered: list[str]) -> bool:
        head = lowered[-1]
        words = self._data.words
        row = self._nouns.head(tokens)
        if row and " " in row.word:
            return True
        compound = len(tokens) > 1 and self._nouns.is_noun(lowered[-2]) and lowered[-2] not in words("too_vague")
        if head in words("measures") or (not compound and (head in words("time_heads") or head in words("too_vague"))):
            return False
        if head in words("formats") and not row:
            return False
        if row:
            return True
        if len(tokens) == 1 and (head in words("people") or self._nouns.code(head) in ("+", "-")):
            return False
        plural = head.endswith("s") and len(head) > 3 and not head.endswith("ss")
        name = tokens[-1][:1].isupper() and len(tokens) > 1
        return self._nouns.is_noun(head) or plural or name

    def describe(self, phrase: str, core: str | None = None) -> Product:
        """What is known of a phrase that passed the gate."""
        tokens = phrase.split()
        head_tokens = tokens[:-1] if self._light(tokens) else tokens
        row = self._nouns.head(head_tokens) or self._nouns.head(_before_and(head_tokens))
        head = head_tokens[-1]
        if self._nouns.ambiguous(head) and (row is None or " " not in row.word):
            return Product(self.lowered(phrase), self.lowered(core or phrase), head, self._number(head), None, 1)
        if row:
            number = cast(Literal["count", "mass", "plural"], row.number)
            names = frozenset({row.word, row.singular, row.plural})
            return Product(self.lowered(phrase), self.lowered(core or phrase), row.singular, number, row.kind, 3, names)
        kind = self._nouns.kind(head)
        level: Certainty = 2 if kind else 1
        return Product(
            self.lowered(phrase), self.lowered(core or phrase), head.lower(), self._number(head), kind, level
        )

    def without_light_head(self, phrase: str) -> str:
        """'dog food brand' is about dog food; a phrase that would fail the gate without its light head keeps it."""
        tokens = phrase.split()
        short = " ".join(tokens[:-1])
        return short if self._light(tokens) and self.gate(short) else phrase

    def _light(self, tokens: list[str]) -> bool:
        return len(tokens) > 1 and straight(tokens[-1]).lower() in self._data.words("light_heads")

    def _number(self, head: str) -> Literal["plural", "unknown"]:
        lowered = head.lower()
        plural = lowered.endswith("s") and not lowered.endswith("ss") and self._nouns.is_noun(lowered[:-1])
        return "plural" if plural else "unknown"

    def lowered(self, phrase: str) -> str:
        """The phrase as it reads inside a sentence: a capital that only began the brief goes."""
        first, _, rest = phrase.partition(" ")
        plain = first[:1].isupper() and first[1:].islower() and self._nouns.known(first.lower())
        proper = straight(first).lower() in self._data.words("nationalities")
        return f"{first.lower()} {rest}".strip() if plain and not proper else phrase


def _before_and(tokens: list[str]) -> list[str]:
    return tokens[: tokens.index("and")] if "and" in tokens else tokens
