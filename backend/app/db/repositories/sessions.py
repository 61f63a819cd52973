"""Sessions: made on first use, owned by one user. Called by routes and the CLI.

Tests: tests/test_db/test_sessions.py
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.db.models import Session
from app.db.repositories.sql import check_name, insert_into
from app.db.types import utcnow


async def ensure(session: AsyncSession, session_id: str, user_id: str) -> Session:
    """Return the user's session of that id, made if new, and note that it was seen.

    Raises:
        NotFound: The id is another user's.
        InvalidInput: The id is longer than 64 characters or not printable.
    """
    check_name("session id", session_id, 64)
    added = insert_into(session, Session).values(id=session_id, user_id=user_id)
    await session.execute(added.on_conflict_do_nothing(index_elements=[Session.id]))
    await session.execute(
        update(Session).where(Session.id == session_id, Session.user_id == user_id).values(last_seen=utcnow())
    )
    return await require(session, session_id, user_id=user_id)


async def require(session: AsyncSession, session_id: str, *, user_id: str | None = None) -> Session:
    """Return a session.

    Raises:
        NotFound: There is none, or it is another user's.
    """
    query = select(Session).where(Session.id == session_id)
    if user_id is not None:
        query = query.where(Session.user_id == user_id)
    row = await session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"There is no session {session_id}.", hint="Start one by creating a generation.")
    return row
