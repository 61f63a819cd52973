"""Phrases that cover a message whole: the words as they count, and which groups of phrases they are made of.

Called by intent_rules.py. Tests: tests/test_services/test_conversation_handler.py
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.errors import ConfigError

_TOKEN = re.compile(r"[\w']+|[^\w\s]")
_CHOICE = re.compile(r"\(([^()]*)\)")
_APOSTROPHES = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "´": "'", "`": "'"})
_LETTERS = re.compile(r"(?<![\w'])[^\W\d_]+(?![\w'])")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
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


def words_of(message: str) -> Words:
    """Return the words of `message` as they are written."""
    return _taken_apart(_plain(message))


class Speller:
    """Takes messages apart the way people type them: short forms, stretched letters, smileys.

    Args:
        short_forms: Word to what it is read as.
        smileys: Character groups that count as nothing.
        vocabulary: Words that a stretched word may stand for ("sooo").
    """

    def __init__(self, short_forms: Mapping[str, str], smileys: Sequence[str], vocabulary: frozenset[str]) -> None:
        self._short_forms = {short: full.casefold() for short, full in short_forms.items()}
        self._smileys = tuple(smiley.casefold() for smiley in smileys)
        self._vocabulary = vocabulary

    def words(self, message: str) -> Words:
        """Return the words of `message` as they are meant."""
        text = f" {_plain(message)} "
        for smiley in self._smileys:
            text = text.replace(f" {smiley} ", " ")
        return _taken_apart(" ".join(_LETTERS.sub(self._meant, text).split()))

    def _meant(self, found: re.Match[str]) -> str:
        word = found[0]
        if _STRETCHED.search(word) and word not in self._vocabulary:
            short = (_STRETCHED.sub(kept, word) for kept in (r"\1", r"\1\1"))
            word = next((form for form in short if form in self._vocabulary), word)
        return self._short_forms.get(word, word)


def _plain(message: str) -> str:
    text = unicodedata.normalize("NFKC", message).casefold().translate(_APOSTROPHES)
    return " ".join(text.split())


def _taken_apart(text: str) -> Words:
    tokens = _TOKEN.findall(_EMOJI_STYLE.sub("", text))
    words: list[str] = []
    for token in tokens:
        word = token.strip("'") or token
        if _is_word(token) and not (words and word == words[-1] and not word.isalnum()):
            words.append(word)
    return Words(text, tuple(words), frozenset(token for token in tokens if not _is_word(token)))


def _is_word(token: str) -> bool:
    if len(token) == 1 and not token.isalnum():
        return unicodedata.category(token) == "So" or (ord(token) > 0x2000 and unicodedata.category(token)[0] == "S")
    return bool(token.strip("'_"))


def expand(template: str) -> list[str]:
    """Return every phrase that `(a|b|) c` stands for. Raises ConfigError for a group within a group."""
    if not re.fullmatch(r"[^()]*(?:\([^()]*\)[^()]*)*", template):
        raise ConfigError(f"The phrase {template!r} has a group within a group.", hint="Write it as two phrases.")
    parts = _CHOICE.split(template)
    choices = [part.split("|") if number % 2 else [part] for number, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*choices)]


class PhraseBook:
    """Groups of phrases, and the question whether some of them cover a message from end to end."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._groups = {name: _phrases(templates) for name, templates in groups.items()}
        self._longest = max(len(phrase) for phrases in self._groups.values() for phrase in phrases)

    @property
    def vocabulary(self) -> frozenset[str]:
        """Return every word of every phrase."""
        return frozenset(word for phrases in self._groups.values() for phrase in phrases for word in phrase)

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
    plain = (_plain(template) for template in templates)
    split = (tuple(phrase.split()) for template in plain for phrase in expand(template))
    return frozenset(phrase for phrase in split if phrase)
