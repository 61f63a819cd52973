"""Single scenes and clips of a generation. Tests: tests/test_api/test_conversation.py"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from app.api.deps import ContainerDep, CurrentUser
from app.api.errors import RESPONSES
from app.schemas.api import ClipRetry, SceneEdit, SceneOrder, SceneRegenerate, Success
from app.schemas.server import Done

router = APIRouter(prefix="/api/generations/{generation_id}", tags=["scenes"], responses=RESPONSES)
SceneId = Annotated[int, Path(ge=1, le=100)]


@router.post("/clips/{scene_id}/retry", status_code=202)
async def retry_clip(
    generation_id: str, scene_id: SceneId, user: CurrentUser, container: ContainerDep, body: ClipRetry | None = None
) -> Success[Done]:
    """Film one scene's clip again; no other clip is touched."""
    new_take = body is not None and body.new_take
    await container.commands.retry_clip(user.id, generation_id, scene_id, new_take=new_take)
    return Success(data=Done(generation_id=generation_id))


@router.patch("/scenes/{scene_id}", status_code=202)
async def edit_scene(
    generation_id: str, scene_id: SceneId, body: SceneEdit, user: CurrentUser, container: ContainerDep
) -> Success[Done]:
    """Put one's own words into one scene; its neighbours stay as they are."""
    await container.commands.edit_scene(user.id, generation_id, scene_id, body)
    return Success(data=Done(generation_id=generation_id))


@router.post("/scenes/{scene_id}/regenerate", status_code=202)
async def regenerate_scene(
    generation_id: str,
    scene_id: SceneId,
    user: CurrentUser,
    container: ContainerDep,
    body: SceneRegenerate | None = None,
) -> Success[Done]:
    """Have one scene written anew, with a wish if there is one."""
    await container.commands.regenerate_scene(user.id, generation_id, scene_id, body or SceneRegenerate())
    return Success(data=Done(generation_id=generation_id))


@router.post("/scenes/order", status_code=202)
async def reorder_scenes(
    generation_id: str, body: SceneOrder, user: CurrentUser, container: ContainerDep
) -> Success[Done]:
    """Put the scenes into another order."""
    await container.commands.reorder_scenes(user.id, generation_id, body.order)
    return Success(data=Done(generation_id=generation_id))
