"""A user's own images, reusable across generations. Tests: tests/test_db/test_schema.py"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import FreeText, JsonDocument, UtcDateTime, utcnow
from app.kit.ids import new_id


class Asset(Base):
    """One stored file of a user; `digest` is the SHA-256 of its bytes as uploaded."""

    __tablename__ = "assets"
    __table_args__ = (Index("idx_assets_user_id_digest", "user_id", "digest"),)

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(FreeText, default="", server_default="")
    storage_key: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    use_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tags: Mapped[list[str] | None] = mapped_column(JsonDocument)
