"""Is a brief English? Lexicon coverage plus votes of function words. Called by reader.py.

Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

from app.providers.local_text.data import CopyData
from app.providers.local_text.nouns import Nouns
from app.providers.local_text.words import straight, words

COVERAGE = 0.6


def guess_language(text: str, data: CopyData, nouns: Nouns) -> str:
    """BCP 47 tag: ``en``, one of the languages we can name, or ``und``. Names and numbers don't count."""
    letters = [char for char in text if char.isalpha()]
    if letters and sum(char.isascii() or char in "éèêëàâäöüïîôçñåøæ" for char in letters) < 0.6 * len(letters):
        return "und"
    tokens = [straight(word) for word in words(text)]
    plain = [word.lower() for word in tokens if word.islower() and word.isalpha()]
    plain = plain or [word.lower() for word in tokens if word.isalpha()]
    if not plain:
        return "en"
    english = data.words("function_words")
    closed = {word for name in data.lexicon.words for word in data.words(name)}
    votes = {
        tag: sum(w in listed and w not in english for w in plain) for tag, listed in data.lexicon.languages.items()
    }
    best = max(votes, key=lambda tag: votes[tag])
    mine = sum(word in english for word in plain)
    if votes[best] > mine and votes[best] >= 2:
        return best
    coverage = sum(word in closed or nouns.known(word) for word in plain) / len(plain)
    if coverage >= COVERAGE or mine >= max(2, votes[best] + 1) or len(plain) <= 2:
        return "en"
    return best if votes[best] else "und"
