"""The story critic: bad twins score below their good ones, each for the one fault it has."""

from __future__ import annotations

from typing import Any

import pytest

from app.providers.local_text.words import words
from app.schemas.story import Copy, Critique, Issue, Story
from tests.test_providers.test_local_text.ads import SIX, judge, rows, shown, story

TWINS: list[dict[str, Any]] = rows("twins.yaml")
BRIEFS = {
    "bottle": SIX[0],
    "kayak": SIX[1],
    "bees": SIX[2],
    "rosin": SIX[3],
    "lumen": SIX[5],
    "fair": "Repair fair at the town hall, bring your broken toaster, Saturday 14 May, hopeful",
    "magnesium": "Magnesium supplement, calm",
    "sober": "Office chair, not salesy",
}
SECONDS = {"lumen": 3.75}


def good(name: str) -> Story:
    return story(BRIEFS[name], seconds=SECONDS.get(name, 6.0), seed=3)


def with_copy(told: Story, number: int, changes: dict[str, Any]) -> Story:
    changes = {k: told.scenes[0].copy_text.headline if v == "SAME_AS_1" else v for k, v in changes.items()}
    if "headline" in changes:
        changes = {"items": []} | changes
    scenes = [
        each.model_copy(update={"copy_text": each.copy_text.model_copy(update=changes)}) if each.id == number else each
        for each in told.scenes
    ]
    return told.model_copy(update={"scenes": scenes})


def without(told: Story, text: str) -> Story:
    """The story with every line that holds `text` put out of the way."""
    for each in told.scenes:
        copy = each.copy_text
        if text.lower() in copy.headline.lower():
            told = with_copy(told, each.id, {"headline": "Look here."})
        if text.lower() in (copy.support or "").lower():
            told = with_copy(told, each.id, {"support": None})
    return told


def bad(twin: dict[str, Any], told: Story) -> Story:
    if "without" in twin:
        return without(told, twin["without"])
    told = with_copy(told, twin["scene"], twin["set"])
    return with_copy(told, twin["also"]["scene"], twin["also"]["set"]) if "also" in twin else told


def test_there_are_twenty_twins_or_more() -> None:
    assert len(TWINS) >= 20


@pytest.mark.parametrize("twin", TWINS, ids=[twin["name"] for twin in TWINS])
def test_a_bad_twin_scores_below_its_good_one(twin: dict[str, Any]) -> None:
    told = good(twin["brief"])
    prompt = BRIEFS[twin["brief"]]
    before, after = judge(prompt, told), judge(prompt, bad(twin, told))
    assert after.score < before.score
    new = [issue for issue in after.issues if issue.code == twin["issue"]]
    assert new, after.issues
    assert not any(issue.code == twin["issue"] for issue in before.issues)
    if "quote" in twin:
        assert twin["quote"].lower() in new[0].quote.lower()
    assert after.feedback != before.feedback


@pytest.mark.parametrize("prompt", SIX)
def test_the_writers_own_ads_pass(prompt: str) -> None:
    verdict = judge(prompt, story(prompt))
    assert verdict.score >= 8
    assert verdict.approved
    assert [issue for issue in verdict.issues if issue.severity != "minor"] == []
    assert set(verdict.criteria) == {"brief_words", "stated", "rhythm", "tone", "freshness"}


def test_quotes_are_found_in_the_story() -> None:
    told = with_copy(good("kayak"), 3, {"headline": "Now 499 dollars.", "support": "The best there is."})
    for issue in judge(BRIEFS["kayak"], told).issues:
        assert issue.quote.lower() in shown(told).lower()


def test_words_the_user_added_later_are_not_held_against_the_story() -> None:
    told = story(SIX[1], feedback=["mention the 5 year warranty"])
    assert "5 year warranty" in shown(told)
    assert judge(SIX[1], told).approved


SHOP = "Create an ad for my radio repair shop"


def test_a_restaurants_line_never_reaches_a_repair_shop() -> None:
    table = Copy(headline="Your regular table. Starting soon.")
    told = story(SHOP)
    moved = [told.scenes[0].model_copy(update={"copy_text": table}), *told.scenes[1:]]
    verdict = judge(SHOP, told.model_copy(update={"scenes": moved}))
    assert [issue.quote for issue in verdict.issues if issue.code == "wrong_trade"] == ["table"]
    assert not verdict.approved
    diner = "Create an ad for a diner"
    told = story(diner)
    moved = [told.scenes[0].model_copy(update={"copy_text": table}), *told.scenes[1:]]
    assert not [i for i in judge(diner, told.model_copy(update={"scenes": moved})).issues if i.code == "wrong_trade"]
    for seed in range(8):
        shown = story(SHOP, seed=seed, feedback=["make it funnier"], previous=story(SHOP, seed=seed))
        assert not {"table", "usual", "menu"} & set(words(" ".join(s.copy_text.headline for s in shown.scenes).lower()))


def test_its_verdict_is_said_as_what_it_is() -> None:
    verdict = judge(SHOP, story(SHOP))
    assert (verdict.by_rules, verdict.verdict) == (True, "no faults found")
    issues = [Issue(code="x", message="x"), Issue(code="y", message="y")]
    assert verdict.model_copy(update={"issues": issues}).verdict == "2 remarks"
    assert verdict.model_copy(update={"issues": issues[:1]}).verdict == "1 remark"
    assert Critique(score=7).verdict == "7.0/10"
