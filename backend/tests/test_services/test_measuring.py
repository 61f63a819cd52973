"""A scorer may fail in any way: what comes back is a score, or the reason why there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import MediaError
from app.ports.scoring import Score, ScoreRequest
from app.services.quality import measuring
from app.services.quality.measuring import measure, time_limit
from tests.fixtures.scripted_scorer import ScriptedScorer

REQUEST = ScoreRequest(video=Path("scene-1-take-1.mp4"))
GOOD = Score(overall=80, scorer="scripted", scorer_version="1")


class Scorer(ScriptedScorer):
    """Does one thing after the other."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    async def score_all(
        self, requests: Sequence[ScoreRequest], on_score: Callable[[int, Score], None] | None = None
    ) -> list[Score]:
        answer = self.answers.pop(0)
        if answer == "hang":
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        return [answer]


def test_a_long_video_is_given_more_time_and_none_less_than_a_minute() -> None:
    assert [time_limit(seconds) for seconds in (0, 2, 10, 30)] == [60, 60, 60, 180]


@pytest.mark.parametrize("first", [MediaError("The worker died."), ZeroDivisionError("oops"), "hang"])
async def test_a_failure_is_tried_once_more(first: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "LEAST_S", 0.05)
    assert await measure(Scorer(first, GOOD), REQUEST, 0) == GOOD


@pytest.mark.ac("AC-4.10")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (MediaError("The worker died."), "The worker died."),
        (ZeroDivisionError("oops"), "The scorer broke. Details are in the log."),
        ("hang", "Scoring took longer than 0.06 seconds."),
        (Score(scorer="scripted", scorer_version="1", reason="It has no picture."), "It has no picture."),
    ],
)
async def test_after_that_there_is_no_score_but_a_reason(
    answer: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "LEAST_S", 0.02)
    score = await measure(Scorer(answer, answer), REQUEST, 0)
    assert (score.overall, score.reason, score.scorer, score.scorer_version) == (None, reason, "scripted", "1")
