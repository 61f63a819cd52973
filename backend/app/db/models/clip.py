"""Takes: every attempt at a scene's clip. Written by repositories/clips.py. Tests: tests/test_db/test_clips.py"""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, one_of
from app.db.types import FreeText, JsonDocument, UtcDateTime, utcnow
from app.kit.ids import new_id
from app.schemas.unified_pipeline import ClipStatus


class Clip(Base):
    """One take. `clip_id` is the scene's stable 1-based id, `clip_index` its 0-based place at the stitch."""

    __tablename__ = "clips"
    __table_args__ = (
        one_of("status", get_args(ClipStatus)),
        UniqueConstraint("generation_id", "clip_id", "take"),
        Index("idx_clips_digest", "digest"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    generation_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("generations.id", ondelete="CASCADE"))
    clip_id: Mapped[int] = mapped_column(Integer)
    clip_index: Mapped[int] = mapped_column(Integer)
    take: Mapped[int] = mapped_column(Integer, default=1)
    status: Mapped[str] = mapped_column(String(50), default="queued")
    storage_key: Mapped[str | None] = mapped_column(Text)
    duration: Mapped[float | None] = mapped_column(Float)
    digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    scene_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    error_code: Mapped[str | None] = mapped_column(String(50))
    error_message: Mapped[str | None] = mapped_column(FreeText)
    provider: Mapped[str] = mapped_column(String(50), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remote_job: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
