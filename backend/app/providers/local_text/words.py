"""Small text helpers of the copywriter: words, content words, sentence case. Pure functions, no data files.

Called by the reader, the writer and the critics. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['’\-.,&/][^\W_]+)*", re.UNICODE)
_END = ".!?…"


def straight(text: str) -> str:
    """The text with curly quotes straightened, one character for one, so that offsets stay."""
    return text.translate(str.maketrans("‘’ʼ“”\u00a0\t", "'''\"\"  "))


def words(text: str) -> list[str]:
    """The words of a text, as spelled."""
    return WORD.findall(text)


def stem(word: str) -> str:
    """A crude key for comparing words: lower case, no possessive, no plural s."""
    key = straight(word).lower().removesuffix("'s")
    if key.endswith("ies") and len(key) > 4:
        return key[:-3] + "y"
    if key.endswith("s") and not key.endswith("ss") and len(key) > 3:
        return key[:-1]
    return key


@lru_cache(maxsize=4096)
def content(text: str, stop: frozenset[str]) -> frozenset[str]:
    """Stems of the words that carry meaning; a hyphenated word counts whole and by its parts."""
    found = set()
    for word in words(text):
        if straight(word).lower() not in stop:
            found.add(stem(word))
            found.update(stem(part) for part in word.split("-") if "-" in word and len(part) > 2)
    return frozenset(found - _stems(stop))


@lru_cache(maxsize=8)
def _stems(stop: frozenset[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in stop)


def capital(text: str) -> str:
    """The text with a capital first letter; a word with an inner capital (iPhone) is left as it is."""
    first = text.split(" ", 1)[0]
    if not text or any(letter.isupper() for letter in first[1:]):
        return text
    return text[0].upper() + text[1:]


def sentence(text: str) -> str:
    """A capital and a full stop; nothing else is touched."""
    text = text.strip(" ,;:–—-\n\t")
    return capital(text) if not text or text[-1] in _END else capital(text) + "."


def bare(text: str) -> str:
    """The text without closing punctuation."""
    return text.strip().rstrip(".!?…,;:").strip()
