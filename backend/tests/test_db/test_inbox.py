"""The inbox: a message counts once, is acted on once, and its id is only its generation's."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import InvalidInput
from app.db.repositories import inbox
from app.db.session import session_factory
from tests.fixtures.db import add_generation


async def test_a_message_sent_twice_counts_once(db_engine: AsyncEngine, stored_generation: str) -> None:
    async def send(text: str) -> bool:
        async with session_factory(db_engine).begin() as session:
            return await inbox.add(session, stored_generation, "m1", "story", {"message": text})

    assert await send("first")
    assert sorted(await asyncio.gather(*(send("again") for _ in range(4)))) == [False] * 4
    async with session_factory(db_engine)() as session:
        assert [row.payload for row in await inbox.pending(session, stored_generation)] == [{"message": "first"}]


async def test_a_message_is_acted_on_once(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    await inbox.add(db_session, generation_id, "m1", "story", {})
    assert await inbox.consume(db_session, generation_id, "m1", "approve")
    assert not await inbox.consume(db_session, generation_id, "m1", "approve")
    assert not await inbox.consume(db_session, generation_id, "no such message", "approve")
    assert await inbox.pending(db_session) == []


async def test_two_generations_may_use_the_same_message_id(db_session: AsyncSession) -> None:
    one, two = await add_generation(db_session), await add_generation(db_session)
    assert await inbox.add(db_session, one, "1", "story", {"of": "one"})
    assert await inbox.add(db_session, two, "1", "story", {"of": "two"})
    assert await inbox.consume(db_session, one, "1", "approve")
    assert [row.payload for row in await inbox.pending(db_session)] == [{"of": "two"}]


async def test_what_waits_is_read_in_the_order_it_came(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    for message_id in ("z", "a", "m"):
        await inbox.add(db_session, generation_id, message_id, "story", {})
    assert [row.id for row in await inbox.pending(db_session, generation_id)] == ["z", "a", "m"]


async def test_a_message_id_must_fit(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    with pytest.raises(InvalidInput, match="message id"):
        await inbox.add(db_session, generation_id, "x" * 129, "story", {})
