"""The brief reader: the ways of asking, and the traps of the research, both as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.providers.local_text.data import shipped
from app.providers.local_text.facts import Facts
from app.providers.local_text.reader import BriefReader
from app.schemas.providers import BriefInput

DATA = Path(__file__).parent / "data"
WRAPPERS: list[list[str]] = yaml.safe_load((DATA / "wrappers.yaml").read_text(encoding="utf-8"))
TRAPS: list[dict[str, Any]] = yaml.safe_load((DATA / "traps.yaml").read_text(encoding="utf-8"))
PLAIN = (
    "brand",
    "audience",
    "audience_kind",
    "url",
    "cta",
    "duration_s",
    "aspect_ratio",
    "framework",
    "tone",
    "tone_said",
)


def read(prompt: str, **flags: Any) -> Facts:
    return BriefReader(shipped()).read(BriefInput(prompt=prompt, **flags))


@pytest.mark.parametrize(("prompt", "phrase"), WRAPPERS, ids=[row[0] for row in WRAPPERS])
def test_the_product_is_found_behind_every_way_of_asking(prompt: str, phrase: str) -> None:
    facts = read(prompt)
    assert facts.product is not None
    assert facts.product.phrase == phrase


@pytest.mark.parametrize("trap", TRAPS, ids=[row["brief"] for row in TRAPS])
def test_traps(trap: dict[str, Any]) -> None:
    facts = read(trap["brief"])
    texts = [span.text for span in facts.spans]
    product = facts.product
    for name in PLAIN:
        if name in trap:
            assert getattr(facts, name) == trap[name], name
    if "phrase" in trap:
        assert product is not None
        assert product.phrase == trap["phrase"]
    if "kind" in trap:
        assert facts.kind == trap["kind"]
    if "level" in trap:
        assert facts.certainty == trap["level"]
    if "constraints" in trap:
        assert sorted(facts.constraints) == sorted(trap["constraints"])
    assert [text for text in trap.get("spans", []) if text not in texts] == []
    assert [text for text in trap.get("no_spans", []) if text in texts] == []
    if "no_text" in trap:
        assert trap["no_text"] not in " ".join([*texts, facts.audience or ""])


@given(st.text(max_size=300))
def test_any_text_can_be_read(prompt: str) -> None:
    facts = read(prompt)
    assert 0 <= facts.certainty <= 3


@given(st.lists(st.sampled_from([row["brief"] for row in TRAPS]), min_size=1, max_size=3))
def test_every_span_is_a_byte_equal_piece_of_the_brief(briefs: list[str]) -> None:
    prompt = ". ".join(briefs)
    for span in read(prompt).spans:
        assert span.text in prompt


def test_flags_win_over_the_text() -> None:
    facts = read(
        "Honey called Bramble, cta: Buy now, at bramble.com", brand="Thistle", cta="Visit us", url="thistle.co"
    )
    assert (facts.brand, facts.cta, facts.url) == ("Thistle", "Visit us", "thistle.co")


def test_a_long_fragment_keeps_its_first_clause_and_tells_the_rest() -> None:
    facts = read("new book: a thriller about a lighthouse keeper who stops answering the radio")
    assert "a thriller about a lighthouse keeper" in [span.text for span in facts.spans]
    assert facts.left_out == ("who stops answering the radio",)


TITLES = [
    ("Sunrise Roast: coffee roasted the day it ships", "Sunrise Roast", "coffee"),
    ("Bright Smile: dental clinic, open Saturdays", "Bright Smile", "dental clinic"),
    ("Nine Lives: bicycle repair, same day", "Nine Lives", "bicycle repair"),
    ("Video Ad: coffee beans", None, "coffee beans"),
]


@pytest.mark.parametrize(("prompt", "brand", "product"), TITLES)
def test_a_title_before_a_colon_is_the_name(prompt: str, brand: str | None, product: str) -> None:
    facts = BriefReader(shipped()).read(BriefInput(prompt=prompt))
    assert facts.brand == brand
    assert facts.product is not None
    assert facts.product.phrase == product
