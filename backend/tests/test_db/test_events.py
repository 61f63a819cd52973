"""The event log: numbers without gap or double, replay in order, wire messages out."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import InvalidInput, NotFound
from app.db.repositories import events
from app.db.session import read_factory, session_factory
from app.schemas.events import StatusChanged, StatusChangedEvent
from tests.fixtures.db import SESSION_ID

MOVED = StatusChanged(status="story", current_stage="story")


async def test_twenty_writers_at_once_leave_no_gap_and_no_double(
    db_engine: AsyncEngine, stored_generation: str
) -> None:
    async def append() -> int:
        async with session_factory(db_engine).begin() as session:
            return await events.append_event(session, SESSION_ID, stored_generation, "status_changed", MOVED)

    numbers = await asyncio.gather(*(append() for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))
    async with read_factory(db_engine)() as session:
        assert [row.seq for row in await events.since(session, SESSION_ID, 0)] == list(range(1, 21))
        assert await events.last_seq(session, SESSION_ID) == 20


async def test_a_transaction_that_fails_takes_its_number_back(db_engine: AsyncEngine, stored_generation: str) -> None:
    factory = session_factory(db_engine)
    async with factory() as session:
        assert await events.append_event(session, SESSION_ID, stored_generation, "status_changed", MOVED) == 1
        await session.rollback()
    async with factory.begin() as session:
        assert await events.append_event(session, SESSION_ID, stored_generation, "status_changed", MOVED) == 1
        assert await events.append_event(session, SESSION_ID, None, "error", {"code": "c", "message": "m"}) == 2


async def test_replay_starts_after_what_was_seen_and_ends_at_the_limit(
    db_engine: AsyncEngine, stored_generation: str
) -> None:
    async with session_factory(db_engine).begin() as session:
        for _ in range(5):
            await events.append_event(session, SESSION_ID, stored_generation, "status_changed", MOVED)
        assert [row.seq for row in await events.since(session, SESSION_ID, 2, limit=2)] == [3, 4]
        assert await events.since(session, SESSION_ID, 5) == []
        assert await events.since(session, "another", 0) == []


async def test_a_stored_event_becomes_the_message_it_was(db_engine: AsyncEngine, stored_generation: str) -> None:
    async with session_factory(db_engine).begin() as session:
        await events.append_event(session, SESSION_ID, stored_generation, "status_changed", MOVED)
    async with read_factory(db_engine)() as session:
        message = events.to_wire((await events.since(session, SESSION_ID, 0))[0])
    assert isinstance(message, StatusChangedEvent)
    assert (message.seq, message.generation_id, message.payload) == (1, stored_generation, MOVED)
    assert message.timestamp.tzinfo is not None


async def test_progress_is_never_stored(db_engine: AsyncEngine, stored_generation: str) -> None:
    async with session_factory(db_engine)() as session:
        with pytest.raises(InvalidInput, match="transient"):
            await events.append_event(session, SESSION_ID, stored_generation, "video_progress", {})


async def test_a_session_that_does_not_exist_is_named(db_engine: AsyncEngine) -> None:
    async with session_factory(db_engine)() as session:
        with pytest.raises(NotFound, match="no_such_session"):
            await events.append_event(session, "no_such_session", None, "status_changed", MOVED)
        assert await events.last_seq(session, "no_such_session") == 0
