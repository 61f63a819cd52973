"""Idempotency keys: one claim wins, everyone else gets its answer."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import Conflict, InvalidInput
from app.db.repositories import idempotency, users
from app.db.session import session_factory


async def test_a_second_claim_gets_the_first_ones_answer(db_session: AsyncSession) -> None:
    user = await users.ensure_local_user(db_session)
    assert not await idempotency.is_used(db_session, user.id, "k")
    assert await idempotency.claim(db_session, user.id, "k", "d1") is None
    await idempotency.answer(db_session, user.id, "k", {"generation_id": "g"})
    assert await idempotency.claim(db_session, user.id, "k", "d1") == {"generation_id": "g"}
    assert await idempotency.is_used(db_session, user.id, "k")


async def test_another_request_with_the_key_is_a_conflict(db_session: AsyncSession) -> None:
    user = await users.ensure_local_user(db_session)
    await idempotency.claim(db_session, user.id, "k", "d1")
    with pytest.raises(Conflict, match="another request"):
        await idempotency.claim(db_session, user.id, "k", "d2")


async def test_a_key_is_each_users_own(db_session: AsyncSession) -> None:
    user = await users.ensure_local_user(db_session)
    other = await users.create(db_session, "ann@example.test", "x")
    assert await idempotency.claim(db_session, user.id, "k", "d1") is None
    assert await idempotency.claim(db_session, other.id, "k", "d2") is None


async def test_a_claim_that_is_rolled_back_is_free_again(db_engine: AsyncEngine) -> None:
    factory = session_factory(db_engine)
    async with factory.begin() as session:
        user_id = (await users.ensure_local_user(session)).id
    async with factory() as session:
        await idempotency.claim(session, user_id, "k", "d1")
        await session.rollback()
    async with factory.begin() as session:
        assert await idempotency.claim(session, user_id, "k", "d2") is None


async def test_of_many_claims_at_once_one_works(db_engine: AsyncEngine) -> None:
    factory = session_factory(db_engine)
    async with factory.begin() as session:
        user_id = (await users.ensure_local_user(session)).id

    async def request(number: int) -> int:
        async with factory.begin() as session:
            before = await idempotency.claim(session, user_id, "k", "d")
            if before is not None:
                return int(before["made"])
            await asyncio.sleep(0.01)
            await idempotency.answer(session, user_id, "k", {"made": number})
            return number

    assert len(set(await asyncio.gather(*(request(number) for number in range(12))))) == 1


@pytest.mark.parametrize("key", ["", "two words", "é", "x" * 129, "a\x00"])
async def test_an_unusable_key_is_refused(db_session: AsyncSession, key: str) -> None:
    user = await users.ensure_local_user(db_session)
    with pytest.raises(InvalidInput, match="Idempotency-Key"):
        await idempotency.claim(db_session, user.id, key, "d")
