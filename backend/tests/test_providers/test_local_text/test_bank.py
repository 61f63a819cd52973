"""The written lines: every one is tagged, short, legal by the critic's own rules, and clean to a grammar checker."""

from __future__ import annotations

from collections.abc import Iterator

import harper
import pytest

from app.core.errors import ConfigError
from app.providers.local_text.bank import BankLine, parse_bank
from app.providers.local_text.checks import Checker
from app.providers.local_text.data import shipped
from app.providers.local_text.facts import Facts
from app.providers.local_text.nouns import Nouns
from app.providers.local_text.words import words

DATA = shipped()
FILLERS = ("folding kayak", "leather boots", "oat milk", "Tarn")
QUIET = (
    "SpellCheck",
    "Regionalisms",
    "OxfordComma",
    "SplitWords",
    "CompoundNouns",
    "BoringWords",
    "ExpandStandardInputAndOutput",
)
FINE = (
    "Day One",
    "mass noun",
    "missing a preposition",
    "shoe box",
    "weekends",
    "backseat",
    "typo here",
    "American English",
    "Vocabulary enhancement",
)
"""What the checker takes for a fault in lines that a person has read and passed; see the line in question."""


def lines() -> Iterator[tuple[str, BankLine]]:
    for kind in DATA.kinds:
        for group in DATA.bank(kind).lines.values():
            for line in group:
                yield kind, line


def texts(line: BankLine) -> list[str]:
    return [text for text in (line.headline, line.support) if text]


def filled(text: str, filler: str) -> str:
    first = filler[:1].upper() + filler[1:]
    return text.replace("{product}", filler).replace("{Product}", first).replace("{brand}", filler)


def attribute_lines() -> list[str]:
    return [part.strip() for row in DATA.attributes for raw in row.lines for part in raw.split("|")[1:]]


def test_every_kind_has_a_bank_with_hooks_facts_and_second_lines() -> None:
    assert len(DATA.kinds) >= 26
    for kind in DATA.kinds:
        bank = DATA.bank(kind)
        assert sum(len(group) for group in bank.lines.values()) >= 30, kind
        for role in ("hook", "fact", "support", "after"):
            assert bank.role(role), (kind, role)


def test_no_line_breaks_a_rule_of_the_critic() -> None:
    check = Checker(DATA, Facts(prompt=""))
    found = [
        (kind, text, fault.code)
        for kind, line in lines()
        for text in texts(line)
        for fault in check.line(filled(text, "folding kayak"))
        if fault.code != "above_level"
    ]
    found += [
        ("attribute", text, fault.code)
        for text in attribute_lines()
        for fault in check.line(text)
        if fault.code != "above_level"
    ]
    assert found == []


def test_lines_keep_to_their_lengths() -> None:
    for kind, line in lines():
        limit = 9 if line.role == "support" else 7
        for text in texts(line):
            assert len(words(filled(text, "folding kayak"))) <= limit, (kind, text)


def test_level_one_and_two_lines_name_no_place_person_or_sense() -> None:
    rules = DATA.rules
    for kind, line in lines():
        said = {word.lower() for text in texts(line) for word in words(text)}
        if line.level == 1:
            assert not said & (rules.person_words | rules.sense_words | rules.place_words), (kind, line.headline)
        if line.level == 2:
            assert not said & rules.sense_words, (kind, line.headline)


def test_heads_of_lines_are_head_nouns_of_their_kind() -> None:
    nouns = Nouns(DATA)
    for kind, line in lines():
        for head in line.heads:
            row = nouns.head(head.split())
            assert row is not None, head
            assert row.kind == kind, head
            assert head in (row.word, row.singular, row.plural), head


def test_every_line_passes_a_grammar_checker_with_every_filler() -> None:
    linter = harper.Linter()
    config = linter.get_lint_config()
    linter.set_lint_config(config | {name: False for name in QUIET if name in config})
    found = []
    all_texts = [text for _, line in lines() for text in texts(line)] + attribute_lines()
    for text in all_texts:
        for filler in FILLERS if "{" in text else ("",):
            faults = [lint.message for lint in linter.lint(filled(text, filler))]
            found += [(text, message) for message in faults if not any(fine in message for fine in FINE)]
    assert found == []


def test_the_grammar_check_can_fail() -> None:
    linter = harper.Linter()
    assert linter.lint("A apple for the the table.")


@pytest.mark.parametrize(
    "raw", [["x9 any | A."], ["l1 | A."], ["l1 loud | A."], ["l1 any"], {"nowhere": ["l1 any | A."]}]
)
def test_an_unreadable_bank_is_refused_by_name(raw: object) -> None:
    bank = raw if isinstance(raw, dict) else {"hook": raw}
    with pytest.raises(ConfigError, match="mybank"):
        parse_bank("mybank", bank)
