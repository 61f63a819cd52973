"""Variants that belong together and the winner among them. Tests: tests/test_db/test_schema.py"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base
from app.db.types import FreeText, UtcDateTime, utcnow
from app.kit.ids import new_id


class GenerationGroup(Base):
    """A set of variants. `winner_id` names a generation, without a foreign key: the tables would need each other."""

    __tablename__ = "generation_groups"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id"), index=True)
    title: Mapped[str] = mapped_column(FreeText, default="", server_default="")
    winner_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
