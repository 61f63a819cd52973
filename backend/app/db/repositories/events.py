"""The durable event log: append in the same transaction as the change, replay by number.

Called by services that change a generation and by the socket manager. Tests: tests/test_db/test_events.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import InvalidInput, NotFound
from app.db.models import Session, SessionEvent
from app.schemas.events import SERVER_EVENT, TRANSIENT_TYPES, ServerEvent


async def append_event(
    session: AsyncSession,
    session_id: str,
    generation_id: str | None,
    type: str,  # noqa: A002 - the wire's own word
    payload: BaseModel | Mapping[str, Any],
) -> int:
    """Append an event and return its number, 1, 2, 3 ... in its session.

    The counter is raised first and never read before: whoever raises it holds the session until its commit, so
    numbers have no gap and no double. Call it before other reads of the transaction.

    Raises:
        NotFound: No such session.
        InvalidInput: The type is transient and has no place in the log.
    """
    if type in TRANSIENT_TYPES:
        raise InvalidInput(f"'{type}' events are transient and are never stored.", hint="Publish it on the bus.")
    raised = update(Session).where(Session.id == session_id).values(seq=Session.seq + 1).returning(Session.seq)
    seq = await session.scalar(raised, execution_options={"synchronize_session": False})
    if seq is None:
        raise NotFound(f"There is no session {session_id}.", hint="Start one by creating a generation.")
    document = payload.model_dump(mode="json") if isinstance(payload, BaseModel) else dict(payload)
    session.add(SessionEvent(session_id=session_id, seq=seq, generation_id=generation_id, type=type, payload=document))
    await session.flush()
    return seq


async def since(session: AsyncSession, session_id: str, seq: int, limit: int = 200) -> list[SessionEvent]:
    """Return up to `limit` events numbered above `seq`, in order."""
    query = select(SessionEvent).where(SessionEvent.session_id == session_id, SessionEvent.seq > seq)
    return list(await session.scalars(query.order_by(SessionEvent.seq).limit(limit)))


async def last_seq(session: AsyncSession, session_id: str) -> int:
    """Return the session's newest number, 0 when nothing happened yet or there is no such session."""
    return await session.scalar(select(Session.seq).where(Session.id == session_id)) or 0


def to_wire(row: SessionEvent) -> ServerEvent:
    """Return a stored event as the message a client receives."""
    event: ServerEvent = SERVER_EVENT.validate_python(
        {
            "type": row.type,
            "seq": row.seq,
            "generation_id": row.generation_id,
            "timestamp": row.created_at,
            "payload": row.payload,
        }
    )
    return event
