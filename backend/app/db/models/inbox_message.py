"""What users said, kept before anything acts on it. Written by repositories/inbox.py.

Tests: tests/test_db/test_inbox.py
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import JsonDocument, UtcDateTime, utcnow

_WAITING = text("consumed_at IS NULL")


class InboxMessage(Base):
    """One message. Its id is the client's own, so it counts only within its generation."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("idx_inbox_pending", "generation_id", "received_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    generation_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    topic: Mapped[str] = mapped_column(String(50))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    consumed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(50))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
