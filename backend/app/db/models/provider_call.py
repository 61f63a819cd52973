"""The ledger of paid calls: a row before the call, an id before the poll, a cost after.

Written by repositories/provider_calls.py. Tests: tests/test_db/test_provider_calls.py
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, one_of
from app.db.types import FreeText, JsonDocument, Usd, UtcDateTime, utcnow
from app.kit.ids import new_id

STATES = ("INTENT", "SUBMITTED", "DONE", "FAILED", "UNKNOWN")
COST_SOURCES = ("reported", "list_price", "estimate", "free")


class ProviderCall(Base):
    """One paid call. Money columns hold millionths of a dollar and read as Decimal dollars.

    `ordered_at` is set once, just before the one order a row ever sends: null means surely not ordered. `outcome` is
    what a paid answer said, kept so that it is never bought again.
    """

    __tablename__ = "provider_calls"
    __table_args__ = (
        one_of("state", STATES),
        one_of("cost_source", COST_SOURCES),
        Index("idx_provider_calls_user_id_intent_at", "user_id", "intent_at"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    generation_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("generations.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    kind: Mapped[str] = mapped_column(String(20), default="clip", server_default="clip")
    scene_id: Mapped[int | None] = mapped_column(Integer)
    call_key: Mapped[str] = mapped_column(String(200), unique=True)
    provider: Mapped[str] = mapped_column(String(50))
    model: Mapped[str] = mapped_column(String(200), default="", server_default="")
    input_hash: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20), default="INTENT", index=True)
    prediction_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    reserved_usd: Mapped[Decimal] = mapped_column("reserved_micro_usd", Usd, default=Decimal(0))
    actual_usd: Mapped[Decimal | None] = mapped_column("actual_micro_usd", Usd)
    cost_source: Mapped[str | None] = mapped_column(String(20))
    error_message: Mapped[str | None] = mapped_column(FreeText)
    intent_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, server_default=func.now())
    ordered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remote_job: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
