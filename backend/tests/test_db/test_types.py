"""Column types that behave the same on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.db.models import Generation, User
from app.db.repositories import provider_calls, users
from app.db.session import session_factory
from app.schemas.money import Limits


async def test_a_timestamp_comes_back_aware_and_in_utc(db_session: AsyncSession) -> None:
    moment = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    db_session.add(user := User(name="n", created_at=moment))
    await db_session.flush()
    await db_session.refresh(user)
    assert user.created_at == moment
    assert user.created_at.utcoffset() == timedelta(0)


async def test_a_naive_timestamp_is_refused(db_session: AsyncSession) -> None:
    db_session.add(User(name="n", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001
    with pytest.raises(StatementError, match="aware"):
        await db_session.flush()


async def test_the_servers_own_default_is_utc_too(db_session: AsyncSession) -> None:
    await db_session.execute(
        text("INSERT INTO users (id, name) VALUES (:id, '')"), {"id": users.LOCAL_USER_ID.replace("-", "")}
    )
    user = await db_session.get_one(User, users.LOCAL_USER_ID)
    assert abs(datetime.now(UTC) - user.created_at) < timedelta(minutes=5)


async def test_money_is_exact_and_summed_by_the_database(db_engine: AsyncEngine, stored_generation: str) -> None:
    calls = [
        provider_calls.NewCall(call_key=f"k{i}", provider="p", input_hash="h", reserved_usd=Decimal("0.1"))
        for i in range(3)
    ]
    async with session_factory(db_engine).begin() as session:
        await provider_calls.reserve(
            session, stored_generation, calls, Limits(cap_usd=Decimal(1), daily_cap_usd=Decimal(1))
        )
        assert await provider_calls.committed_usd(session, stored_generation) == Decimal("0.3")


async def test_nul_is_dropped_from_text_and_json(db_engine: AsyncEngine, stored_generation: str) -> None:
    async with session_factory(db_engine).begin() as session:
        row = await session.get_one(Generation, stored_generation)
        row.title, row.tags = "a\x00b", ["c\x00d", "a literal \\u0000 stays", "ünïcödé"]
    async with session_factory(db_engine)() as session:
        row = await session.get_one(Generation, stored_generation)
        assert row.title == "ab"
        assert row.tags == ["cd", "a literal \\u0000 stays", "ünïcödé"]
