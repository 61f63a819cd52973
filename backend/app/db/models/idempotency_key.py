"""Requests that must have one effect however often they are sent. Written by repositories/idempotency.py.

Tests: tests/test_db/test_idempotency.py
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import JsonDocument, UtcDateTime, utcnow


class IdempotencyKey(Base):
    """One key of one user, the digest of the request it was first sent with, and the answer."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now(), index=True)
    response: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
