"""What the ledger adds up to: an ad's calls, a user's days and providers. Read only.

Called by services/unified_pipeline/money.py. Tests: tests/test_db/test_costs.py
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import ProviderCall


class DaySum(NamedTuple):
    """A day (UTC), its booked cost and its calls."""

    day: date
    usd: Decimal
    calls: int


class ProviderSum(NamedTuple):
    """A provider's model, the cost's source, its booked cost and its calls."""

    provider: str
    model: str
    kind: str
    source: str
    usd: Decimal
    calls: int


async def calls(session: AsyncSession, generation_id: str) -> list[ProviderCall]:
    """Return every call of a generation, oldest first."""
    query = select(ProviderCall).where(ProviderCall.generation_id == generation_id)
    return list(await session.scalars(query.order_by(ProviderCall.intent_at, ProviderCall.call_key)))


async def days(session: AsyncSession, user_id: str, limit: int = 90) -> list[DaySum]:
    """Return a user's costs by day, newest first."""
    day: ColumnElement[Any]
    if session.get_bind().dialect.name == "sqlite":
        day = func.date(ProviderCall.intent_at)
    else:
        day = cast(func.timezone("UTC", ProviderCall.intent_at), Date)
    query = (
        select(day, func.sum(ProviderCall.actual_usd), func.count())
        .where(ProviderCall.user_id == user_id, ProviderCall.actual_usd.is_not(None))
        .group_by(day)
        .order_by(day.desc())
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    return [DaySum(date.fromisoformat(str(when)), usd or Decimal(0), count) for when, usd, count in rows]


async def providers(session: AsyncSession, user_id: str) -> list[ProviderSum]:
    """Return a user's costs by provider, model and source, dearest first."""
    named = (ProviderCall.provider, ProviderCall.model, ProviderCall.kind, ProviderCall.cost_source)
    total = func.sum(ProviderCall.actual_usd)
    query = (
        select(*named, total, func.count())
        .where(ProviderCall.user_id == user_id, ProviderCall.actual_usd.is_not(None))
        .group_by(*named)
        .order_by(total.desc())
    )
    rows = (await session.execute(query)).all()
    return [
        ProviderSum(provider, model, kind, source or "estimate", usd or Decimal(0), count)
        for provider, model, kind, source, usd, count in rows
    ]
