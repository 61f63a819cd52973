"""Director and Critic in rounds: as many as allowed, every round kept, the best one wins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.pipeline import OpenPipeline

FIVE_SCENES_OF_WORDS = {
    "stages": {"reference_images": False, "scenes": False, "videos": False},
    "duration_s": 30,
    "scene_count": 5,
}


async def rounds_of(open_pipeline: OpenPipeline, **config: Any) -> tuple[Any, list[dict[str, Any]]]:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(prompt="Athletic shoe ad", **FIVE_SCENES_OF_WORDS, **config)
        row = await pipeline.finish(response.generation_id)
        return row, row.story_rounds


async def test_a_story_that_reaches_the_threshold_is_written_once(open_pipeline: OpenPipeline) -> None:
    _, rounds = await rounds_of(open_pipeline, story_threshold=0)
    assert [each["round"] for each in rounds] == [1]
    assert rounds[0]["critique"]["approved"]


async def test_one_that_does_not_is_rewritten_and_the_best_round_is_stored(open_pipeline: OpenPipeline) -> None:
    row, rounds = await rounds_of(open_pipeline, story_threshold=10, story_max_iterations=3)
    assert 2 <= len(rounds) <= 3
    scores = [each["critique"]["score"] for each in rounds]
    assert row.story_quality_score == max(scores)
    assert row.story == rounds[scores.index(max(scores))]["story"]


@pytest.mark.parametrize("limit", [1, 2])
async def test_never_more_rounds_than_allowed(open_pipeline: OpenPipeline, limit: int) -> None:
    _, rounds = await rounds_of(open_pipeline, story_threshold=10, story_max_iterations=limit)
    assert len(rounds) == limit
