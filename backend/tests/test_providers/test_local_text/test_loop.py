"""The loop: a planted bad start ends better, within three rounds, and never worse than it began."""

from __future__ import annotations

from typing import Any

import pytest

from app.schemas.story import Story
from tests.test_providers.test_local_text.ads import judge, rows, shown, story
from tests.test_providers.test_local_text.test_story_critic import BRIEFS, SECONDS, bad, good

TWINS: list[dict[str, Any]] = rows("twins.yaml")


def improve(prompt: str, start: Story, seconds: float) -> list[tuple[float, Story]]:
    """Three rounds at most, as the story stage runs them."""
    told, rounds = start, []
    for _ in range(3):
        critique = judge(prompt, told)
        rounds.append((critique.score, told))
        if critique.approved:
            break
        told = story(prompt, seconds=seconds, previous=told, critique=critique, seed=3)
    return rounds


@pytest.mark.parametrize("twin", TWINS, ids=[twin["name"] for twin in TWINS])
def test_a_bad_start_ends_better(twin: dict[str, Any]) -> None:
    prompt, seconds = BRIEFS[twin["brief"]], SECONDS.get(twin["brief"], 6.0)
    start = bad(twin, good(twin["brief"]))
    rounds = improve(prompt, start, seconds)
    assert max(score for score, _ in rounds) >= 8
    if rounds[0][0] < 8:
        last = rounds[-1][1]
        assert rounds[-1][0] > rounds[0][0]
        assert not any(issue.code == twin["issue"] for issue in judge(prompt, last).issues)


def test_scenes_nobody_complained_about_stay() -> None:
    start = bad({"scene": 3, "set": {"headline": "Now 499 dollars."}}, good("kayak"))
    mended = story(BRIEFS["kayak"], previous=start, critique=judge(BRIEFS["kayak"], start), seed=9)
    before = [each.copy_text.headline for each in start.scenes]
    after = [each.copy_text.headline for each in mended.scenes]
    assert [i for i in range(5) if before[i] != after[i]] == [2]
    assert "499" not in shown(mended)


def test_the_loop_is_deterministic() -> None:
    start = bad(TWINS[0], good("kayak"))
    assert improve(BRIEFS["kayak"], start, 6.0) == improve(BRIEFS["kayak"], start, 6.0)
