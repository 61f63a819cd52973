"""Tokens for the CLI: only their hash is kept, and they can be revoked. Tests: tests/test_db/test_schema.py"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import FreeText, JsonDocument, UtcDateTime, utcnow
from app.kit.ids import new_id


class ApiToken(Base):
    """One token. `token_hash` is its SHA-256 in hex, `prefix` its first characters for display."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(FreeText, default="", server_default="")
    prefix: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scopes: Mapped[list[str] | None] = mapped_column(JsonDocument)
