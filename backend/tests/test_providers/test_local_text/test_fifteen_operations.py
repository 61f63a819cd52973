"""What users say most at the story gate, fifteen operations on three briefs: what changed, and what stayed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.providers.local_text.checks import copy_parts
from app.providers.local_text.data import shipped
from app.providers.local_text.words import words
from app.schemas.story import Story
from tests.test_providers.test_local_text.ads import heads, judge, shown, story
from tests.test_providers.test_local_text.drafts import (
    DRAFTS,
    FOOD,
    PRODUCT,
    SERVICE,
    WRITTEN,
    chain,
    lines,
    moved,
    same_names,
    three,
    three_written,
    told,
)


# 1 -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["make it shorter", "shorter lines please", "less text", "too many words"])
@three
def test_shorter(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert len(words(shown(after))) < len(words(shown(before)))
    assert heads(after) == heads(before)
    assert [s.visual for s in after.scenes] == [s.visual for s in before.scenes]
    assert same_names(before, after)
    assert after.tone == before.tone


@three_written
def test_shorter_when_there_are_only_headlines_left(brief: str) -> None:
    first, second = chain(brief, "make it shorter", "even shorter")[1:]
    assert len(words(shown(second))) < len(words(shown(first)))


# 2, 3, 11 ------------------------------------------------------------------------------------------------------------
MOODS = [
    ("make it funnier", "playful"),
    ("more premium", "premium"),
    ("more serious", "calm"),
    ("calmer please", "calm"),
    ("make it more energetic", "bold"),
]


@pytest.mark.parametrize(("said", "tone"), MOODS)
@three
def test_another_mood(brief: str, said: str, tone: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert after.tone == after.audio.mood == tone
    assert after.audio != before.audio
    assert after.cta == before.cta
    assert after.scenes[-1] == before.scenes[-1]
    assert same_names(before, after)
    prices = [part for s in before.scenes for part in copy_parts(s.copy_text) if any(c.isdigit() for c in part)]
    assert prices
    assert all(price in shown(after) for price in prices)


@pytest.mark.parametrize(("said", "tone"), MOODS)
@three_written
def test_another_mood_writes_other_lines(brief: str, said: str, tone: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert moved(before, after)
    assert after.scenes[-1] == before.scenes[-1]
    assert judge(brief, after).approved


def test_more_serious_takes_the_jokes_out() -> None:
    tags = [line.headline for line in shipped().bank("neutral").role("tag")]
    funny = told(PRODUCT, "make it funnier")
    serious = told(PRODUCT, "make it funnier", "more serious", previous=funny)
    assert any(tag in shown(funny) for tag in tags)
    assert not any(tag in shown(serious) for tag in tags)
    assert (funny.tone, serious.tone) == ("playful", "neutral")


# 4 -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["mention the ten-year guarantee", "don't forget the ten-year guarantee"])
@three
def test_mention(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert "ten-year guarantee" in shown(after).lower()
    assert len(moved(before, after)) == 1
    assert same_names(before, after)
    assert judge(brief, after).approved


# 5 -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["drop the price", "don't mention the price", "leave out the price"])
@three
def test_drop(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    at = {s.id for s in before.scenes if any(c.isdigit() for c in lines(s))}
    assert at
    assert moved(before, after) == at
    assert not any(c.isdigit() for c in shown(after))
    assert judge(brief, after).approved


# 6 -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["for hikers", "aim it at hikers", "make it for hikers", "for hikers, not for them"])
@three
def test_new_audience(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert after.audience == "hikers"
    assert "For hikers." in shown(after)
    assert before.audience not in shown(after)
    assert len(moved(before, after)) == 1
    assert (after.product, after.brand, after.cta) == (before.product, before.brand, before.cta)


# 7 -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["another opening", "a different hook", "change the first line"])
@three
def test_another_opening(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert moved(before, after) == {1}
    assert heads(after)[0] != heads(before)[0]
    assert judge(brief, after).approved


@three
def test_one_more_opening_is_none_of_those_before(brief: str) -> None:
    drafts = chain(brief, "another opening", "another opening", "another opening")
    assert len({heads(draft)[0] for draft in drafts}) == 4


# 8 -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["another closing line", "a different ending", "change the last line"])
@three
def test_another_closing_line(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert moved(before, after) == {5}
    assert heads(after)[-1] != heads(before)[-1]
    assert after.cta == before.cta
    assert after.scenes[-1].copy_text.cta == before.scenes[-1].copy_text.cta


# 9 -------------------------------------------------------------------------------------------------------------------
@three
def test_change_the_call_to_action(brief: str) -> None:
    before = DRAFTS[brief]
    given, other = told(brief, "change the call to action to Book a table"), told(brief, "a different call to action")
    assert given.scenes[-1].copy_text.cta == given.cta.text == "Book a table"
    assert other.cta.text not in ("Book a table", before.cta.text)
    for after in (given, other):
        assert moved(before, after) == {5}
        assert after.scenes[-1].copy_text.headline == before.scenes[-1].copy_text.headline


# 10 ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["rename the brand to Heron", "our brand is called Heron", "the brand name is Heron"])
@three
def test_rename_the_brand(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    old = before.brand or ""
    assert after.brand == "Heron"
    assert old not in shown(after)
    assert [lines(s) for s in after.scenes] == [lines(s).replace(old, "Heron") for s in before.scenes]
    assert after.cta.text == before.cta.text.replace(old, "Heron")
    assert after.product == before.product


@three
def test_rename_the_product(brief: str) -> None:
    before, after = DRAFTS[brief], told(brief, "call it pocket canoe")
    old = (before.product or "").lower()
    assert after.product == "pocket canoe"
    assert old not in shown(after).lower()
    assert not any(f"the {old}" in scene.visual for scene in after.scenes)
    untouched = [s.id for s in before.scenes if old not in lines(s).lower()]
    assert [lines(after.scenes[i - 1]) for i in untouched] == [lines(before.scenes[i - 1]) for i in untouched]


# 12 ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["start with the price", "put the price first", "price first", "lead with the price"])
@three
def test_start_with_the_price(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert any(c.isdigit() for c in heads(after)[0])
    assert sorted(map(lines, after.scenes)) == sorted(map(lines, before.scenes))
    rest = [text for text in heads(before) if text != heads(after)[0]]
    assert heads(after)[1:] == rest
    assert after.scenes[-1] == before.scenes[-1]
    assert judge(brief, after).approved


@three
def test_swap_and_move(brief: str) -> None:
    before = heads(DRAFTS[brief])
    assert heads(told(brief, "swap scenes 2 and 3")) == [before[i] for i in (0, 2, 1, 3, 4)]
    assert heads(told(brief, "move scene 3 to the front")) == [before[i] for i in (2, 0, 1, 3, 4)]
    assert heads(told(brief, "put scene 4 before scene 2")) == [before[i] for i in (0, 3, 1, 2, 4)]
    assert heads(told(brief, "put scene 2 after scene 3")) == [before[i] for i in (0, 2, 1, 3, 4)]


@pytest.mark.parametrize("brief", [SERVICE, FOOD, WRITTEN[0]], ids=["service", "food", "written"])
def test_benefits_first(brief: str) -> None:
    before, after = DRAFTS[brief], told(brief, "put the benefits first")
    assert after.scenes[0].purpose.startswith("Give one good reason")
    assert sorted(map(lines, after.scenes)) == sorted(map(lines, before.scenes))
    assert after.scenes[-1] == before.scenes[-1]


# 13 ------------------------------------------------------------------------------------------------------------------
OF_SCENE_2 = [
    ("scene 2: headline to Fixed by Friday", "Fixed by Friday."),
    ('scene 2: "Fixed by Friday?"', "Fixed by Friday?"),
    ("change scene 2's headline to Fixed by Friday", "Fixed by Friday."),
    ("the line in scene 2 should be Fixed by Friday", "Fixed by Friday."),
    ('scene 2 should say "Fixed by Friday. Promise."', "Fixed by Friday. Promise."),
    ("scene 2: something about refills", "Refills."),
    ("scene 2: mention the refills", "Refills."),
    ("add refills to scene 2", "Refills."),
]


@pytest.mark.parametrize(("said", "line"), OF_SCENE_2, ids=[row[0] for row in OF_SCENE_2])
@three
def test_one_scene_says_something_else_and_every_other_scene_stays(brief: str, said: str, line: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert moved(before, after) == {2}
    assert line in copy_parts(after.scenes[1].copy_text)
    assert after.scenes[1].visual == before.scenes[1].visual
    assert judge(brief, after).approved


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
@three
def test_any_scene_can_be_given_a_line(brief: str, number: int) -> None:
    before, after = DRAFTS[brief], told(brief, f"scene {number}: headline to Read this aloud")
    assert moved(before, after) == {number}
    assert heads(after)[number - 1] == "Read this aloud."
    assert after.scenes[-1].copy_text.cta == before.scenes[-1].copy_text.cta


WISHES = ["another line", "funnier", "shorter", "it's boring", "no second line", "show the sole", "paint it blue"]


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("number", [1, 4])
@three
def test_whatever_is_said_of_one_scene_no_other_scene_changes(brief: str, number: int, wish: str) -> None:
    before, after = DRAFTS[brief], told(brief, f"scene {number}: {wish}")
    assert moved(before, after) <= {number}
    assert after.tone == before.tone
    if not moved(before, after):
        assert [note for note in after.notes if wish in note]


@three
def test_no_second_line_in_one_scene(brief: str) -> None:
    before, after = DRAFTS[brief], told(brief, "remove the subline of scene 2")
    assert before.scenes[1].copy_text.support
    assert after.scenes[1].copy_text.support is None
    assert heads(after) == heads(before)
    assert moved(before, after) == {2}


# 14 ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["more urgent", "add some urgency"])
@three
def test_more_urgent(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert after.cta.text == f"{before.cta.text} today"
    assert after.tone == "bold"
    assert after.scenes[-1].copy_text.headline == before.scenes[-1].copy_text.headline
    assert same_names(before, after)
    assert judge(brief, after).approved


# 15 ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", ["use simpler words", "plain English please", "too much jargon"])
@three_written
def test_simpler_words(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert _hardest(after, brief) <= 6
    easy = {s.id for s in before.scenes if all(len(w) <= 6 for w in words(lines(s)))}
    assert moved(before, after).isdisjoint(easy)
    assert same_names(before, after)
    assert after.tone == before.tone


def _hardest(draft: Story, brief: str) -> int:
    inner = " ".join(lines(scene) for scene in draft.scenes[:-1])
    return max(len(word) for word in words(inner) if word.lower() not in brief.lower())


# besides -------------------------------------------------------------------------------------------------------------
@three
def test_back_to_the_opening_before(brief: str) -> None:
    first, second, back = chain(brief, "another opening", "go back to the previous opening")
    assert heads(back)[0] == heads(first)[0] != heads(second)[0]
    assert moved(second, back) == {1}
    drafts = chain(brief, "another opening", "another opening", "bring back the first opening")
    assert heads(drafts[-1])[0] == heads(drafts[0])[0]


def test_there_is_nothing_to_go_back_to() -> None:
    after = told(FOOD, "go back to the previous opening")
    assert moved(DRAFTS[FOOD], after) == set()
    assert "There is no earlier opening to go back to." in after.notes


def test_no_questions_touches_only_the_question() -> None:
    before, after = DRAFTS[FOOD], told(FOOD, "no questions")
    asking = {s.id for s in before.scenes if "?" in lines(s)}
    assert asking
    assert moved(before, after) == asking
    assert "?" not in shown(after)


PAIRS = list(
    pairwise(
        [
            "mention the ten-year guarantee",
            "for hikers",
            "make it funnier",
            "rename the brand to Heron",
            "another opening",
            "scene 3: headline to Read this aloud",
            "start with the price",
            "change the call to action to Book a table",
            "make it shorter",
            "more urgent",
        ]
    )
)
EFFECTS = {
    "mention the ten-year guarantee": lambda a: "ten-year guarantee" in shown(a).lower(),
    "for hikers": lambda a: a.audience == "hikers" and "For hikers." in shown(a),
    "make it funnier": lambda a: a.tone == "playful",
    "rename the brand to Heron": lambda a: a.brand == "Heron" and "Heron" in shown(a),
    "another opening": lambda a: any(note.startswith("The opening before was") for note in a.notes),
    "scene 3: headline to Read this aloud": lambda a: "Read this aloud." in heads(a),
    "start with the price": lambda a: any(c.isdigit() for c in heads(a)[0]),
    "change the call to action to Book a table": lambda a: a.cta.text.startswith("Book a table"),
    "make it shorter": lambda a: sum(bool(s.copy_text.support) for s in a.scenes) <= 1,
    "more urgent": lambda a: a.cta.text.endswith(" today"),
}


@pytest.mark.parametrize("pair", PAIRS, ids=[" + ".join(pair) for pair in PAIRS])
@three
def test_two_wishes_in_a_row_both_hold(brief: str, pair: tuple[str, str]) -> None:
    last = chain(brief, *pair)[-1]
    assert [said for said in pair if not EFFECTS[said](last)] == []


@three
def test_a_refining_round_does_not_apply_a_wish_twice(brief: str) -> None:
    for said in ("another opening", "swap scenes 2 and 3", "start with the price", "scene 2: another line"):
        once = told(brief, said)
        again = story(brief, seed=2, feedback=[said], previous=once, critique=judge(brief, once))
        assert heads(again) == heads(once)


def test_the_same_remarks_and_nothing_new_ask_for_another_draft() -> None:
    first = told(WRITTEN[0], "calmer")
    again = told(WRITTEN[0], "calmer", previous=first, seed=3)
    assert again.tone == "calm"
    assert shown(again) != shown(first)
