"""The history of a generation's status (AC-1.7). Written by repositories/generations.py only.

Tests: tests/test_db/test_generations.py
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import BigKey, UtcDateTime, utcnow


class StatusChange(Base):
    """One step of a generation's way, in order of `id`."""

    __tablename__ = "status_changes"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    generation_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("generations.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(String(50))
    substage: Mapped[str | None] = mapped_column(String(50))
    current_stage: Mapped[str | None] = mapped_column(String(50))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
