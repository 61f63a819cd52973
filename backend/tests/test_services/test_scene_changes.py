"""A person's own words in one scene leave the others as they are; an order names each scene once."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from app.core.errors import InvalidInput
from app.schemas.story import Copy, Critique, SceneRound
from app.schemas.unified_pipeline import Scene, SceneChange
from app.services.unified_pipeline.scene_changes import apply_change, reorder, require_scene, scene_digest

ROUND = SceneRound(round=1, description="A draft", critique=Critique(score=7))


def scenes() -> list[Scene]:
    words = Copy(
        kicker="Nordkap", headline="Cold all day", support="Steel", items=["one", "two"], cta="Buy", url="x.no"
    )
    return [
        Scene(id=n, description=f"Shot {n}", duration=2, copy_text=words, quality_score=8, rounds=[ROUND])
        for n in (1, 2, 3)
    ]


def test_only_the_named_scene_changes_and_only_what_is_given() -> None:
    before = scenes()
    after = apply_change(before, 2, SceneChange(headline="Fixed by Friday"))
    assert (after[0] is before[0], after[2] is before[2]) == (True, True)
    expected = before[1].copy_text.model_copy(update={"headline": "Fixed by Friday"})
    assert after[1] == before[1].model_copy(update={"copy_text": expected, "rounds": []})
    assert before == scenes()


@pytest.mark.parametrize("line", ["kicker", "support", "cta", "url"])
def test_an_empty_string_clears_a_line(line: str) -> None:
    after = apply_change(scenes(), 1, SceneChange.model_validate({line: ""}))
    assert getattr(after[0].copy_text, line) is None


def test_an_empty_headline_and_an_empty_list_stay_what_their_type_says() -> None:
    copy = apply_change(scenes(), 1, SceneChange(headline="", items=[]))[0].copy_text
    assert (copy.headline, copy.items) == ("", [])
    assert Copy.model_validate(copy.model_dump()) == copy


def test_a_description_replaces_the_shot_and_leaves_the_words() -> None:
    after = apply_change(scenes(), 3, SceneChange(description="Rain on glass"))[2]
    assert (after.description, after.copy_text) == ("Rain on glass", scenes()[2].copy_text)


def test_every_order_of_all_scenes_is_taken() -> None:
    for order in permutations([1, 2, 3]):
        assert [scene.id for scene in reorder(scenes(), order)] == list(order)


@pytest.mark.parametrize("order", [[], [1, 2], [1, 2, 2], [1, 2, 3, 3], [1, 2, 4], [0, 1, 2, 3]])
def test_an_order_that_is_none_names_the_scenes(order: list[int]) -> None:
    with pytest.raises(InvalidInput, match="the scenes are 1, 2, 3"):
        reorder(scenes(), order)


def test_an_unknown_scene_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"no scene 9.*1, 2, 3"):
        apply_change(scenes(), 9, SceneChange(headline="x"))
    with pytest.raises(InvalidInput, match="not written yet"):
        require_scene([], 1)


@pytest.mark.parametrize("update", [{"rounds": []}, {"quality_score": 1.0}])
def test_scores_and_drafts_do_not_make_a_clip_stale(update: dict[str, Any]) -> None:
    assert scene_digest(scenes()[0].model_copy(update=update)) == scene_digest(scenes()[0])


@pytest.mark.parametrize(
    "update",
    [{"description": "x"}, {"duration": 3.0}, {"variation": 1}, {"copy_text": Copy()}, {"layout": "stack-list"}],
)
def test_whatever_is_seen_does(update: dict[str, Any]) -> None:
    assert scene_digest(scenes()[0].model_copy(update=update)) != scene_digest(scenes()[0])
