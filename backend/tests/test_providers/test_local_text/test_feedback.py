"""Feedback changes the plan: each wish changes what it names and leaves the rest alone."""

from __future__ import annotations

from typing import Any

import pytest

from app.providers.local_text.data import shipped
from app.providers.local_text.feedback import FeedbackParser
from app.providers.local_text.words import words
from app.schemas.story import Story
from tests.test_providers.test_local_text.ads import SIX, heads, judge, shown, story

KAYAK = SIX[1]
BASE = story(KAYAK, seed=1)


def after(*feedback: str, **task: Any) -> Story:
    return story(KAYAK, feedback=list(feedback), **({"previous": BASE, "seed": 2} | task))


def changed(told: Story) -> set[int]:
    """Numbers of the scenes whose words differ from the base's."""
    pairs = zip(BASE.scenes, told.scenes, strict=True)
    return {old.id for old, new in pairs if old.copy_text != new.copy_text}


PARSED = [
    ("make it shorter", "shorter"),
    ("too much text", "shorter"),
    ("make it funnier", "tone"),
    ("more drama please", "tone"),
    ("could you make the tone calmer?", "tone"),
    ("less funny", "humour_off"),
    ("no questions", "questions_off"),
    ("mention the lifetime warranty", "mention"),
    ("don't forget that it floats", "mention"),
    ("drop the hatchback", "drop"),
    ("please remove the line about the garage", "drop"),
    ("make it for weekend fishermen", "audience"),
    ("another opening", "fresh"),
    ("the hook is weak", "fresh"),
    ("I don't like scene 3", "fresh"),
    ("change the CTA to Rent yours", "cta"),
    ('call to action: "Rent yours"', "cta"),
    ("a different call to action", "other_cta"),
    ("call it River Mouse", "name"),
    ("the brand is Heron", "brand"),
    ("swap scenes 2 and 3", "swap"),
    ("exchange the second and third scenes", "swap"),
    ("stronger ending", "ending"),
    ("the ending feels flat", "ending"),
    ("try again", "regenerate"),
    ("give me another version", "regenerate"),
    ('scene 3 should say "Goes where you go"', "set_line"),
    ("make the second scene more dramatic", "scene_tone"),
    ('replace "No garage?" with "No shed?"', "replace"),
    ("add some music", "unsupported"),
    ("purple monkey", "unknown"),
]


@pytest.mark.parametrize(("said", "name"), PARSED, ids=[row[0] for row in PARSED])
def test_what_users_say_is_understood(said: str, name: str) -> None:
    assert [step.name for step in FeedbackParser(shipped()).parse([said])] == [name]


def test_two_wishes_in_one_sentence_are_two_operations() -> None:
    steps = FeedbackParser(shipped()).parse(["I like it, but make it calmer and mention the oak paddle"])
    wishes = [(step.name, step.text or step.tone) for step in steps if step.name != "praise"]
    assert wishes == [("tone", "calm"), ("mention", "oak paddle")]


def test_wishes_in_a_row_of_commas_are_all_heard() -> None:
    steps = FeedbackParser(shipped()).parse(["make it calmer, mention free delivery and drop the price"])
    assert [step.name for step in steps] == ["tone", "mention", "drop"]


def test_shorter_takes_words_away_and_keeps_the_headlines() -> None:
    told = after("make it shorter")
    assert len(words(shown(told))) < len(words(shown(BASE)))
    assert heads(told) == heads(BASE)


@pytest.mark.parametrize(("said", "tone"), [("calmer please", "calm"), ("more dramatic", "epic"), ("bolder", "bold")])
def test_a_new_mood_changes_lines_and_music_but_not_the_facts(said: str, tone: str) -> None:
    told = after(said)
    assert told.tone == told.audio.mood == tone
    assert told.audio.bpm != BASE.audio.bpm
    assert changed(told)
    assert "Fits in a hatchback." in heads(told)


def test_funnier_really_changes_a_plain_ad() -> None:
    plain = story("Folding kayak that fits in a hatchback", seed=1)
    funny = story("Folding kayak that fits in a hatchback", seed=1, previous=plain, feedback=["make it funnier"])
    assert (plain.tone, funny.tone) == ("neutral", "playful")
    assert shown(plain) != shown(funny)
    assert "Fits in a hatchback." in shown(funny)


def test_a_mention_comes_in_and_one_scene_makes_room() -> None:
    told = after("mention that it weighs 9 kilos")
    assert "Weighs 9 kilos." in shown(told)
    assert len(changed(told)) == 1
    assert judge(KAYAK, told).approved


