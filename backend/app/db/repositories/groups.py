"""Groups of variants and the winner among them. Called by starts.py, group_views.py and routes.

Everything takes the owner; another user's group does not exist. A group lives as long as one of its ads does.
Tests: tests/test_db/test_groups.py
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict, InvalidInput, NotFound
from app.db.models import Generation, GenerationGroup
from app.db.repositories.keyset import decode_cursor, encode_cursor
from app.db.repositories.sql import is_uuid
from app.db.types import UtcDateTime


@dataclass(frozen=True)
class GroupRow:
    """A group and how many of its ads there are and are finished."""

    group: GenerationGroup
    members: int
    completed: int


@dataclass(frozen=True)
class GroupPage:
    """Rows newest first, and the cursor of the next page; null on the last."""

    rows: list[GroupRow]
    next_cursor: str | None


async def create(session: AsyncSession, group_id: str, user_id: str, *, title: str) -> GenerationGroup:
    """Insert a group without a winner."""
    row = GenerationGroup(id=group_id, user_id=user_id, title=title)
    session.add(row)
    await session.flush()
    return row


async def list_page(session: AsyncSession, user_id: str, *, limit: int = 20, cursor: str | None = None) -> GroupPage:
    """Return one page of a user's groups that still have an ad.

    Raises:
        InvalidInput: The cursor is not one of ours.
    """
    done = func.count().filter(Generation.status == "completed")
    counts = (
        select(Generation.group_id, func.count().label("members"), done.label("completed"))
        .where(Generation.user_id == user_id, Generation.deleted_at.is_(None), Generation.group_id.is_not(None))
        .group_by(Generation.group_id)
        .subquery()
    )
    query = (
        select(GenerationGroup, counts.c.members, counts.c.completed)
        .join(counts, counts.c.group_id == GenerationGroup.id)
        .where(GenerationGroup.user_id == user_id)
    )
    if cursor is not None:
        created_at, group_id = decode_cursor(cursor)
        last = tuple_(literal(created_at, UtcDateTime), literal(group_id, GenerationGroup.id.type))
        query = query.where(tuple_(GenerationGroup.created_at, GenerationGroup.id) < last)
    query = query.order_by(GenerationGroup.created_at.desc(), GenerationGroup.id.desc()).limit(limit + 1)
    rows = [GroupRow(*row) for row in await session.execute(query)]
    more = len(rows) > limit
    last_row = rows[limit - 1].group if more else None
    return GroupPage(rows[:limit], encode_cursor(last_row.created_at, last_row.id) if last_row else None)


async def require(session: AsyncSession, group_id: str, user_id: str, *, lock: bool = False) -> GenerationGroup:
    """Return a user's group, held until the commit with `lock`.

    Raises:
        NotFound: There is none.
    """
    query = select(GenerationGroup).where(GenerationGroup.id == group_id, GenerationGroup.user_id == user_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = await session.scalar(query) if is_uuid(group_id) else None
    if row is None:
        raise _none(group_id)
    return row


async def members(session: AsyncSession, group_id: str, user_id: str) -> list[Generation]:
    """Return a group's ads that are not deleted, in the order they were asked for.

    Raises:
        NotFound: There is no such group of this user, or all its ads are deleted.
    """
    query = select(Generation).where(
        Generation.group_id == group_id, Generation.user_id == user_id, Generation.deleted_at.is_(None)
    )
    query = query.order_by(Generation.created_at, Generation.id)
    rows = list(await session.scalars(query)) if is_uuid(group_id) else []
    if not rows:
        raise _none(group_id)
    return rows


async def set_winner(session: AsyncSession, group_id: str, user_id: str, generation_id: str | None) -> GenerationGroup:
    """Mark one ad of a group as its winner; null marks none.

    Raises:
        NotFound: There is no such group of this user.
        InvalidInput: The ad is not one of the group's.
        Conflict: The ad is not finished.
    """
    group = await require(session, group_id, user_id, lock=True)
    rows = {row.id: row for row in await members(session, group.id, user_id)}
    if generation_id is not None and generation_id not in rows:
        raise InvalidInput(f"The ad {generation_id} is not one of this group.", hint=f"Its ads are {', '.join(rows)}.")
    if generation_id is not None and rows[generation_id].status != "completed":
        raise Conflict("This ad is not finished yet.", hint="Pick a finished one, or wait until it is.")
    group.winner_id = generation_id
    await session.flush()
    return group


def _none(group_id: str) -> NotFound:
    return NotFound(f"There is no group {group_id}.", hint="List yours with GET /api/groups.")
