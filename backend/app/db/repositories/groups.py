"""Groups of variants and the winner among them. Called by services and routes. Tests: tests/test_db/test_groups.py"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import GenerationGroup


async def create(session: AsyncSession, group_id: str, user_id: str, *, title: str) -> GenerationGroup:
    """Insert a group without a winner."""
    row = GenerationGroup(id=group_id, user_id=user_id, title=title)
    session.add(row)
    await session.flush()
    return row
