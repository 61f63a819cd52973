"""People: one local user a database, one account an e-mail address."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict
from app.db.repositories import users
from app.db.types import utcnow


async def test_the_local_user_is_made_once(db_session: AsyncSession) -> None:
    first = await users.ensure_local_user(db_session)
    assert (await users.ensure_local_user(db_session)).id == first.id == users.LOCAL_USER_ID
    assert (first.is_local, first.email, first.password_hash) == (True, None, None)


async def test_an_address_has_one_account_in_any_case(db_session: AsyncSession) -> None:
    made = await users.create(db_session, " Someone@Example.com ", "hash", "Someone")
    assert made.email == "someone@example.com"
    found = await users.by_email(db_session, "SOMEONE@example.COM")
    assert found is made
    with pytest.raises(Conflict, match="already has an account"):
        await users.create(db_session, "someone@EXAMPLE.com", "other")


async def test_a_deleted_person_is_not_found(db_session: AsyncSession) -> None:
    made = await users.create(db_session, "someone@example.com", "hash")
    assert await users.get(db_session, made.id) is made
    made.deleted_at = utcnow()
    await db_session.flush()
    assert await users.get(db_session, made.id) is None
    assert await users.by_email(db_session, "someone@example.com") is None
    assert await users.get(db_session, "nobody") is None
