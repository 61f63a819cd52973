"""Sign-ins: made, checked, over, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import AuthSession
from app.db.repositories import auth_sessions, users
from app.db.types import utcnow


async def test_a_sign_in_stands_until_it_ends(db_session: AsyncSession) -> None:
    user = await users.ensure_local_user(db_session)
    row = await auth_sessions.create(db_session, user.id, lasts=timedelta(days=30), label="browser")
    found = await auth_sessions.active(db_session, row.id)
    assert found is not None
    assert (found.user_id, found.label) == (user.id, "browser")
    row.expires_at = utcnow() - timedelta(seconds=1)
    await db_session.flush()
    assert await auth_sessions.active(db_session, row.id) is None


async def test_a_sign_in_taken_back_stays_so(db_session: AsyncSession) -> None:
    user = await users.ensure_local_user(db_session)
    one, other = [(await auth_sessions.create(db_session, user.id, lasts=timedelta(days=1))).id for _ in range(2)]

    async def ended() -> object:
        db_session.expire_all()
        return (await db_session.get_one(AuthSession, one)).revoked_at

    await auth_sessions.revoke(db_session, one)
    first = await ended()
    assert first is not None
    assert await auth_sessions.active(db_session, one) is None
    assert await auth_sessions.active(db_session, other) is not None
    await auth_sessions.revoke(db_session, one)
    assert await ended() == first


@pytest.mark.parametrize("name", ["", "nonsense", "\x00", "01a20afd-0000-7000-8000-000000000000"])
async def test_what_is_no_sign_in_is_none(db_session: AsyncSession, name: str) -> None:
    assert await auth_sessions.active(db_session, name) is None
