"""A whole conversation and its log: for clients that come back, and for those that poll instead of listening.

Tests: tests/test_api/test_conversation.py
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps import ContainerDep, CurrentUser
from app.api.errors import RESPONSES
from app.container import Container
from app.core.errors import NotFound
from app.core.logging import add_context
from app.db.repositories import events as event_log
from app.db.repositories import generations, sessions
from app.schemas.api import SessionSnapshot, Success
from app.schemas.server import EventLog
from app.services.unified_pipeline.snapshots import sign_event

router = APIRouter(prefix="/api", tags=["sessions"], responses=RESPONSES)
SessionId = Annotated[str, Path(min_length=1, max_length=64)]
Since = Annotated[int, Query(ge=0, le=2**31 - 1, description="The last number already known; 0 for all.")]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/sessions/{session_id}")
async def get_session(session_id: SessionId, user: CurrentUser, container: ContainerDep) -> Success[SessionSnapshot]:
    """Get a conversation as it stands: draw it, then follow the log from `last_seq`."""
    add_context(session_id=session_id)
    return Success(data=await container.session_storage.load(_printable(session_id), user.id))


@router.get("/sessions/{session_id}/events")
async def session_events(
    session_id: SessionId, user: CurrentUser, container: ContainerDep, since: Since = 0, limit: Limit = 200
) -> Success[EventLog]:
    """Get a session's durable events after `since`, in order."""
    add_context(session_id=session_id)
    async with container.reads() as session:
        log = await _log(container, session, user.id, _printable(session_id), since, limit)
    return Success(data=log)


@router.get("/generations/{generation_id}/events", tags=["generations"])
async def generation_events(
    generation_id: str, user: CurrentUser, container: ContainerDep, since: Since = 0, limit: Limit = 200
) -> Success[EventLog]:
    """Get the durable events of a generation's session after `since`: what its socket would have sent."""
    add_context(generation_id=generation_id)
    async with container.reads() as session:
        row = await generations.require(session, generation_id, user_id=user.id)
        log = await _log(container, session, user.id, row.session_id or "", since, limit)
    return Success(data=log)


async def _log(
    container: Container, session: AsyncSession, user_id: str, session_id: str, since: int, limit: int
) -> EventLog:
    row = await sessions.require(session, session_id, user_id=user_id)
    found = await event_log.since(session, session_id, since, limit + 1)
    events = [await sign_event(event_log.to_wire(each), container.links) for each in found[:limit]]
    return EventLog(session_id=session_id, events=events, last_seq=row.seq, has_more=len(found) > limit)


def _printable(session_id: str) -> str:
    """Return the id if there can be such a session; Postgres can't even be asked for some strings."""
    if not all("!" <= character <= "~" for character in session_id):
        raise NotFound("There is no such session.", hint="Start one by creating a generation.")
    return session_id