def test_what_is_dropped_is_gone_and_the_rest_stays() -> None:
    told = after("drop the hatchback")
    assert "hatchback" not in shown(told).lower()
    assert heads(told)[:2] == heads(BASE)[:2]
    assert judge(KAYAK, told).approved


def test_a_new_audience_replaces_the_old_one() -> None:
    told = after("make it for weekend fishermen instead")
    assert told.audience == "weekend fishermen"
    assert "garage" not in shown(told)
    assert "For weekend fishermen." in shown(told)


@pytest.mark.parametrize("said", ["another opening", "the hook is weak", "change the first scene"])
def test_another_opening_is_another_opening(said: str) -> None:
    told = after(said)
    assert heads(told)[0] != heads(BASE)[0]
    assert heads(told)[1] == heads(BASE)[1]


def test_another_call_to_action() -> None:
    assert after("change the CTA to Rent yours").scenes[-1].copy_text.cta == "Rent yours"
    told = after("different call to action")
    assert told.scenes[-1].copy_text.cta not in (None, BASE.scenes[-1].copy_text.cta)
    assert changed(told) == {5}


def test_a_different_product_name() -> None:
    told = after("call it pocket canoe")
    assert told.product == "pocket canoe"
    assert "kayak" not in shown(told)
    branded = after("the brand is Heron")
    assert branded.brand == "Heron"
    assert "Tarn" not in shown(branded)
    assert branded.scenes[-1].copy_text.cta == "Find Heron"


def test_an_answer_to_the_question_names_an_unknown_thing() -> None:
    told = story("Ad for the zibblet, brand Tarn", feedback=["call it pocket lantern"])
    assert told.product == "pocket lantern"
    assert told.question is None


def test_no_questions() -> None:
    told = after("no questions")
    assert "?" in shown(BASE)
    assert "?" not in shown(told)


def test_swapping_two_scenes_swaps_just_these_and_only_once() -> None:
    told = after("swap scenes 2 and 3")
    assert [heads(told)[i] for i in (0, 1, 2, 3)] == [heads(BASE)[i] for i in (0, 2, 1, 3)]
    assert [each.beat for each in told.scenes][1:3] == [each.beat for each in BASE.scenes][2:0:-1]
    again = after("swap scenes 2 and 3", previous=told, critique=judge(KAYAK, told))
    assert heads(again) == heads(told)
    back = after("swap scenes 2 and 3", "swap scenes 2 and 3", previous=told)
    assert heads(back) == heads(BASE)


def test_the_last_scene_stays_last() -> None:
    told = after("swap scenes 4 and 5")
    assert heads(told) == heads(BASE)
    assert any("stays last" in note for note in told.notes)


def test_a_stronger_ending_ends_on_a_fact() -> None:
    told = after("stronger ending")
    assert told.scenes[-1].copy_text.support == "Fits in a hatchback."
    assert changed(told) == {5}


def test_regenerate_writes_other_lines_but_keeps_the_facts() -> None:
    told = after("try again")
    assert shown(told) != shown(BASE)
    assert "Fits in a hatchback." in shown(told)


def test_the_users_own_line_stands_as_given() -> None:
    told = after('scene 3 should say "Goes where you go"')
    assert heads(told)[2] == "Goes where you go."
    assert judge(KAYAK, told).approved
    assert not changed(told) & {1, 2}


def test_one_scene_may_change_its_mood_alone() -> None:
    told = after("make scene 3 more dramatic")
    assert 3 in changed(told)
    assert changed(told) <= {3, 4}
    assert told.tone == BASE.tone


def test_what_is_not_understood_changes_nothing_and_is_said() -> None:
    for said in ("purple monkey", "add some music", "change scene 9"):
        told = after(said)
        assert changed(told) == set()
        assert any("Could not tell" in note or "no scene 9" in note for note in told.notes)


def test_earlier_feedback_holds_when_more_comes() -> None:
    first = after("mention the oak paddle")
    second = story(KAYAK, feedback=["mention the oak paddle", "calmer"], previous=first, seed=3)
    assert "Oak paddle." in shown(second)
    assert second.tone == "calm"


def test_feedback_without_a_previous_draft_works_too() -> None:
    assert "Oak paddle." in shown(story(KAYAK, feedback=["mention the oak paddle"]))


def test_feedback_is_deterministic() -> None:
    assert after("calmer", "mention the oak paddle") == after("calmer", "mention the oak paddle")
