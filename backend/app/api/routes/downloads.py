"""What one takes away: the film, clips and pictures by signed address, the words as files (FR116-121).

Tests: tests/test_api/test_conversation.py
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from app.api.deps import ContainerDep, CurrentUser
from app.api.errors import RESPONSES
from app.core.errors import InvalidInput, NotFound
from app.db.models import Generation
from app.db.repositories import documents, generations
from app.schemas.story import Story
from app.schemas.unified_pipeline import Scene
from app.services.media import exports

router = APIRouter(prefix="/api/generations", tags=["generations"], responses=RESPONSES)

What = Literal["final", "clip", "reference", "story", "scenes", "captions", "metadata"]
_TEXTS: dict[str, tuple[str, str]] = {
    "story": ("story.md", "text/markdown"),
    "scenes": ("scenes.md", "text/markdown"),
    "captions": ("captions.vtt", "text/vtt"),
    "metadata": ("metadata.json", "application/json"),
}
_DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The text as a file.",
        "content": {kind: {"schema": {"type": "string"}} for _, kind in _TEXTS.values()},
    },
    302: {"description": "Where the media file is, for a day."},
}
_NAME = re.compile(r"[^a-z0-9]+")


@router.get("/{generation_id}/download", response_class=Response, responses=_DOCUMENTED)
async def download(
    generation_id: str,
    user: CurrentUser,
    container: ContainerDep,
    what: Annotated[What, Query()] = "final",
    number: Annotated[
        int | None, Query(alias="id", ge=1, le=100, description="Scene id of the clip, or the reference's place, 1-3.")
    ] = None,
) -> Response:
    """Download the final video, a clip, a reference, or story, scenes, captions and metadata as text."""
    async with container.reads() as session:
        row = await generations.require(session, generation_id, user_id=user.id)
        wide = ["story", "scenes", "plan", "video_clips", "reference_images"]
        await session.refresh(row, attribute_names=wide)
        if what in _TEXTS:
            return _text(row, what)
        key = _media_key(row, what, number)
    return RedirectResponse(await container.links.url(key, download=_file_name(row, what, number, key)), 302)


def _text(row: Generation, what: str) -> Response:
    name, kind = _TEXTS[what]
    return Response(
        _words(row, what),
        media_type=kind if kind == "application/json" else f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{_slug(row)}-{name}"'},
    )


def _words(row: Generation, what: str) -> str:
    story, scenes, plan = documents.story_of(row), documents.scenes_of(row), documents.plan_of(row)
    if what == "story":
        return exports.story_markdown(_made(story, "story"))
    if what == "scenes":
        return exports.scenes_markdown(_scenes(scenes))
    if what == "captions":
        return exports.captions_vtt(_scenes(scenes))
    told: Story = _made(story, "story")
    return exports.metadata_json(
        row.id, _made(plan, "plan"), told, scenes, overall_quality_score=row.overall_quality_score
    )


def _media_key(row: Generation, what: str, number: int | None) -> str:
    if what == "final":
        return str(_made(row.final_video_url, "final video"))
    if number is None:
        raise InvalidInput(f"Which {what}? The id is missing.", hint="Add &id= and its number.")
    if what == "clip":
        clip = next((each for each in documents.video_clips_of(row) if each.scene_id == number), None)
        return str(_made(clip.url if clip else None, f"clip {number}"))
    images = documents.references_of(row)
    return str(_made(images[number - 1].url if number <= len(images) else None, f"reference {number}"))


def _made(value: Any, name: str) -> Any:
    if value is None:
        raise NotFound(f"There is no {name} yet.", hint="It appears when its stage is done.")
    return value


def _scenes(scenes: list[Scene]) -> list[Scene]:
    return list(_made(scenes or None, "scene"))


def _file_name(row: Generation, what: str, number: int | None, key: str) -> str:
    part = "" if what == "final" else f"-{what}-{number}"
    return f"{_slug(row)}{part}{PurePosixPath(key).suffix}"


def _slug(row: Generation) -> str:
    return _NAME.sub("-", (row.title or "").lower()).strip("-")[:60].strip("-") or "ad"
