"""The history list: keyset pages, filters, no JSON read. Called by routes and `admint list`.

Tests: tests/test_db/test_generation_lists.py; timings in bench/.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import Field
from sqlalchemy import JSON, Select, String, Text, and_, cast, false, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from app.core.errors import InvalidInput
from app.db.models import Generation
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
        created_at, generation_id = _decode(cursor)
        key = tuple_(Generation.created_at, Generation.id)
        query = query.where(key < tuple_(literal(created_at, UtcDateTime), literal(generation_id, Generation.id.type)))
    query = query.order_by(Generation.created_at.desc(), Generation.id.desc()).limit(limit + 1)
    query = query.options(*(defer(getattr(Generation, name), raiseload=True) for name in _WIDE))
    rows = list(await session.scalars(query))
    return Page(rows[:limit], _encode(rows[limit - 1]) if len(rows) > limit else None)


async def interrupted_ids(session: AsyncSession) -> list[str]:
    """Return the ids of all users' generations that wait for a launch, oldest first.

    That is what an earlier launch parked, and what was accepted while nobody could queue it.
    """
    unqueued = and_(Generation.status == "pending", Generation.substage.is_(None))
    query = select(Generation.id).where(
        or_(Generation.substage == "interrupted", unqueued), Generation.deleted_at.is_(None)
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


def _encode(row: Generation) -> str:
    raw = json.dumps([row.created_at.astimezone(UTC).isoformat(), row.id])
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        moment, generation_id = json.loads(raw)
        created_at = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidInput("The page cursor is not valid.", hint="Start again from the first page.") from error
    if created_at.tzinfo is None or not is_uuid(generation_id):
        raise InvalidInput("The page cursor is not valid.", hint="Start again from the first page.")
    return created_at, generation_id
