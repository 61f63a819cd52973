"""What the shell hands over, made fit for typer: `--product-images a.jpg b.jpg` becomes one flag a value.

Called by cli_tools/admint.py before typer sees the arguments. Imports next to nothing.
Tests: tests/test_cli/test_arguments.py
"""

from __future__ import annotations

from itertools import pairwise

MULTI_VALUE = ("--product-images", "--character-images")
"""Options that take every value up to the next option: a shell glob expands to several words."""


def spread_values(words: list[str]) -> list[str]:
    """Return `words` with each multi-value option repeated once a value; everything else is untouched."""
    spread: list[str] = []
    option: str | None = None
    for place, word in enumerate(words):
        if word == "--":
            return spread + words[place:]
        if word in MULTI_VALUE:
            option = word
            if _ends(words, place + 1):
                spread.append(word)
        elif _is_option(word):
            option = None
            spread.append(word)
        elif option is not None:
            spread += [option, word]
        else:
            spread.append(word)
    return spread


def wants_json(words: list[str]) -> bool:
    """True when the answer is to be JSON, told before anything is parsed: a wrong flag must answer in kind."""
    pairs = pairwise(words)
    return "--format=json" in words or ("--format", "json") in pairs


def _ends(words: list[str], place: int) -> bool:
    return place == len(words) or _is_option(words[place])


def _is_option(word: str) -> bool:
    return word.startswith("-") and len(word) > 1
