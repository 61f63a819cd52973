"""Sessions: made on first use, and one user's only."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import InvalidInput, NotFound
from app.db.repositories import sessions, users
from app.db.session import session_factory


async def test_a_session_is_made_once_and_seen_again(db_session: AsyncSession) -> None:
    user = await users.ensure_local_user(db_session)
    first = await sessions.ensure(db_session, "session_xyz789", user.id)
    seen = first.last_seen
    again = await sessions.ensure(db_session, "session_xyz789", user.id)
    assert again.last_seen > seen
    assert (again.user_id, again.seq, again.created_at) == (user.id, 0, first.created_at)


async def test_another_users_session_is_not_found(db_session: AsyncSession) -> None:
    owner = await users.ensure_local_user(db_session)
    stranger = await users.create(db_session, "someone@example.com", "hash")
    await sessions.ensure(db_session, "mine", owner.id)
    with pytest.raises(NotFound):
        await sessions.ensure(db_session, "mine", stranger.id)
    with pytest.raises(NotFound):
        await sessions.require(db_session, "mine", user_id=stranger.id)


async def test_two_tabs_may_open_it_at_the_same_moment(db_engine: AsyncEngine) -> None:
    async def open_tab() -> str:
        async with session_factory(db_engine).begin() as session:
            user = await users.ensure_local_user(session)
            return (await sessions.ensure(session, "shared", user.id)).id

    assert await asyncio.gather(*(open_tab() for _ in range(5))) == ["shared"] * 5


@pytest.mark.parametrize("session_id", ["", "x" * 65, "two words", "nul\x00", "new\nline", "ünï"])
async def test_an_id_that_one_engine_would_refuse_is_refused_on_both(db_session: AsyncSession, session_id: str) -> None:
    user = await users.ensure_local_user(db_session)
    with pytest.raises(InvalidInput, match="session id"):
        await sessions.ensure(db_session, session_id, user.id)
