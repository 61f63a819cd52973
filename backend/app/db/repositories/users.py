"""People, and the one local user of a machine. Called by routes, auth and the CLI.

Tests: tests/test_db/test_users.py
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict
from app.db.models import User
from app.db.repositories.sql import insert_into, is_uuid

LOCAL_USER_ID = "00000000-0000-7000-8000-000000000001"
"""The same on every machine: a local database has exactly one person."""


async def ensure_local_user(session: AsyncSession) -> User:
    """Return the local user, made if new. Safe from several processes at once."""
    added = insert_into(session, User).values(id=LOCAL_USER_ID, name="", is_local=True)
    await session.execute(added.on_conflict_do_nothing(index_elements=[User.id]))
    return await session.get_one(User, LOCAL_USER_ID)


async def create(session: AsyncSession, email: str, password_hash: str, name: str = "") -> User:
    """Insert a person with an account; e-mail addresses are compared in lower case.

    Raises:
        Conflict: The address is taken.
    """
    if await by_email(session, email) is not None:
        raise Conflict("This e-mail address already has an account.", hint="Log in, or reset the password.")
    row = User(email=email.strip().lower(), password_hash=password_hash, name=name)
    session.add(row)
    await session.flush()
    return row


async def get(session: AsyncSession, user_id: str) -> User | None:
    """Return a person who is not deleted."""
    if not is_uuid(user_id):
        return None
    return await session.scalar(select(User).where(User.id == user_id, User.deleted_at.is_(None)))


async def by_email(session: AsyncSession, email: str) -> User | None:
    """Return the person of an e-mail address, in any case."""
    query = select(User).where(func.lower(User.email) == email.strip().lower(), User.deleted_at.is_(None))
    return await session.scalar(query)
