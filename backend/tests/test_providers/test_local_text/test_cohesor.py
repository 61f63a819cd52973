"""The cohesor: planted contradictions are found, repaired and told; ids, order and durations stay."""

from __future__ import annotations

from typing import Any

import pytest

from app.schemas.unified_pipeline import Scene
from tests.test_providers.test_local_text.ads import SIX, cohere, reference, scenes, story

TOLD = story(SIX[1])
GOOD = scenes(TOLD)


def plant(index: int, **changes: Any) -> list[Scene]:
    return [each.model_copy(update=changes) if i == index else each for i, each in enumerate(GOOD)]


def described(index: int, old: str, new: str) -> list[Scene]:
    assert old in GOOD[index].description
    return plant(index, description=GOOD[index].description.replace(old, new))


def test_good_scenes_are_left_alone() -> None:
    result = cohere(TOLD, GOOD)
    assert result.scenes == GOOD
    assert result.adjustments == []
    assert result.critique.score == 10
    assert result.critique.approved


LOCK = "Product, identical in every scene: tall rounded shape, teal body, plain label at the centre."
PLANTED: list[tuple[str, list[Scene], str]] = [
    ("foreign_colour", plant(2, description=GOOD[2].description + " A crimson strap."), "crimson"),
    ("foreign_colour", described(2, "#0f766e", "#ff0000"), "#ff0000"),
    ("product_noun", plant(2, description=GOOD[2].description + " Close on the canoe."), "canoe"),
    ("day_night", [*plant(2, description=GOOD[2].description + " Shot at night.")[:3], *GOOD[3:]], "at night"),
    ("brand_misspelt", plant(2, description=GOOD[2].description + " Tarm again."), "Tarm"),
    ("no_lock", described(1, LOCK, "Product: some boat."), ""),
    ("no_lock", described(1, LOCK + " ", ""), ""),
    ("same_layout", plant(2, layout=GOOD[1].layout), GOOD[1].layout),
    ("transition", plant(2, transition_in="overexpose"), "overexpose"),
    ("transition", plant(0, transition_in="dip"), "dip"),
    ("scene_duration", plant(3, duration=9.5), "9.5 s"),
    ("early_cta", plant(1, copy_text=GOOD[1].copy_text.model_copy(update={"cta": "Buy now"})), "Buy now"),
    ("missing_cta", plant(4, copy_text=GOOD[4].copy_text.model_copy(update={"cta": None})), ""),
    ("layout_last", plant(4, layout="titlecard"), "titlecard"),
    ("product_absent", [each.model_copy(update={"references": []}) for each in GOOD], ""),
]


@pytest.mark.parametrize(("code", "shots", "quote"), PLANTED, ids=[f"{i} {row[0]}" for i, row in enumerate(PLANTED)])
def test_a_planted_contradiction_is_repaired_and_told(code: str, shots: list[Scene], quote: str) -> None:
    result = cohere(TOLD, shots)
    found = [issue for issue in result.critique.issues if issue.code == code]
    assert found, result.critique.issues
    assert found[0].quote == quote or not quote
    assert len(result.adjustments) == len(result.critique.issues)
    assert [(each.id, each.duration) for each in result.scenes] == [(each.id, each.duration) for each in TOLD.scenes]
    again = cohere(TOLD, result.scenes)
    assert again.adjustments == []
    assert again.scenes == result.scenes


def test_repairs_put_back_what_was_there() -> None:
    result = cohere(TOLD, described(1, LOCK, "Product: some boat."))
    assert LOCK in result.scenes[1].description
    assert cohere(TOLD, plant(4, copy_text=GOOD[4].copy_text.model_copy(update={"cta": None}))).scenes == GOOD
    assert cohere(TOLD, plant(2, transition_in="overexpose")).scenes == GOOD
    assert cohere(TOLD, described(2, "#0f766e", "#ff0000")).scenes == GOOD


def test_the_time_of_day_follows_the_majority() -> None:
    dark = [each.model_copy(update={"description": each.description + " At night."}) for each in GOOD[:4]]
    mixed = [*dark, GOOD[4].model_copy(update={"description": GOOD[4].description + " In daylight."})]
    result = cohere(TOLD, mixed)
    assert "In daylight" not in result.scenes[4].description
    assert "night" in result.scenes[4].description.lower()


def test_a_brand_on_screen_is_mended_too() -> None:
    copy = GOOD[1].copy_text.model_copy(update={"headline": "Tarm."})
    assert cohere(TOLD, plant(1, copy_text=copy)).scenes[1].copy_text.headline == "Tarn."


def test_several_contradictions_at_once() -> None:
    shots = plant(
        2, layout=GOOD[1].layout, transition_in="overexpose", description=GOOD[2].description + " A crimson canoe."
    )
    result = cohere(TOLD, shots)
    assert len(result.adjustments) >= 3
    assert cohere(TOLD, result.scenes).adjustments == []


def test_scenes_without_any_reference_still_cohere() -> None:
    shots = scenes(TOLD, [])
    assert cohere(TOLD, shots, []).adjustments == []
    photo = [reference("product", "uploaded")]
    assert cohere(TOLD, scenes(TOLD, photo), photo).adjustments == []
