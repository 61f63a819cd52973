"""The small parts: words, masked text, articles, near misses, nouns, beats, notes and colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import ConfigError
from app.providers.local_text.checks import article, near
from app.providers.local_text.context import colour_name, field_of, palette
from app.providers.local_text.data import DEFAULT_DIR, CopyData, shipped
from app.providers.local_text.masked import Masked
from app.providers.local_text.nouns import Nouns
from app.providers.local_text.plan import custom_beats, fit_beats, role_of
from app.providers.local_text.remarks import remark, said_in
from app.providers.local_text.words import capital, content, sentence, stem, straight
from tests.test_providers.test_local_text.ads import CONTEXT

NOUNS = Nouns(shipped())


@given(st.text())
def test_straightening_keeps_every_offset(text: str) -> None:
    assert len(straight(text)) == len(text)


def test_sentences_get_a_capital_and_a_stop_and_nothing_else() -> None:
    assert sentence("fits in a hatchback") == "Fits in a hatchback."
    assert sentence("no garage?") == "No garage?"
    assert capital("iPhone case") == "iPhone case"
    assert capital("") == ""


def test_content_words_ignore_number_and_small_words() -> None:
    stop = frozenset({"the", "of"})
    assert content("The bottles of berries", stop) == content("bottle berry", stop)
    assert stem("glass") == "glass"


def test_segments_never_cut_inside_numbers() -> None:
    text = Masked("Chocolate, 1,200 beans; 70.5% cocoa. No palm oil - ever")
    assert [text.original(a, b) for a, b in text.segments()] == [
        "Chocolate",
        "1,200 beans",
        "70.5% cocoa",
        "No palm oil",
        "ever",
    ]


def test_what_is_taken_is_not_read_twice() -> None:
    text = Masked("a calm ad, calm")
    pattern = re.compile("calm")
    assert text.take(pattern)
    assert text.take(pattern)
    assert text.take(pattern) is None


@pytest.mark.parametrize(
    ("word", "wanted"),
    [("apple", "an"), ("bottle", "a"), ("8-seater", "an"), ("11-speed", "an"), ("18-hole", "an"), ("hour", "an"),
     ("uniform", "a"), ("umbrella", "an"), ("one-off", "a"), ("LED", "an"),
     ("UV", "a"), ("used", "a"), ("80", "an"), ("12", "a")],
)  # fmt: skip
def test_articles_go_by_sound(word: str, wanted: str) -> None:
    assert article(word) == wanted


def test_near_misses_are_one_edit_away() -> None:
    assert near("tarm", "tarn")
    assert near("trn", "tarn")
    assert near("lumne", "lumen")
    assert not near("tarn", "tarn")
    assert not near("barge", "tarn")
    assert not near("ox", "oxo")


def test_hand_made_heads_come_first_and_the_table_needs_to_be_sure() -> None:
    row = NOUNS.head(["big", "water", "bottle"])
    assert row is not None
    assert (row.word, row.kind, row.number) == ("water bottle", "drinkware", "count")
    assert NOUNS.kind("screwdriver") in ("tool", None)
    assert NOUNS.kind("rosin") is None
    assert NOUNS.ambiguous("planner")
    assert NOUNS.is_person("parents")
    assert not NOUNS.known("blorptastic")
    singulars = {row.singular for row in NOUNS._rows.values()}
    assert len(singulars) >= 400


def test_the_built_table_is_sorted_and_small() -> None:
    path = DEFAULT_DIR / "wordnet.txt"
    lines = path.read_text(encoding="ascii").splitlines()
    assert path.stat().st_size <= 700_000
    assert lines == sorted(lines)
    assert all(re.fullmatch(r"[a-z-]+ [A-Za-z.+-]", line) for line in lines)


def test_beats_fit_and_custom_text_is_cut() -> None:
    assert fit_beats(["a", "b", "c", "d"], 5) == ["a", "b", "c", "c", "d"]
    assert fit_beats(["a", "b", "c", "d"], 3) == ["a", "b", "d"]
    assert fit_beats(["a", "b"], 1) == ["b"]
    assert custom_beats("1. Tease 2. Reveal, proof -> ask", shipped()) == ["tease", "reveal", "proof", "ask"]
    assert role_of("call to action", shipped()) == "close"
    assert role_of("flurb", shipped()) is None


def test_notes_that_quote_the_user_can_be_read_back() -> None:
    notes = [remark(shipped(), "asked", "5 year warranty"), "Something else."]
    assert said_in(notes, shipped(), "asked") == ["5 year warranty"]


def test_the_context_is_read_line_by_line() -> None:
    assert field_of(CONTEXT, "CHARACTER APPEARANCE") is None
    assert field_of(CONTEXT, "VISUAL STYLE") == "flat illustration"
    assert palette(CONTEXT) == ["#0f766e", "#f5f0e6"]
    assert colour_name("#0f766e", shipped()) == "teal"


@pytest.mark.parametrize("name", ["lexicon.yaml", "rules.yaml", "kinds.yaml", "attributes.yaml", "banks/neutral.yaml"])
def test_broken_data_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "banks").mkdir()
    (tmp_path / name).write_text("wrong: [", encoding="utf-8")
    data = CopyData(tmp_path)
    readers = {
        "lexicon.yaml": lambda: data.lexicon,
        "rules.yaml": lambda: data.rules,
        "kinds.yaml": lambda: data.kinds,
        "attributes.yaml": lambda: data.attributes,
        "banks/neutral.yaml": lambda: data.bank("neutral"),
    }
    with pytest.raises(ConfigError, match=name):
        readers[name]()
    (tmp_path / name).write_text("wrong: 1", encoding="utf-8")
    with pytest.raises(ConfigError, match=name.split("/")[-1].split(".")[0]):
        readers[name]()


def test_every_data_file_is_valid_and_every_wording_can_be_filled() -> None:
    data = shipped()
    for table in (data.lexicon, data.grammar, data.nouns, data.frameworks, data.rules, data.filming, data.feedback):
        assert table
    assert set(data.kinds) >= set(data.nouns.heads)
    assert abs(sum(data.rules.shares.values()) - 1) < 1e-9
    for kind, row in data.kinds.items():
        for shot in row.shots:
            assert re.match(r"[123] (hook|problem|agitate|reveal|fact|audience|after|close|any) \| \S", shot), (
                kind,
                shot,
            )
