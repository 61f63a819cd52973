"""The history list: keyset pages, filters, no JSON read. Called by routes and `admint list`.

Tests: tests/test_db/test_generation_lists.py; timings in bench/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field
from sqlalchemy import JSON, Select, String, Text, and_, cast, false, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from app.db.models import Generation
from app.db.repositories import documents
from app.db.repositories.keyset import decode_cursor, encode_cursor
from app.db.repositories.sql import is_uuid
from app.db.types import UtcDateTime
from app.schemas.base import Model
from app.schemas.unified_pipeline import Status

_JSON = [column.key for column in Generation.__table__.columns if isinstance(column.type, JSON)]
_WIDE = {"story_text", "consistency_context", *_JSON} - {"tags"}


class ListFilter(Model):
    """What to list; every part is optional. Dates are aware and inclusive; the score is the overall one, 0-100."""

    status: list[Status] = Field(default_factory=list)
    created_from: datetime | None = None
    created_to: datetime | None = None
    min_score: float | None = Field(None, ge=0, le=100)
    search: str | None = Field(None, max_length=200, description="In prompt, title and tags, any case.")
    favourites: bool = False
    group_id: str | None = None
    session_id: str | None = None


@dataclass(frozen=True)
class Page:
    """Rows newest first, and the cursor of the next page; null on the last."""

    rows: list[Generation]
    next_cursor: str | None


@dataclass(frozen=True)
class Face:
    """The storage key of a row's picture, null without one, and the label of its variant."""

    poster: str | None
    variant: str


async def list_page(
    session: AsyncSession,
    user_id: str,
    filters: ListFilter | None = None,
    *,
    limit: int = 20,
    cursor: str | None = None,
) -> Page:
    """Return one page of a user's generations. Their wide columns are not loaded; touching one raises.

    Raises:
        InvalidInput: The cursor is not one of ours.
    """
    query = _filtered(user_id, filters or ListFilter())
    if cursor is not None:
        created_at, generation_id = decode_cursor(cursor)
        key = tuple_(Generation.created_at, Generation.id)
        query = query.where(key < tuple_(literal(created_at, UtcDateTime), literal(generation_id, Generation.id.type)))
    query = query.order_by(Generation.created_at.desc(), Generation.id.desc()).limit(limit + 1)
    query = query.options(*(defer(getattr(Generation, name), raiseload=True) for name in _WIDE))
    rows = list(await session.scalars(query))
    return Page(
        rows[:limit], encode_cursor(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    )


async def faces(session: AsyncSession, rows: Sequence[Generation]) -> dict[str, Face]:
    """Return what a list shows of each of a page's rows beside its plain columns, in one query by primary key.

    Not read with the page: a sort would carry the storyboards of every row it looks at.
    """
    columns = (Generation.id, Generation.storyboard, Generation.request)
    found = await session.execute(select(*columns).where(Generation.id.in_([row.id for row in rows])))
    return {
        each: Face(
            documents.first_still(documents.stills(kept)), ((request or {}).get("variant") or {}).get("label", "")
        )
        for each, kept, request in found
    }


async def interrupted_ids(session: AsyncSession) -> list[str]:
    """Return the ids of all users' generations that wait for a launch, oldest first.

    That is what an earlier launch parked, and what was accepted while nobody could queue it.
    """
    unqueued = and_(Generation.status == "pending", Generation.substage.is_(None))
    query = select(Generation.id).where(
        or_(Generation.substage == "interrupted", unqueued), Generation.deleted_at.is_(None)
    )
    return list(await session.scalars(query.order_by(Generation.created_at, Generation.id)))


async def under_way(session: AsyncSession) -> list[Generation]:
    """Return all users' generations that a process had in hand when last seen: not at a gate, not ended."""
    query = select(Generation).where(
        Generation.status.notin_(("completed", "failed")),
        or_(Generation.substage.is_(None), Generation.substage == "stitching"),
        Generation.deleted_at.is_(None),
    )
    return list(await session.scalars(query.order_by(Generation.created_at, Generation.id)))


def _filtered(user_id: str, filters: ListFilter) -> Select[Generation]:
    query = select(Generation).where(Generation.user_id == user_id, Generation.deleted_at.is_(None))
    if filters.status:
        query = query.where(Generation.status.in_(filters.status))
    if filters.created_from:
        query = query.where(Generation.created_at >= filters.created_from)
    if filters.created_to:
        query = query.where(Generation.created_at <= filters.created_to)
    if filters.min_score is not None:
        query = query.where(Generation.overall_quality_score >= filters.min_score)
    if filters.favourites:
        query = query.where(Generation.favourite.is_(True))
    if filters.session_id:
        query = query.where(Generation.session_id == filters.session_id)
    if filters.group_id:
        query = query.where(Generation.group_id == filters.group_id if is_uuid(filters.group_id) else false())
    return _searched(query, filters.search)


def _searched(query: Select[Generation], search: str | None) -> Select[Generation]:
    words = (search or "").replace("\x00", "").split()
    for word in words:
        in_tags = cast(Generation.tags, Text).icontains(word, autoescape=True)
        in_text = [
            cast(column, String).icontains(word, autoescape=True) for column in (Generation.prompt, Generation.title)
        ]
        query = query.where(or_(*in_text, in_tags))
    return query
