"""Where Replicate tells of a job's life. Signed, replay-safe, and only a hint: polling stays the truth.

Tests: tests/test_api/test_hooks.py
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.api.deps import ContainerDep
from app.api.errors import RESPONSES
from app.core.errors import NotFound

router = APIRouter(prefix="/api/hooks", tags=["hooks"], responses=RESPONSES)


@router.post("/replicate/{call}", status_code=204, response_class=Response)
async def replicate(
    call: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The order it is about.")],
    request: Request,
    container: ContainerDep,
) -> None:
    """Take a webhook of Replicate. Whoever sends it proves itself by Replicate's signature."""
    if container.settings.replicate_api_token is None:
        raise NotFound("Replicate is not set up here.")
    from app.providers.replicate.checks import client_of
    from app.providers.replicate.hints import Hints

    await Hints(container.cache).take(client_of(container.settings), call, request.headers, await request.body())
