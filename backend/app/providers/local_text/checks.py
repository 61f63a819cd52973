"""Checks of words against the brief: numbers, superlatives, claims, level, repetition, grammar. Pure, no scores.

Used by the search (a line that fails is dropped) and by the critics (a line that fails is named).
Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts
from app.providers.local_text.words import content, straight, words
from app.schemas.story import Copy

_NUMBER = re.compile(r"[$£€]?\d[\d,.]*%?")
_ARTICLE = re.compile(r"\b(an?)\s+([a-z0-9][\w-]*)", re.IGNORECASE)
_SPACING = re.compile(r"\s{2,}|\s[,.;:!?]|[,;:]{2,}|\.\.(?!\.)|[.!?][A-Z]\w|^\s|\s$|[({\[]\s|,\.")
_DOUBLED = re.compile(r"\b([A-Za-z]+)\s+\1\b", re.IGNORECASE)
_TRADING = frozenset({"place", "service"})
_VOWEL_SOUND = re.compile(
    r"^(?:8|11(?!\d)|18(?!\d)|hour|honest|honou?r|heir|[aeio]|u(?!ni|se|sa|su|ro|ti|kul)|[FHLMNRSX](?![a-z]))"
)
_YOO = re.compile(r"^(?:uni(?!n)|us[eau]|euro?|eu|one|once|ewe|ukul|ut[ei])", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """A rule broken by a piece of text; `code` names the message in rules.yaml."""

    code: str
    quote: str
    severity: str = "veto"
    fill: tuple[tuple[str, str], ...] = ()


def copy_parts(copy: Copy) -> list[str]:
    """The texts of a scene in reading order; items that only repeat the headline are left out."""
    parts = [copy.kicker, copy.headline, copy.support, copy.cta, copy.url]
    items = [] if " ".join(copy.items).strip() == copy.headline.strip() else copy.items
    return [part for part in (*parts[:2], *items, *parts[2:]) if part]


def article(word: str) -> str:
    """'a' or 'an' for the word that follows it, by sound."""
    return "an" if _VOWEL_SOUND.match(word if word.isupper() else word.lower()) and not _YOO.match(word) else "a"


class Checker:
    """Checks texts of one ad against its facts."""

    def __init__(self, data: CopyData, facts: Facts, extra: str = "") -> None:
        self._data = data
        self._facts = facts
        self._said = straight(f"{facts.prompt} {facts.brand or ''} {facts.cta or ''} {facts.url or ''} {extra}").lower()
        self._stop = data.words("stop_words")
        self.own = self.content(f"{facts.product.phrase if facts.product else ''} {facts.brand or ''}")

    def content(self, text: str) -> frozenset[str]:
        """Stems of the words that carry meaning."""
        return content(text, self._stop)

    def said(self, text: str) -> bool:
        """True when the brief holds the text, whatever the case and the quotes."""
        return straight(text).lower().strip(" .!?") in self._said

    def line(self, text: str) -> Iterator[Fault]:
        """Faults of one line on screen."""
        yield from self._numbers(text)
        yield from self._listed(text, "superlatives", "superlative")
        yield from self._listed(text, "claims", "unstated_claim")
        yield from self._level(text)
        yield from self._trade(text)
        yield from self._brand(text)
        yield from self._form(text)
        yield from self._listed(text, "cliches", "cliche", "major")

    def _numbers(self, text: str) -> Iterator[Fault]:
        for match in _NUMBER.finditer(text):
            if match.group().rstrip(".,") not in self._said:
                yield Fault("unstated_number", match.group())

    def _listed(self, text: str, name: str, code: str, severity: str = "veto") -> Iterator[Fault]:
        lowered = straight(text).lower()
        for phrase in getattr(self._data.rules, name):
            if phrase in lowered and _holds(lowered, phrase) and not _holds(self._said, phrase):
                yield Fault(code, phrase, severity)

    def _level(self, text: str) -> Iterator[Fault]:
        level = self._facts.certainty
        if level >= 3:
            return
        lowered = {word.lower() for word in words(straight(text))}
        listed = self._data.rules.sense_words | (
            self._data.rules.person_words | self._data.rules.place_words if level < 2 else frozenset()
        )
        for word in sorted(lowered & listed):
            if word not in self._said:
                yield Fault("above_level", word)

    def _trade(self, text: str) -> Iterator[Fault]:
        """A restaurant's table is no line for a repair shop: both are places, and only one has tables."""
        product = self._facts.product
        if product is None or product.kind not in _TRADING:
            return
        lowered, names = straight(text).lower(), {product.head, *product.names}
        for trade in self._data.rules.trades:
            for phrase in sorted(trade.words if not names & trade.heads else ()):
                if _holds(lowered, phrase) and not _holds(self._said, phrase):
                    yield Fault("wrong_trade", phrase)

    def _brand(self, text: str) -> Iterator[Fault]:
        brand = self._facts.brand
        if not brand or straight(brand).lower() in {w.lower() for w in self._own_words()}:
            return
        key = re.sub(r"\W", "", brand).lower()
        tokens = words(text)
        for size in range(1, len(words(brand)) + 1):
            for at in range(len(tokens) - size + 1):
                got = " ".join(tokens[at : at + size])
                if (near(re.sub(r"\W", "", got).lower(), key) and brand not in text and not self.said(got)) or (
                    re.sub(r"\W", "", got).lower() == key and got != brand and brand not in text
                ):
                    yield Fault("brand_misspelt", got, fill=(("brand", brand),))

    def _own_words(self) -> list[str]:
        return words(self._facts.product.phrase) if self._facts.product else []

    def _form(self, text: str) -> Iterator[Fault]:
        if re.search(r"[{}<>]|\bNone\b|\bnull\b", text):
            yield Fault("open_slot", text)
        if "!" in text and not self.said(text):
            yield Fault("exclamation", text, "major")
        for match in _ARTICLE.finditer(text):
            if match.group(1).lower() != article(match.group(2)) and not self.said(match.group()):
                yield Fault("article", match.group())
        if _SPACING.search(text) and not self.said(text):
            yield Fault("spacing", text)
        doubled = _DOUBLED.search(text)
        if doubled and not self.said(doubled.group()):
            yield Fault("doubled_word", doubled.group())

    def repeats(self, first: str, second: str) -> list[str]:
        """Content words that two neighbouring scenes share, product and brand excepted."""
        return sorted((self.content(first) & self.content(second)) - self.own)


def _holds(text: str, phrase: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", text) is not None


def near(word: str, target: str) -> bool:
    """One edit away from a target of four letters or more, but not equal to it."""
    if word == target or len(target) < 4 or abs(len(word) - len(target)) > 1 or len(word) < 3:
        return False
    short, long = sorted((word, target), key=len)
    if len(short) == len(long):
        wrong = [i for i in range(len(short)) if short[i] != long[i]]
        swapped = len(wrong) == 2 and short[wrong[0]] == long[wrong[1]] and short[wrong[1]] == long[wrong[0]]
        return len(wrong) == 1 or (swapped and wrong[1] == wrong[0] + 1)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
