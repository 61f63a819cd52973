"""A sign-in: what a token names, so that it can be taken back. Written by repositories/auth_sessions.py.

Tests: tests/test_db/test_auth_sessions.py
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import FreeText, UtcDateTime, utcnow
from app.kit.ids import new_id


class AuthSession(Base):
    """One sign-in of one user; `label` says from where, for people."""

    __tablename__ = "auth_sessions"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(FreeText, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
