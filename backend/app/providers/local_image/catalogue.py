"""From a product phrase to a picture of exactly that thing, or to none: a wrong object is worse than an abstract one.

Only the head of the phrase counts, the longest known noun first, and what stands before a known noun must be on a
list of harmless words ("steel", "organic"): a cat tree is no tree. Called by packshot.py; data in config/art/icons.
Tests: tests/test_providers/test_local_image/test_catalogue.py
"""

from __future__ import annotations

import json
import lzma
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from app.kit.yaml_source import quick_yaml

_FOLDER = Path(__file__).resolve().parents[2] / "config" / "art" / "icons"
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|&")
_IRREGULAR = {
    "knives": "knife",
    "loaves": "loaf",
    "scarves": "scarf",
    "leaves": "leaf",
    "dice": "die",
    "geese": "goose",
}


class Match(NamedTuple):
    """What a phrase names: `source` is ``icon`` or ``form``; `noun` the words that were recognised."""

    source: str
    name: str
    noun: str


class _Words(NamedTuple):
    nouns: dict[str, Match]
    stops: frozenset[str]
    measures: frozenset[str]
    light: tuple[str, ...]
    safe: frozenset[str]
    open_heads: frozenset[str]
    never: frozenset[str]


def find(phrase: str | None, brand: str | None = None) -> Match | None:
    """Return the picture of what `phrase` names, or None unless it is safe; the brand's own words in it are skipped."""
    words = _words()
    branded = set((brand or "").replace("’", "'").lower().split())
    tokens = _head_tokens((phrase or "").replace("’", "'"), words)
    tokens = [token for token in tokens[:-1] if token.lower() not in branded] + tokens[-1:]
    found = _match(tokens, words)
    while found is None and len(tokens) > 1 and _singular(tokens[-1].lower()) in words.light:
        tokens = tokens[:-1]
        found = _match(tokens, words)
    return found


def icon_svg(name: str) -> str:
    """Return the inner SVG of an icon, to be placed in a 32 by 32 view box."""
    return _icons()[name]


def is_paintable(name: str) -> bool:
    """True for icons of made things, whose main colour may follow the palette."""
    return name in set(_split(_data()["paintable"]))


def form_facts(name: str) -> dict[str, Any]:
    """Return a form's row: `label` [x, y, width, height] of 100 and `ink`, where it has a label."""
    facts: dict[str, Any] = _data()["forms"][name]
    return facts


def abstract_form(kind: str | None) -> str:
    """Return the form that stands in when no object is safe."""
    table = _data()["abstract"]
    words = set((kind or "").lower().replace("-", " ").split())
    for form, kinds in table["by_kind"].items():
        if words & set(kinds):
            return str(form)
    return str(table["default"])


def _match(tokens: list[str], words: _Words) -> Match | None:
    lowered = [token.lower() for token in tokens]
    for size in range(min(4, len(tokens)), 0, -1):
        noun = " ".join([*lowered[-size:-1], _singular(lowered[-1])])
        match = words.nouns.get(" ".join(lowered[-size:])) or words.nouns.get(noun)
        if match:
            phrase = " ".join([*lowered[:-1], _singular(lowered[-1])])
            safe = match.noun in words.open_heads or _harmless(tokens[:-size], words)
            return match if safe and phrase not in words.never else None
    return None


def _harmless(before: list[str], words: _Words) -> bool:
    """True when every word is on the list, has an adjective's ending, or is a name in the middle of the phrase."""
    return all(
        token.lower() in words.safe
        or (index > 0 and token[0].isupper())
        or any(character.isdigit() for character in token)
        or token.lower().endswith(("'s", "-free", "-made", "-friendly", "-proof", "-resistant", "-based", "less"))
        for index, token in enumerate(before)
    )


def _head_tokens(phrase: str, words: _Words) -> list[str]:
    """Return the words up to the first preposition, comma or conjunction; "pair of shoes" becomes "shoes"."""
    first = re.split(r"[,;:(–—]| - ", phrase, maxsplit=1)[0]
    tokens = _WORD.findall(first)
    for index, token in enumerate(tokens):
        lowered = token.lower()
        if lowered == "of" and index and tokens[index - 1].lower() not in words.measures:
            return tokens[:index]
        if lowered == "&" or (lowered in words.stops and index):
            return _after_of(tokens[:index])
    return _after_of(tokens)


def _after_of(tokens: list[str]) -> list[str]:
    lowered = [token.lower() for token in tokens]
    return tokens[lowered.index("of") + 1 :] if "of" in lowered and " ".join(lowered) not in _words().nouns else tokens


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + ("ie" if word[:-3] + "ie" in _words().nouns else "y")
    if word.endswith(("ches", "shes", "sses", "xes", "toes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _split(text: str) -> list[str]:
    return [part for part in (" ".join(piece.split()) for piece in text.split(",")) if part]


@lru_cache(maxsize=1)
def _words() -> _Words:
    data = _data()
    nouns = {noun: Match("icon", icon, noun) for icon, row in data["objects"].items() for noun in _split(row)}
    for form, facts in data["forms"].items():
        nouns.update({noun: Match("form", form, noun) for noun in _split(facts.get("nouns", ""))})
    words = {key: _split(text) for key, text in data["words"].items()}
    return _Words(
        nouns,
        frozenset(words["stops"]),
        frozenset(words["measures"]),
        tuple(words["light"]),
        frozenset(words["safe_modifiers"]),
        frozenset(words["open_heads"]),
        frozenset(words["never"]),
    )


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = quick_yaml((_FOLDER / "catalogue.yaml").read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _icons() -> dict[str, str]:
    icons: dict[str, str] = json.loads(lzma.decompress((_FOLDER / "fluent-emoji.json.xz").read_bytes()))
    return icons
