"""Line banks: people-written lines, each tagged with shape, certainty level, tones, role and heads.

A bank file maps a role to lines of the form ``<shape><level> <tones> [@heads] | headline | support``, where
``>`` splits a headline into beats. Called by data.py. Tests: tests/test_providers/test_local_text/test_bank.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from app.core.errors import ConfigError
from app.schemas.story import Tone

SHAPES = {
    "b": "beats",
    "d": "dropped",
    "e": "definite",
    "i": "imperative",
    "l": "label",
    "p": "prepositional",
    "q": "question",
    "s": "statement",
}
ROLES = ("hook", "problem", "agitate", "reveal", "fact", "audience", "after", "support", "tag", "list")


@dataclass(frozen=True)
class BankLine:
    """One written line. `tones` empty: fits all; `heads` empty: fits every head noun of the kind."""

    role: str
    shape: str
    level: int
    tones: frozenset[str]
    heads: frozenset[str]
    headline: str
    support: str | None
    items: tuple[str, ...]


@dataclass(frozen=True)
class Bank:
    """All lines of one file, by role."""

    name: str
    lines: dict[str, tuple[BankLine, ...]]

    def role(self, role: str) -> tuple[BankLine, ...]:
        """Lines of one role; none when the bank has none."""
        return self.lines.get(role, ())


def parse_bank(name: str, raw: Any) -> Bank:
    """Check and parse a bank file's content.

    Raises:
        ConfigError: A role, tag or line is not of the form above.
    """
    if not isinstance(raw, dict) or not set(raw) <= set(ROLES):
        raise ConfigError(f"copy bank {name} has a role that is none of {', '.join(ROLES)}.", hint="Mend the file.")
    return Bank(name, {role: tuple(_line(name, role, text) for text in lines) for role, lines in raw.items()})


def _line(bank: str, role: str, text: str) -> BankLine:
    parts = [part.strip() for part in str(text).split("|")]
    mark, _, heads = parts[0].partition("@")
    tags = mark.split()
    shape, level = parts[0][:1], parts[0][1:2]
    tones = frozenset(tags[1].split(",")) if len(tags) > 1 else frozenset()
    legal = set(get_args(Tone)) | {"any"}
    if len(parts) not in (2, 3) or shape not in SHAPES or level not in "123" or not tones or not tones <= legal:
        raise ConfigError(f"copy bank {bank}, {role}: unreadable line {text!r}.", hint="See bank.py for the form.")
    items = tuple(item.strip() for item in parts[1].split(">")) if ">" in parts[1] else ()
    return BankLine(
        role=role,
        shape=SHAPES[shape],
        level=int(level),
        tones=frozenset() if "any" in tones else tones,
        heads=frozenset(name.strip() for name in heads.split(",") if name.strip()),
        headline=" ".join(items) if items else parts[1],
        support=parts[2] if len(parts) == 3 else None,
        items=items,
    )
