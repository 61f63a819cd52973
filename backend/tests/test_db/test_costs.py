"""The ledger added up: by call, by day, by provider; on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories import costs, provider_calls
from app.db.repositories.users import LOCAL_USER_ID
from app.schemas.money import Limits
from tests.fixtures.db import add_generation

LIMITS = Limits(cap_usd=Decimal(10), daily_cap_usd=Decimal(10))
MONDAY, TUESDAY = datetime(2026, 11, 23, 23, 59, tzinfo=UTC), datetime(2026, 11, 24, 0, 1, tzinfo=UTC)


async def test_costs_add_up_by_day_and_provider(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    bought = [("a#1", MONDAY, "0.40"), ("b#1", TUESDAY, "0.25"), ("c#1", TUESDAY, "0.000125")]
    for key, when, usd in bought:
        call = provider_calls.NewCall(
            call_key=key, provider="replicate", model="veo", input_hash="h", reserved_usd=Decimal(1)
        )
        assert (await provider_calls.reserve(db_session, generation_id, [call], LIMITS, now=when)).admitted
        await provider_calls.book(db_session, key, Decimal(usd), "list_price")
    assert [row.call_key for row in await costs.calls(db_session, generation_id)] == ["a#1", "b#1", "c#1"]
    days = await costs.days(db_session, LOCAL_USER_ID)
    assert [(str(each.day), each.usd, each.calls) for each in days] == [
        ("2026-11-24", Decimal("0.250125"), 2),
        ("2026-11-23", Decimal("0.40"), 1),
    ]
    [provider] = await costs.providers(db_session, LOCAL_USER_ID)
    assert (provider.provider, provider.model, provider.source) == ("replicate", "veo", "list_price")
    assert (provider.usd, provider.calls) == (Decimal("0.650125"), 3)


async def test_the_daily_cap_counts_from_midnight_utc(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    tight = Limits(cap_usd=Decimal(10), daily_cap_usd=Decimal(1))

    async def admitted(key: str, when: datetime) -> bool:
        call = provider_calls.NewCall(call_key=key, provider="p", input_hash="h", reserved_usd=Decimal("0.80"))
        return (await provider_calls.reserve(db_session, generation_id, [call], tight, now=when)).admitted

    assert [await admitted("a#1", MONDAY), await admitted("b#1", MONDAY), await admitted("c#1", TUESDAY)] == [
        True,
        False,
        True,
    ]
