"""Scores land by themselves beside the real pipeline: once, for what is shown, and never in anybody's way."""

from __future__ import annotations

from typing import Any

import pytest

from app.db.repositories import quality_metrics
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.services.unified_pipeline.snapshots import snapshot
from tests.fixtures.pipeline import OpenPipeline, Pipeline
from tests.fixtures.scoring import Script, scores_of

THREE = {"duration_s": 3, "scene_count": 3}


async def rows_of(pipeline: Pipeline, generation_id: str) -> dict[int | None, Any]:
    async with pipeline.container.reads() as session:
        return {each.clip_index: each for each in await quality_metrics.of_generation(session, generation_id)}


async def view_of(pipeline: Pipeline, generation_id: str) -> Any:
    async with pipeline.container.reads() as session:
        return await snapshot(session, generation_id, ME)


@pytest.mark.ac("AC-4.3", "AC-4.4", "AC-4.5", "AC-4.6", "AC-4.8")
async def test_each_clip_and_the_film_get_a_row_and_an_event(open_pipeline: OpenPipeline, scripted: Script) -> None:
    scripted()
    async with open_pipeline() as pipeline:
        started = await pipeline.start(**THREE)
        await pipeline.finish(started.generation_id)
        sent = await scores_of(pipeline, started.session_id, 4)
        assert [each.clip_id for each in sent][-1] is None
        assert sorted(each.clip_id for each in sent[:-1]) == [1, 2, 3]
        first = next(each for each in sent if each.clip_id == 1)
        assert (first.overall_score, first.breakdown.model_dump()) == (
            91.0,
            {"composition": 93.0, "coherence": 88.0, "motion": 95.0, "visual_appeal": 88.0},
        )
        rows = await rows_of(pipeline, started.generation_id)
        assert [rows[index].overall_score for index in (0, 1, 2)] == [91.0, 74.0, 52.0]
        assert (rows[0].scorer, rows[0].scorer_version, rows[0].reason) == ("scripted", "1", None)
        assert all(row.scoring_duration_ms is not None for row in rows.values())
        row = await pipeline.row(started.generation_id)
        assert row.overall_quality_score == rows[None].overall_score == sent[-1].overall_score
        view = await view_of(pipeline, started.generation_id)
        assert view.scores == sorted(sent, key=lambda each: each.clip_id or 9)
        assert view.scoring == []
