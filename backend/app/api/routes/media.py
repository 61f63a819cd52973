"""Stored media, for whoever holds a signed address. Tests: tests/test_api/test_conversation.py"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import FileResponse

from app.api.deps import ContainerDep
from app.api.errors import RESPONSES
from app.core.errors import NotFound
from app.core.security import check_media
from app.kit.media_types import BYTES, MEDIA_TYPES, media_type

router = APIRouter(tags=["media"], responses=RESPONSES)

_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; sandbox"
_CONTENT: dict[str, dict[str, Any]] = {kind.partition(";")[0]: {} for kind in (*MEDIA_TYPES.values(), BYTES)}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": _CONTENT},
    206: {"description": "The part of the file that was asked for.", "content": _CONTENT},
    416: {"description": "The file has no such part.", "content": {"text/plain": {}}},
}


@router.get("/media/{key:path}", response_class=FileResponse, responses=_FILE)
@router.head("/media/{key:path}", response_class=FileResponse, responses=_FILE)
async def media(
    key: str,
    container: ContainerDep,
    exp: Annotated[int, Query(ge=0, le=2**53, description="When the address ends, in Unix seconds.")],
    sig: Annotated[str, Query(max_length=128)],
    d: Annotated[str, Query(max_length=255, description="Name to save the file under.")] = "",
) -> FileResponse:
    """Read a stored object. The address is its own permission, and ends within a day."""
    check_media(container.secret, key, exp, d, sig)
    if container.own_media is None:
        raise _gone()
    path = await asyncio.to_thread(_existing, container.own_media.path(key), container.settings.media_path)
    kind = media_type(path.name)
    in_place = not d and kind != BYTES
    return FileResponse(
        path,
        media_type=kind,
        filename=d or path.name,
        content_disposition_type="inline" if in_place else "attachment",
        headers={
            "Cache-Control": "private, max-age=3600",
            "Content-Security-Policy": _POLICY,
        },
    )


def _existing(path: Path, root: Path) -> Path:
    """Return the file's path if it is one and lies in the store, links followed."""
    real = path.resolve()
    if not real.is_file() or not real.is_relative_to(root.resolve()):
        raise _gone()
    return real


def _gone() -> NotFound:
    return NotFound("This file is gone.", hint="Load the ad again for a fresh link; the file may have been deleted.")
