"""What the copywriter cannot act on is quoted in the story's notes, and nothing is changed on a guess."""

from __future__ import annotations

import pytest

from tests.test_providers.test_local_text.drafts import DRAFTS, FOOD, PRODUCT, chain, three, told


@pytest.mark.parametrize(
    "said",
    ["make it pop", "show a dog on the moon", "scene 2: paint it blue", "remove scene 3", "add some music"],
)
@three
def test_what_no_rule_understands_is_quoted_and_changes_nothing(brief: str, said: str) -> None:
    before, after = DRAFTS[brief], told(brief, said)
    assert after.scenes == before.scenes
    assert [note for note in after.notes if said in note]


def test_the_part_that_was_not_understood_is_quoted() -> None:
    after = told(FOOD, "make it warmer and purple")
    assert after.tone == "warm"
    assert any("“purple”" in note for note in after.notes)
    after = told(FOOD, "the fun dog should wear a big hat")
    assert any("the fun dog should wear a big hat" in note for note in after.notes)


def test_what_is_not_there_or_already_so_is_said() -> None:
    assert any("“giraffe” is not in the draft" in note for note in told(FOOD, "drop the giraffe").notes)
    assert any("“no questions”" in note for note in told(PRODUCT, "no questions").notes)
    assert any("“discount” is not in the draft" in note for note in told(FOOD, "start with the discount").notes)


def test_politeness_is_not_reported_as_misunderstood() -> None:
    for said in ("could you make the whole thing sound a bit warmer please?", "I love it, but make it calmer"):
        assert not any("understood" in note or "Could not tell" in note for note in told(FOOD, said).notes)


def test_an_old_remark_is_not_complained_of_again() -> None:
    first, second = chain(FOOD, "make it pop", "another opening")[1:]
    assert any("make it pop" in note for note in first.notes)
    assert not any("make it pop" in note for note in second.notes)
