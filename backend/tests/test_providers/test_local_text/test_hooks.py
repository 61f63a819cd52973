"""Hook variants: the same ad with another opening, and nothing but the opening."""

from __future__ import annotations

from typing import Any

import pytest

from app.schemas.story import Story
from tests.test_providers.test_local_text.ads import SIX, heads, judge, shown, story

BRIEFS = [
    "Ad for Pace, a trail running shoe that dries overnight, 120 dollars a pair, for city runners",
    "Yoga classes in Leeds, first class free, from 8 pounds a class, for busy nurses",
    "30-second ad for a hot sauce made in small batches, brand Ember, free delivery on Fridays",
    *SIX[:3],
]
each_brief = pytest.mark.parametrize("brief", BRIEFS, ids=range(len(BRIEFS)))


def rest(draft: Story) -> dict[str, Any]:
    """All that an opening must not touch."""
    told = draft.model_dump(exclude={"narrative", "notes", "remarks_heard"})
    told["scenes"] = [scene.model_dump_json() for scene in draft.scenes[1:]]
    return told


def opening(draft: Story) -> str:
    return heads(draft)[0]


@each_brief
def test_three_hooks_are_three_openings_of_one_ad(brief: str) -> None:
    drafts = [story(brief, hook=number) for number in range(3)]
    assert len({opening(draft) for draft in drafts}) == 3
    assert rest(drafts[0]) == rest(drafts[1]) == rest(drafts[2])
    assert all(draft.scenes[0].beat == drafts[0].scenes[0].beat for draft in drafts)
    assert not any("openings and no more" in note for draft in drafts for note in draft.notes)


@each_brief
def test_each_variant_passes_the_critic(brief: str) -> None:
    for number in (1, 2, 3):
        assert judge(brief, story(brief, hook=number)).approved


@each_brief
def test_hook_nought_is_the_ad_itself(brief: str) -> None:
    assert story(brief, hook=0) == story(brief)


def test_a_price_or_an_offer_in_the_opening_is_carried_along() -> None:
    brief = BRIEFS[1]
    assert opening(story(brief)) == "First class free."
    for number in (1, 2, 3):
        assert "First class free." in shown(story(brief, hook=number))


@pytest.mark.parametrize("framework", ["PAS", "BAB", "FAB"])
def test_other_frameworks_have_hooks_too(framework: Any) -> None:
    drafts = [story(SIX[1], hook=number, framework=framework) for number in range(3)]
    assert len({opening(draft) for draft in drafts}) == 3
    assert rest(drafts[0]) == rest(drafts[1]) == rest(drafts[2])


def test_when_openings_run_out_the_story_says_so() -> None:
    drafts = [story(SIX[1], hook=number, framework="PAS") for number in range(10)]
    repeated = [draft for number, draft in enumerate(drafts) if opening(draft) in map(opening, drafts[:number])]
    assert repeated
    assert all(any("openings and no more" in note for note in draft.notes) for draft in repeated)
    assert rest(drafts[9]) == rest(drafts[0])


def test_one_scene_has_no_other_opening() -> None:
    told = story(SIX[0], scenes=1, hook=2)
    assert told.scenes == story(SIX[0], scenes=1).scenes
    assert any("openings and no more" in note for note in told.notes)


@each_brief
def test_feedback_works_on_a_variant(brief: str) -> None:
    variant = story(brief, hook=2)
    after = story(brief, hook=2, seed=5, previous=variant, feedback=["mention the ten-year guarantee"])
    assert opening(after) == opening(variant)
    assert "ten-year guarantee" in shown(after).lower()
    other = story(brief, hook=2, seed=5, previous=variant, feedback=["another opening"])
    assert opening(other) not in (opening(variant), "")
    assert rest(other) == rest(variant)


@each_brief
def test_a_refining_round_keeps_the_variants_opening(brief: str) -> None:
    variant = story(brief, hook=1)
    again = story(brief, hook=1, previous=variant, critique=judge(brief, variant))
    assert opening(again) == opening(variant)


def test_hooks_are_deterministic() -> None:
    assert story(SIX[0], hook=4) == story(SIX[0], hook=4)
