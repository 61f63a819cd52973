"""Scores of clips and whole videos: one row a clip, one for the whole, the newest replaces.

A row knows which file it is of, so a score is never shown for another take. Called by services/quality.
Tests: tests/test_db/test_quality_metric_model.py
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Generation, QualityMetric
from app.db.models.quality_metric import IS_CLIP, IS_OVERALL
from app.db.repositories.sql import insert_into
from app.db.types import utcnow
from app.kit.ids import new_id
from app.ports.scoring import Score

_NUMBERS = ("overall_score", "composition_score", "coherence_score", "motion_score", "visual_appeal_score")


async def upsert(
    session: AsyncSession,
    generation_id: str,
    clip_index: int | None,
    score: Score,
    *,
    video: str = "",
    duration_ms: int | None = None,
) -> None:
    """Store a score; a later one of the same clip replaces it.

    Args:
        session: The caller's session.
        generation_id: The generation.
        clip_index: 0-based place of the clip at the stitch, null for the whole video.
        score: A failed one has no numbers and a reason, and clears the numbers stored before.
        video: Storage key of the file that was scored.
        duration_ms: How long scoring took.
    """
    await _put(session, generation_id, clip_index, _values(score, video) | {"scoring_duration_ms": duration_ms})


async def expect(session: AsyncSession, generation_id: str, clip_index: int | None, video: str) -> None:
    """Note that the score of a file is awaited; what was stored in its place before is gone."""
    empty: dict[str, Any] = dict.fromkeys((*_NUMBERS, "reason", "scoring_duration_ms"))
    awaited = {"scorer": "", "scorer_version": "", "dimensions": {"video": video, "measured": {}}}
    await _put(session, generation_id, clip_index, empty | awaited)


async def of_generation(session: AsyncSession, generation_id: str) -> list[QualityMetric]:
    """Return a generation's scores: the whole video first, then the clips in order."""
    query = select(QualityMetric).where(QualityMetric.generation_id == generation_id)
    ordered = query.order_by(QualityMetric.clip_index.is_not(None), QualityMetric.clip_index)
    return list(await session.scalars(ordered.execution_options(populate_existing=True)))


async def awaited_in(session: AsyncSession, generation_id: str | None = None) -> list[str]:
    """Return the ids of the generations (or that one, if it is so) in which a score is still awaited."""
    query = select(QualityMetric.generation_id).join(Generation).where(_AWAITED, Generation.deleted_at.is_(None))
    if generation_id is not None:
        query = query.where(Generation.id == generation_id)
    return list(await session.scalars(query.distinct().order_by(QualityMetric.generation_id)))


def is_awaited(row: QualityMetric) -> bool:
    """True while the score of a row has not landed."""
    return row.overall_score is None and row.reason is None


def video_of(row: QualityMetric) -> str:
    """Return the storage key of the file a row is about."""
    return str((row.dimensions or {}).get("video", ""))


def score_of(row: QualityMetric) -> Score:
    """Return a stored score as the port's value."""
    return Score(
        overall=row.overall_score,
        composition=row.composition_score,
        coherence=row.coherence_score,
        motion=row.motion_score,
        visual_appeal=row.visual_appeal_score,
        dimensions=(row.dimensions or {}).get("measured", {}),
        scorer=row.scorer,
        scorer_version=row.scorer_version,
        reason=row.reason,
    )


_AWAITED: ColumnElement[bool] = and_(QualityMetric.overall_score.is_(None), QualityMetric.reason.is_(None))


async def _put(session: AsyncSession, generation_id: str, clip_index: int | None, values: dict[str, Any]) -> None:
    values = values | {"scored_at": utcnow()}
    fixed = {"id": new_id(), "generation_id": generation_id, "clip_index": clip_index}
    columns = [QualityMetric.generation_id, QualityMetric.clip_index]
    added = insert_into(session, QualityMetric).values(**fixed, **values)
    if clip_index is None:
        stored = added.on_conflict_do_update(index_elements=columns[:1], index_where=IS_OVERALL, set_=values)
    else:
        stored = added.on_conflict_do_update(index_elements=columns, index_where=IS_CLIP, set_=values)
    await session.execute(stored)


def _values(score: Score, video: str) -> dict[str, Any]:
    numbers = (score.overall, score.composition, score.coherence, score.motion, score.visual_appeal)
    return {
        **dict(zip(_NUMBERS, numbers, strict=True)),
        "dimensions": {"video": video, "measured": score.dimensions},
        "scorer": score.scorer,
        "scorer_version": score.scorer_version,
        "reason": score.reason,
    }
