"""The ledger added up for people: one ad call by call, one user by day and provider. Read only.

Called by money.py and the command line. Tests: tests/test_integration/test_money.py, tests/test_cli/test_money.py
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import ProviderCall
from app.db.repositories import costs, provider_calls
from app.schemas.money import BillView, CallKind, CostsView, DayCost, Limits, ProviderCost
from app.schemas.providers import CostSource
from app.services.unified_pipeline.charges import call_view


async def costs_of(session: AsyncSession, generation_id: str, limits: Limits, now: datetime) -> CostsView:
    """Return what an ad has cost. Raises NotFound."""
    _, standing = await provider_calls.stand(session, generation_id, limits, now=now)
    calls = [call_view(row) for row in await costs.calls(session, generation_id)]
    unknown = [call for call in calls if call.state == "unknown"]
    return CostsView(**standing.model_dump(), calls=calls, unknown=unknown)


async def bill_of(session: AsyncSession, user_id: str, limits: Limits, now: datetime) -> BillView:
    """Return what a user has spent over all their ads."""
    mine = ProviderCall.user_id == user_id
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    spent, reserved = await provider_calls.sums(session, mine)
    today = await provider_calls.sums(session, mine, ProviderCall.intent_at >= midnight)
    return BillView(
        today_usd=sum(today, Decimal(0)),
        daily_cap_usd=limits.daily_cap_usd,
        spent_usd=spent,
        reserved_usd=reserved,
        days=[DayCost(day=day, spent_usd=usd, calls=count) for day, usd, count in await costs.days(session, user_id)],
        providers=[
            ProviderCost(
                provider=each.provider,
                model=each.model,
                kind=cast("CallKind", each.kind),
                source=cast("CostSource", each.source),
                spent_usd=each.usd,
                calls=each.calls,
            )
            for each in await costs.providers(session, user_id)
        ],
    )
