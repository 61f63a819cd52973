"""Scores: the spec's five, one row a clip and one for the whole, null when scoring failed."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.db.models import QualityMetric
from app.db.repositories import quality_metrics
from app.db.session import session_factory
from app.ports.scoring import Score
from tests.fixtures.db import add_generation

GOOD = Score(
    overall=82.5,
    composition=80,
    coherence=90,
    motion=75,
    visual_appeal=85,
    dimensions={"flicker": 99.5},
    scorer="embedded",
    scorer_version="1",
)
FAILED = Score(scorer="embedded", scorer_version="1", reason="The model file is missing.")


@pytest.mark.ac("AC-4.4", "AC-4.5")
async def test_the_five_scores_of_clips_and_of_the_whole_are_kept(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    for clip_index in (1, None, 0):
        await quality_metrics.upsert(db_session, generation_id, clip_index, GOOD, duration_ms=1200)
    rows = await quality_metrics.of_generation(db_session, generation_id)
    assert [row.clip_index for row in rows] == [None, 0, 1]
    assert [quality_metrics.score_of(row) for row in rows] == [GOOD] * 3
    first = rows[0]
    assert (first.overall_score, first.composition_score, first.coherence_score) == (82.5, 80, 90)
    assert (first.motion_score, first.visual_appeal_score, first.scoring_duration_ms) == (75, 85, 1200)


@pytest.mark.parametrize("clip_index", [None, 0])
@pytest.mark.ac("AC-4.10")
async def test_scoring_again_replaces_and_a_failure_is_null(db_engine: AsyncEngine, clip_index: int | None) -> None:
    async with session_factory(db_engine).begin() as session:
        generation_id = await add_generation(session)
        await quality_metrics.upsert(session, generation_id, clip_index, GOOD)
    async with session_factory(db_engine).begin() as session:
        await quality_metrics.upsert(session, generation_id, clip_index, FAILED)
    async with session_factory(db_engine)() as session:
        (row,) = await quality_metrics.of_generation(session, generation_id)
    assert (row.overall_score, row.motion_score, row.reason) == (None, None, "The model file is missing.")


@pytest.mark.parametrize("clip_index", [None, 0])
async def test_two_rows_for_the_same_thing_are_refused(db_session: AsyncSession, clip_index: int | None) -> None:
    generation_id = await add_generation(db_session)
    db_session.add_all(QualityMetric(generation_id=generation_id, clip_index=clip_index) for _ in range(2))
    with pytest.raises(IntegrityError):
        await db_session.flush()
