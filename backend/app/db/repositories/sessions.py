"""Sessions: made on first use, owned by one user. Called by routes and the CLI.

Tests: tests/test_db/test_sessions.py
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.db.models import Generation, Session
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


@dataclass(frozen=True)
class Stamp:
    """What a session looks like from outside. `digest` differs whenever the log or a live generation has changed."""

    user_id: str
    seq: int
    created_at: datetime
    last_seen: datetime
    digest: str


async def stamp(session: AsyncSession, session_id: str, *, user_id: str | None = None) -> Stamp:
    """Return a session's stamp by one indexed query. Read before the session's content, it is never too new for it.

    Raises:
        NotFound: There is none, or it is another user's.
    """
    live = and_(Generation.session_id == Session.id, Generation.deleted_at.is_(None))
    query = (
        select(
            Session.user_id,
            Session.seq,
            Session.created_at,
            Session.last_seen,
            func.count(Generation.id),
            func.coalesce(func.sum(Generation.version), 0),
        )
        .outerjoin(Generation, live)
        .where(Session.id == session_id)
        .group_by(Session.id)
    )
    if user_id is not None:
        query = query.where(Session.user_id == user_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise _no_session(session_id)
    owner, seq, created_at, last_seen, count, versions = row
    # The owner and the moment of birth tell sessions of one name in two databases apart.
    digest = f"{owner}/{created_at.astimezone(UTC).isoformat()}/{seq}/{count}/{versions}"
    return Stamp(owner, seq, created_at, last_seen, digest)


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
        raise _no_session(session_id)
    return row


def _no_session(session_id: str) -> NotFound:
    return NotFound(f"There is no session {session_id}.", hint="Start one by creating a generation.")
