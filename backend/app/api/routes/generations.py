"""The history, one generation, and what may be done with it. Scenes and clips: scenes.py; files: downloads.py.

Tests: tests/test_api/test_generations.py
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, field_validator

from app.api.deps import ContainerDep, CurrentUser
from app.api.errors import RESPONSES
from app.core.logging import add_context
from app.db.repositories import documents, generation_lists, generations
from app.schemas.api import (
    Accepted,
    FeedbackBody,
    GenerationEdit,
    GenerationSnapshot,
    GenerationSummary,
    PageOf,
    Pagination,
    Reading,
    Success,
    WordsAfter,
)
from app.schemas.server import Done, Removed
from app.services.unified_pipeline.snapshots import sign, snapshot, summaries, summary

router = APIRouter(prefix="/api/generations", tags=["generations"], responses=RESPONSES)


class ListQuery(generation_lists.ListFilter):
    """What to list, newest first. Dates without a zone are UTC."""

    cursor: str | None = Field(None, max_length=400, description="`next_cursor` of the page before.")
    limit: int = Field(20, ge=1, le=100)
    group_id: str | None = Field(None, max_length=64)
    session_id: str | None = Field(None, max_length=64)

    @field_validator("created_from", "created_to")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


@router.get("")
async def list_generations(
    query: Annotated[ListQuery, Query()], user: CurrentUser, container: ContainerDep
) -> PageOf[GenerationSummary]:
    """List one's own generations, a page at a time."""
    filters = generation_lists.ListFilter(**query.model_dump(exclude={"cursor", "limit"}))
    async with container.reads() as session:
        page = await generation_lists.list_page(session, user.id, filters, limit=query.limit, cursor=query.cursor)
        rows = await summaries(session, page.rows)
    pagination = Pagination(next_cursor=page.next_cursor, has_more=page.next_cursor is not None, limit=query.limit)
    return PageOf(data=[await sign(row, container.links) for row in rows], pagination=pagination)


@router.delete("")
async def delete_all(user: CurrentUser, container: ContainerDep) -> Success[Removed]:
    """Delete all of one's own generations. They are hidden at once and erased later; what runs is cancelled."""
    async with container.sessions.begin() as session:
        count = await generations.soft_delete_all(session, user_id=user.id)
    return Success(data=Removed(count=count))


@router.get("/{generation_id}")
async def get_generation(generation_id: str, user: CurrentUser, container: ContainerDep) -> Success[GenerationSnapshot]:
    """Get everything about one generation: what a client needs to draw it and to follow it from `last_seq`."""
    add_context(generation_id=generation_id)
    async with container.reads() as session:
        view = await snapshot(session, generation_id, user.id, container.services.ledger.rules.limits)
    return Success(data=await sign(view, container.links))


@router.patch("/{generation_id}")
async def edit_generation(
    generation_id: str, body: GenerationEdit, user: CurrentUser, container: ContainerDep
) -> Success[GenerationSummary]:
    """Change title, favourite or tags; only what is given changes."""
    changes = body.model_dump(exclude_unset=True, exclude={"version"})
    changes = {name: value for name, value in changes.items() if name == "title" or value is not None}
    async with container.sessions.begin() as session:
        row = await generations.edit(session, generation_id, changes, user_id=user.id, version=body.version)
        view = summary(row, documents.poster_of(row))
    return Success(data=await sign(view, container.links))


@router.delete("/{generation_id}")
async def delete_generation(generation_id: str, user: CurrentUser, container: ContainerDep) -> Success[Removed]:
    """Delete one generation. It is hidden at once and erased later; if it runs it is cancelled."""
    async with container.sessions.begin() as session:
        await generations.soft_delete(session, generation_id, user_id=user.id)
    return Success(data=Removed(count=1))


@router.post("/{generation_id}/restore")
async def restore(generation_id: str, user: CurrentUser, container: ContainerDep) -> Success[GenerationSummary]:
    """Take a deletion back. What was running and has stopped is cancelled, and can be resumed."""
    view = await container.commands.restore(user.id, generation_id)
    return Success(data=await sign(view, container.links))


@router.post("/{generation_id}/feedback", status_code=202)
async def feedback(
    generation_id: str, body: FeedbackBody, user: CurrentUser, container: ContainerDep
) -> Success[Accepted]:
    """Say something at an approval point, as the socket's `user_feedback` does."""
    return Success(data=await container.commands.say(user.id, generation_id, body))


@router.post("/{generation_id}/reading")
async def read_after(
    generation_id: str, body: WordsAfter, user: CurrentUser, container: ContainerDep
) -> Success[Reading]:
    """Say whether words about to be sent speak of this finished ad or begin another; nothing is stored or changed.

    To change the ad, send them as feedback with stage `videos`.
    """
    return Success(data=await container.commands.read_after(user.id, generation_id, body.message))


@router.post("/{generation_id}/cancel", status_code=202)
async def cancel(generation_id: str, user: CurrentUser, container: ContainerDep) -> Success[Done]:
    """Stop as soon as possible; everything finished is kept."""
    await container.commands.cancel(user.id, generation_id)
    return Success(data=Done(generation_id=generation_id))


@router.post("/{generation_id}/pause", status_code=202)
async def pause(generation_id: str, user: CurrentUser, container: ContainerDep) -> Success[Done]:
    """Start nothing new; what runs is finished and kept."""
    await container.commands.pause(user.id, generation_id)
    return Success(data=Done(generation_id=generation_id))


@router.post("/{generation_id}/resume", status_code=202)
async def resume(generation_id: str, user: CurrentUser, container: ContainerDep) -> Success[Done]:
    """Go on with what was paused, cancelled, interrupted or failed."""
    await container.commands.resume(user.id, generation_id)
    return Success(data=Done(generation_id=generation_id))
