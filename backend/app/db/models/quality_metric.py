"""Scores of clips and of the whole video: the spec's `quality_metrics` table, with who measured.

Written by repositories/quality_metrics.py. Tests: tests/test_db/test_quality_metric_model.py
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import FreeText, JsonDocument, UtcDateTime, utcnow
from app.kit.ids import new_id

IS_CLIP = text("clip_index IS NOT NULL")
IS_OVERALL = text("clip_index IS NULL")


class QualityMetric(Base):
    """One score, 0-100; `clip_index` null means the whole video.

    All scores null: scoring failed and `reason` says why, or without a reason the score is still awaited.
    `dimensions` holds `video`, the storage key of what was scored, and `measured`, every signal by its name.
    """

    __tablename__ = "quality_metrics"
    __table_args__ = (
        Index("idx_quality_metrics_generation_id", "generation_id"),
        Index(
            "uq_quality_metrics_clip",
            "generation_id",
            "clip_index",
            unique=True,
            sqlite_where=IS_CLIP,
            postgresql_where=IS_CLIP,
        ),
        Index(
            "uq_quality_metrics_overall",
            "generation_id",
            unique=True,
            sqlite_where=IS_OVERALL,
            postgresql_where=IS_OVERALL,
        ),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    generation_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("generations.id", ondelete="CASCADE"))
    clip_index: Mapped[int | None] = mapped_column(Integer)
    overall_score: Mapped[float | None] = mapped_column(Float)
    composition_score: Mapped[float | None] = mapped_column(Float)
    coherence_score: Mapped[float | None] = mapped_column(Float)
    motion_score: Mapped[float | None] = mapped_column(Float)
    visual_appeal_score: Mapped[float | None] = mapped_column(Float)
    scored_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    scoring_duration_ms: Mapped[int | None] = mapped_column(Integer)
    scorer: Mapped[str] = mapped_column(String(50), default="", server_default="")
    scorer_version: Mapped[str] = mapped_column(String(100), default="", server_default="")
    reason: Mapped[str | None] = mapped_column(FreeText)
    dimensions: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
