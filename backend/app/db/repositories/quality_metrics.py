"""Scores of clips and whole videos: one row a clip, one for the whole, the newest replaces. Called by the scorer.

Tests: tests/test_db/test_quality_metric_model.py
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import QualityMetric
from app.db.models.quality_metric import IS_CLIP, IS_OVERALL
from app.db.repositories.sql import insert_into
from app.db.types import utcnow
from app.kit.ids import new_id
from app.ports.scoring import Score


async def upsert(
    session: AsyncSession, generation_id: str, clip_index: int | None, score: Score, *, duration_ms: int | None = None
) -> None:
    """Store a score; a later one of the same clip replaces it.

    Args:
        session: The caller's session.
        generation_id: The generation.
        clip_index: 0-based place of the clip at the stitch, null for the whole video.
        score: A failed one has no numbers and a reason, and clears the numbers stored before.
        duration_ms: How long scoring took.
    """
    values = _values(score) | {"scored_at": utcnow(), "scoring_duration_ms": duration_ms}
    fixed = {"id": new_id(), "generation_id": generation_id, "clip_index": clip_index}
    columns = [QualityMetric.generation_id, QualityMetric.clip_index]
    added = insert_into(session, QualityMetric).values(**fixed, **values)
    if clip_index is None:
        stored = added.on_conflict_do_update(index_elements=columns[:1], index_where=IS_OVERALL, set_=values)
    else:
        stored = added.on_conflict_do_update(index_elements=columns, index_where=IS_CLIP, set_=values)
    await session.execute(stored)


async def of_generation(session: AsyncSession, generation_id: str) -> list[QualityMetric]:
    """Return a generation's scores: the whole video first, then the clips in order."""
    query = select(QualityMetric).where(QualityMetric.generation_id == generation_id)
    ordered = query.order_by(QualityMetric.clip_index.is_not(None), QualityMetric.clip_index)
    return list(await session.scalars(ordered.execution_options(populate_existing=True)))


def score_of(row: QualityMetric) -> Score:
    """Return a stored score as the port's value."""
    return Score(
        overall=row.overall_score,
        composition=row.composition_score,
        coherence=row.coherence_score,
        motion=row.motion_score,
        visual_appeal=row.visual_appeal_score,
        dimensions=row.dimensions or {},
        scorer=row.scorer,
        scorer_version=row.scorer_version,
        reason=row.reason,
    )


def _values(score: Score) -> dict[str, Any]:
    return {
        "overall_score": score.overall,
        "composition_score": score.composition,
        "coherence_score": score.coherence,
        "motion_score": score.motion,
        "visual_appeal_score": score.visual_appeal,
        "dimensions": score.dimensions,
        "scorer": score.scorer,
        "scorer_version": score.scorer_version,
        "reason": score.reason,
    }
