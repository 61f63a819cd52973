"""Sign-ins, made, checked and taken back. Called by app/api (auth) and `admint serve`.

Tests: tests/test_db/test_auth_sessions.py
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import AuthSession
from app.db.repositories.sql import is_uuid
from app.db.types import utcnow


async def create(session: AsyncSession, user_id: str, *, lasts: timedelta, label: str = "") -> AuthSession:
    """Insert a sign-in that ends after `lasts`."""
    row = AuthSession(user_id=user_id, label=label, expires_at=utcnow() + lasts)
    session.add(row)
    await session.flush()
    return row


async def active(session: AsyncSession, auth_session_id: str) -> AuthSession | None:
    """Return a sign-in that is neither over nor taken back, else null."""
    row = await session.get(AuthSession, auth_session_id) if is_uuid(auth_session_id) else None
    return row if row is not None and row.revoked_at is None and row.expires_at > utcnow() else None


async def revoke(session: AsyncSession, auth_session_id: str) -> None:
    """End a sign-in for good; nothing happens when it already was."""
    ended = update(AuthSession).where(AuthSession.id == auth_session_id, AuthSession.revoked_at.is_(None))
    await session.execute(ended.values(revoked_at=utcnow()))
