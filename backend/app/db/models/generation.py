"""One run of the pipeline: the spec's `generations` table. Written by repositories/generations.py only.

Tests: tests/test_db/test_generation_model.py
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    Uuid,
    desc,
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, one_of
from app.db.types import FreeText, JsonDocument, UtcDateTime, utcnow
from app.kit.ids import new_id
from app.schemas.unified_pipeline import Status

_LIVE = text("deleted_at IS NULL")


class Generation(Base):
    """The spec's columns and ours. Wide columns stay last: SQLite walks a row from its start.

    `control` is what the user asked of a running one (pause, cancel), `gate` the open approval point, `run` the number
    of the newest run: an older one that still lives stops by itself. `run_args` is what that run is told.
    `version` is the optimistic lock; `updated_at` moves in the same write. Keys, never URLs, in `final_video_url`.
    """

    __tablename__ = "generations"
    __table_args__ = (
        one_of("status", get_args(Status)),
        Index("idx_generations_user_id", "user_id"),
        Index("idx_generations_status", "status"),
        Index("idx_generations_created_at", desc("created_at")),
        Index(
            "idx_generations_history",
            "user_id",
            desc("created_at"),
            desc("id"),
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("idx_generations_session_id", "session_id"),
        Index("idx_generations_group_id", "group_id"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id"))
    session_id: Mapped[str | None] = mapped_column(String(64), ForeignKey("sessions.id", ondelete="SET NULL"))
    group_id: Mapped[str | None] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("generation_groups.id", ondelete="SET NULL")
    )
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    framework: Mapped[str | None] = mapped_column(String(50))
    favourite: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    seed: Mapped[int | None] = mapped_column(BigInteger)

    status: Mapped[str] = mapped_column(String(50), default="pending")
    substage: Mapped[str | None] = mapped_column(String(50))
    current_stage: Mapped[str | None] = mapped_column(String(50))
    story_quality_score: Mapped[float | None] = mapped_column(Float)
    overall_quality_score: Mapped[float | None] = mapped_column(Float)
    final_video_url: Mapped[str | None] = mapped_column(Text)
    error_code: Mapped[str | None] = mapped_column(String(50))
    control: Mapped[str | None] = mapped_column(String(10))
    run: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=utcnow, onupdate=utcnow, server_default=func.now()
    )
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    prompt: Mapped[str] = mapped_column(FreeText)
    title: Mapped[str | None] = mapped_column(FreeText)
    error_message: Mapped[str | None] = mapped_column(FreeText)
    story_text: Mapped[str | None] = mapped_column(FreeText)
    consistency_context: Mapped[str | None] = mapped_column(FreeText)
    tags: Mapped[list[str] | None] = mapped_column(JsonDocument)
    brand_assets: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    plan: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    story: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    reference_images: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonDocument)
    scenes: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonDocument)
    storyboard: Mapped[dict[str, str] | None] = mapped_column(JsonDocument)
    video_clips: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonDocument)
    config: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    request: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    story_rounds: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonDocument)
    gate: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    run_args: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
