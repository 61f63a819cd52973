"""Idempotency keys: the first request claims the key, every later one gets the first one's answer.

Called in the transaction that does the request's work, so that the claim and the work commit together.
Tests: tests/test_db/test_idempotency.py
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict
from app.db.models import IdempotencyKey
from app.db.repositories.sql import check_name, insert_into


async def claim(session: AsyncSession, user_id: str, key: str, request_digest: str) -> dict[str, Any] | None:
    """Claim a key. Null: it is ours, do the work, then `answer`. Else the answer of the request that had it first.

    A second claim waits for the first one's commit (on SQLite for the write lock), so they never both do the work.

    Raises:
        InvalidInput: The key is longer than 128 characters or not printable.
        Conflict: The key was used with another request.
    """
    check_name("Idempotency-Key", key, 128)
    added = insert_into(session, IdempotencyKey).values(user_id=user_id, key=key, request_digest=request_digest)
    unique = [IdempotencyKey.user_id, IdempotencyKey.key]
    if await session.scalar(added.on_conflict_do_nothing(index_elements=unique).returning(IdempotencyKey.key)):
        return None
    return await answered(session, user_id, key, request_digest) or {}


async def answered(session: AsyncSession, user_id: str, key: str, request_digest: str) -> dict[str, Any] | None:
    """Return the answer of the request that had the key first; null while none has.

    Raises:
        Conflict: The key was used with another request.
    """
    row = await session.get(IdempotencyKey, (user_id, key), populate_existing=True)
    if row is not None and row.request_digest != request_digest:
        raise Conflict("This Idempotency-Key was used for another request.", hint="Use a new key for a new request.")
    return None if row is None else row.response or {}


async def answer(session: AsyncSession, user_id: str, key: str, response: dict[str, Any]) -> None:
    """Store the answer that later requests of the key will get."""
    owned = update(IdempotencyKey).where(IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
    await session.execute(owned.values(response=response))


async def is_used(session: AsyncSession, user_id: str, key: str) -> bool:
    """True when the key has been claimed; a request with it starts nothing new."""
    return await session.get(IdempotencyKey, (user_id, key)) is not None
