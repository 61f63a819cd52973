"""What a word is: the hand-made head nouns first, then the table built from WordNet.

Called by product.py and spans.py. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

from functools import cached_property

from app.providers.local_text.data import CopyData, NounRow
from app.providers.local_text.words import straight


class Nouns:
    """Look-ups over nouns.yaml and wordnet.txt."""

    def __init__(self, data: CopyData) -> None:
        self._data = data

    @cached_property
    def _rows(self) -> dict[str, NounRow]:
        rows: dict[str, NounRow] = {}
        for kind, numbers in self._data.nouns.heads.items():
            for number, entries in numbers.items():
                for entry in entries:
                    singular, _, plural = entry.partition("/")
                    for form in {singular, plural or singular}:
                        used = "plural" if number == "plural" or (plural and form == plural) else number
                        row = NounRow(word=form, kind=kind, number=used, singular=singular, plural=plural or singular)
                        rows.setdefault(form, row)
        return rows

    def head(self, phrase: list[str]) -> NounRow | None:
        """The hand-made row of a phrase's last one to three words, the longest match first."""
        lowered = [straight(word).lower() for word in phrase]
        for size in (3, 2, 1):
            row = self._rows.get(" ".join(lowered[-size:])) if len(lowered) >= size else None
            if row:
                return row
        return None

    def heads_of(self, kind: str) -> set[str]:
        """All hand-made head nouns of a kind, in every form."""
        return {word for word, row in self._rows.items() if row.kind == kind}

    def ambiguous(self, word: str) -> bool:
        """True for heads that mean several kinds of thing (planner: a person, a book, an app)."""
        return straight(word).lower() in self._data.nouns.ambiguous

    def code(self, word: str) -> str:
        """WordNet code of a word or of its singular; empty when unknown."""
        lowered = straight(word).lower()
        for form in _forms(lowered):
            code = self._code(form)
            if code:
                return code
        return ""

    def _code(self, word: str) -> str:
        if not word.isascii():
            return ""
        at = self._data.wordnet.find(f"\n{word} ")
        return self._data.wordnet[at + len(word) + 2] if at >= 0 else ""

    def kind(self, word: str) -> str | None:
        """A kind that the table is sure of (share of senses >= 0.75), else None."""
        code = self.code(word)
        return self._data.nouns.codes.get(code) if code.isupper() else None

    def is_noun(self, word: str) -> bool:
        """True when the word, or its singular, is a known noun."""
        return self.code(word) not in ("", "+", "-") or self.head([word]) is not None

    def known(self, word: str) -> bool:
        """True when the word or a plain inflection of it is in the lexicon at all."""
        return bool(self.code(word)) or self.head([word]) is not None

    def is_person(self, word: str) -> bool:
        """True for people and for groups that act as an audience."""
        lowered = straight(word).lower()
        named = lowered in self._data.words("people") or lowered in self._data.words("group_nouns")
        return named or (self.head([word]) is None and self.code(word) == "P")


def _forms(word: str) -> list[str]:
    forms = [word]
    for ending, stems in (
        ("ies", ("y",)),
        ("es", ("", "e")),
        ("s", ("",)),
        ("ing", ("", "e")),
        ("ed", ("", "e")),
        ("er", ("", "e")),
        ("est", ("", "e")),
        ("ly", ("",)),
        ("'s", ("",)),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word.removesuffix(ending)
            forms += [stem + tail for tail in stems]
            if ending in ("ing", "ed") and len(stem) > 3 and stem[-1] == stem[-2]:
                forms.append(stem[:-1])
    return forms
