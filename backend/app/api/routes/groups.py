"""Groups of variants: the list, one of them side by side, and the winner. Tests: tests/test_api/test_groups.py"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.deps import ContainerDep, CurrentUser
from app.api.errors import RESPONSES
from app.db.repositories import groups
from app.schemas.api import GroupSummary, GroupView, PageOf, Pagination, Success, WinnerBody
from app.services.unified_pipeline.group_views import group_summary, group_view, sign_group

router = APIRouter(prefix="/api/groups", tags=["groups"], responses=RESPONSES)


@router.get("")
async def list_groups(
    user: CurrentUser,
    container: ContainerDep,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> PageOf[GroupSummary]:
    """List your groups of variants, newest first."""
    async with container.reads() as session:
        page = await groups.list_page(session, user.id, limit=limit, cursor=cursor)
    pagination = Pagination(next_cursor=page.next_cursor, has_more=page.next_cursor is not None, limit=limit)
    return PageOf(data=[group_summary(row) for row in page.rows], pagination=pagination)


@router.get("/{group_id}")
async def get_group(group_id: str, user: CurrentUser, container: ContainerDep) -> Success[GroupView]:
    """Return the variants of a group side by side: scores, videos, and where each differs from the first."""
    async with container.reads() as session:
        view = await group_view(session, group_id, user.id)
    return Success(data=await sign_group(view, container.links))


@router.post("/{group_id}/winner")
async def pick_winner(
    group_id: str, body: WinnerBody, user: CurrentUser, container: ContainerDep
) -> Success[GroupView]:
    """Mark a finished variant as the winner; null takes the mark back."""
    async with container.sessions.begin() as session:
        await groups.set_winner(session, group_id, user.id, body.generation_id)
        view = await group_view(session, group_id, user.id)
    message = "No winner." if body.generation_id is None else "Marked as the winner."
    return Success(data=await sign_group(view, container.links), message=message)
