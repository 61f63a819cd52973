"""A conversation's session and its event counter. Written by repositories/sessions.py and events.py.

Tests: tests/test_db/test_events.py
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import UtcDateTime, utcnow


class Session(Base):
    """Holds 1..n generations. The id is the caller's own word (the spec's "session_xyz789"), not always a UUID."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id"), index=True)
    seq: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
