"""Messages of users, stored before anything acts on them. Called by socket and routes (add), workflows (consume).

Tests: tests/test_db/test_inbox.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import InboxMessage
from app.db.repositories.sql import check_name, insert_into
from app.db.types import utcnow


async def add(session: AsyncSession, generation_id: str, message_id: str, topic: str, payload: dict[str, Any]) -> bool:
    """Store a message; return whether it is new. The same id again, in the same generation, changes nothing.

    Raises:
        InvalidInput: The message id is longer than 128 characters or not printable.
    """
    check_name("message id", message_id, 128)
    added = insert_into(session, InboxMessage).values(
        generation_id=generation_id, id=message_id, topic=topic, payload=payload
    )
    unique = [InboxMessage.generation_id, InboxMessage.id]
    stored = added.on_conflict_do_nothing(index_elements=unique).returning(InboxMessage.id)
    return await session.scalar(stored) is not None


async def pending(session: AsyncSession, generation_id: str | None = None) -> list[InboxMessage]:
    """Return what nothing has acted on yet, oldest first: of one generation, or of all (at launch)."""
    query = select(InboxMessage).where(InboxMessage.consumed_at.is_(None))
    if generation_id is not None:
        query = query.where(InboxMessage.generation_id == generation_id)
    return list(await session.scalars(query.order_by(InboxMessage.received_at, InboxMessage.id)))


async def oldest(session: AsyncSession, generation_id: str, topic: str) -> InboxMessage | None:
    """Return the oldest message of a topic that nothing has acted on yet."""
    waiting = [each for each in await pending(session, generation_id) if each.topic == topic]
    return waiting[0] if waiting else None


async def acted_on(session: AsyncSession, generation_id: str, topics: Sequence[str]) -> list[InboxMessage]:
    """Return the messages of some topics that something has acted on, oldest first."""
    query = select(InboxMessage).where(
        InboxMessage.generation_id == generation_id,
        InboxMessage.consumed_at.is_not(None),
        InboxMessage.topic.in_(topics),
        InboxMessage.outcome.not_in(("unclear", "stale")),
    )
    return list(await session.scalars(query.order_by(InboxMessage.received_at, InboxMessage.id)))


async def get(session: AsyncSession, generation_id: str, message_id: str) -> InboxMessage | None:
    """Return a message of a generation, acted on or not."""
    return await session.get(InboxMessage, (generation_id, message_id))


async def consume(session: AsyncSession, generation_id: str, message_id: str, outcome: str) -> bool:
    """Mark a message as acted on; return false when it already was, or when there is none."""
    done = (
        update(InboxMessage)
        .where(
            InboxMessage.generation_id == generation_id,
            InboxMessage.id == message_id,
            InboxMessage.consumed_at.is_(None),
        )
        .values(consumed_at=utcnow(), outcome=outcome)
        .returning(InboxMessage.id)
    )
    return await session.scalar(done) is not None
