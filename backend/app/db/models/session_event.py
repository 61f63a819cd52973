"""The durable event log that sockets replay. Written by repositories/events.py. Tests: tests/test_db/test_events.py"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import JsonDocument, UtcDateTime, utcnow


class SessionEvent(Base):
    """One event; `seq` counts from 1 in its session, without a gap."""

    __tablename__ = "session_events"

    session_id: Mapped[str] = mapped_column(String(64), ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    generation_id: Mapped[str | None] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("generations.id", ondelete="CASCADE"), index=True
    )
    type: Mapped[str] = mapped_column(String(50))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
