"""Phrases that cover a message whole: the words as they count, and which groups of phrases they are made of.

Called by intent_rules.py. Tests: tests/test_services/test_conversation_handler.py
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"[\w']+|[^\w\s]")
_CHOICE = re.compile(r"\(([^()]*)\)")
_APOSTROPHES = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "´": "'", "`": "'"})
_EMOJI_STYLE = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True)
class Words:
    """A message taken apart.

    Attributes:
        text: Compatibility-normalised, lower case, one line.
        words: Words and emoji, in order.
        marks: Every other visible or invisible character.
    """

    text: str
    words: tuple[str, ...]
    marks: frozenset[str]


def words_of(message: str, smileys: Iterable[str] = ()) -> Words:
    """Return the words of `message`; smileys count as nothing."""
    text = " ".join(unicodedata.normalize("NFKC", message).casefold().split())
    bare = _EMOJI_STYLE.sub("", text)
    for smiley in smileys:
        bare = f" {bare} ".replace(f" {smiley.casefold()} ", " ")
    tokens = _TOKEN.findall(bare.translate(_APOSTROPHES))
    kept = [(token, token.strip("'") or token) for token in tokens]
    words = tuple(word for token, word in kept if _is_word(token))
    return Words(text, words, frozenset(token for token in tokens if not _is_word(token)))


def _is_word(token: str) -> bool:
    if len(token) == 1 and not token.isalnum():
        return unicodedata.category(token) == "So" or (ord(token) > 0x2000 and unicodedata.category(token)[0] == "S")
    return bool(token.strip("'_"))


def expand(template: str) -> list[str]:
    """Return every phrase that `(a|b|) c` stands for."""
    parts = _CHOICE.split(template)
    choices = [part.split("|") if number % 2 else [part] for number, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*choices)]


class PhraseBook:
    """Groups of phrases, and the question whether some of them cover a message from end to end."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._groups = {name: _phrases(templates) for name, templates in groups.items()}
        self._longest = max(len(phrase) for phrases in self._groups.values() for phrase in phrases)

    def holds(self, words: Sequence[str], group: str) -> bool:
        """Say whether the words are one phrase of `group`."""
        return tuple(words) in self._groups[group]

    def covers(self, words: Sequence[str], main: str, also: Sequence[str] = ()) -> bool:
        """Say whether phrases of `main` (at least one) and `also` cover all the words."""
        plain, wanted = {0}, set[int]()
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + self._longest) + 1):
                phrase = tuple(words[start:end])
                if phrase in self._groups[main] and (start in plain or start in wanted):
                    wanted.add(end)
                elif any(phrase in self._groups[name] for name in also):
                    plain |= {end} if start in plain else set()
                    wanted |= {end} if start in wanted else set()
        return bool(words) and len(words) in wanted


def _phrases(templates: Sequence[str]) -> frozenset[tuple[str, ...]]:
    phrases = (words_of(phrase).words for template in templates for phrase in expand(template))
    return frozenset(phrase for phrase in phrases if phrase)
