"""The caller's own images: upload, list, look at, rename, tag, delete (FR111-115).

Tests: tests/test_api/test_assets.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request

from app.api.deps import ContainerDep, CurrentUser
from app.api.errors import RESPONSES
from app.api.uploads import Form, read_form
from app.core.errors import InvalidInput
from app.db.models import Asset
from app.db.repositories import assets
from app.db.repositories.assets import AssetFilter
from app.ports.links import Links
from app.schemas.api import ASSET_TAG_LENGTH, AssetEdit, AssetKind, AssetView, PageOf, Pagination, Success
from app.services.media.asset_library import MAX_IMAGES, clean_name, clean_tag, clean_tags

router = APIRouter(prefix="/api/assets", tags=["assets"], responses=RESPONSES)
AssetId = Annotated[UUID, Path(description="The image's id.")]
_KINDS = get_args(AssetKind)
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files", "kind"],
                "additionalProperties": False,
                "properties": {
                    "files": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": MAX_IMAGES,
                        "items": {"type": "string", "format": "binary"},
                        "description": "PNG, JPEG or WebP: 10 MB each, 50 MB together.",
                    },
                    "kind": {"type": "string", "enum": list(_KINDS)},
                    "tags": {
                        "type": "array",
                        "items": {"type": "string", "maxLength": ASSET_TAG_LENGTH},
                        "description": "For all of them; one value may hold several, separated by commas.",
                    },
                },
            }
        }
    },
}


@router.post("/upload", status_code=201, openapi_extra={"requestBody": _BODY})
async def upload_assets(request: Request, user: CurrentUser, container: ContainerDep) -> Success[list[AssetView]]:
    """Keep images, all or none, in the order they were sent. One that is in the library already is that one."""
    async with read_form(request) as form:
        kind, tags = _checked(form)
        kept = await container.library.ingest_all(user.id, [file for _, file in form.files], kind, tags)
    return Success(data=await _views(kept, container.links))


@router.get("")
async def list_assets(  # noqa: PLR0913 - one parameter a filter is FastAPI's way
    user: CurrentUser,
    container: ContainerDep,
    kind: AssetKind | None = None,
    tag: Annotated[str | None, Query(max_length=ASSET_TAG_LENGTH)] = None,
    search: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> PageOf[AssetView]:
    """List your images, newest first. `tag` is one whole tag; `search` looks for words in names."""
    wanted = AssetFilter(kind=kind, tag=clean_tag(tag or "") or None, search=search)
    async with container.reads() as session:
        page = await assets.list_page(session, user.id, wanted, limit=limit, cursor=cursor)
    pagination = Pagination(next_cursor=page.next_cursor, has_more=page.next_cursor is not None, limit=limit)
    return PageOf(data=await _views(page.rows, container.links), pagination=pagination)


@router.get("/{asset_id:uuid}")
async def get_asset(asset_id: AssetId, user: CurrentUser, container: ContainerDep) -> Success[AssetView]:
    """One of your images."""
    async with container.reads() as session:
        row = await assets.require(session, user.id, str(asset_id))
    return Success(data=await _view(row, container.links))


@router.patch("/{asset_id:uuid}")
async def edit_asset(
    asset_id: AssetId, body: AssetEdit, user: CurrentUser, container: ContainerDep
) -> Success[AssetView]:
    """Change an image's name or tags."""
    name = None if body.name is None else clean_name(body.name)
    if name == "":
        raise InvalidInput("The name has no letters that can be shown.", hint="Use another name.")
    async with container.sessions.begin() as session:
        row = await assets.require(session, user.id, str(asset_id))
        if name is not None:
            row = await assets.rename(session, user.id, str(asset_id), name)
        if body.tags is not None:
            row = await assets.tag(session, user.id, str(asset_id), clean_tags(body.tags))
    return Success(data=await _view(row, container.links))


@router.delete("/{asset_id:uuid}")
async def delete_asset(asset_id: AssetId, user: CurrentUser, container: ContainerDep) -> Success[None]:
    """Take an image out of your library. Ads that use it stay as they are."""
    async with container.sessions.begin() as session:
        await assets.remove(session, user.id, str(asset_id))
    return Success(data=None, message="Deleted.")


def _checked(form: Form) -> tuple[AssetKind, list[str]]:
    """Return kind and tags of an upload. Raises InvalidInput for any field that is missing, unknown or misplaced."""
    for name, _ in form.files:
        if name != "files":
            raise InvalidInput(f"There is no field for files called {_quoted(name)}.", hint="Send images as `files`.")
    given: dict[str, list[str]] = {"kind": [], "tags": []}
    for name, text in form.texts:
        if name == "files":
            raise InvalidInput("`files` holds text, not a file.", hint="Give each part a file name.")
        if name not in given:
            raise InvalidInput(f"There is no field called {_quoted(name)}.", hint="Use `files`, `kind` and `tags`.")
        given[name].append(text)
    if not form.files:
        raise InvalidInput("There is no image in the upload.", hint=f"Send 1 to {MAX_IMAGES} images as `files`.")
    if len(given["kind"]) != 1 or given["kind"][0] not in _KINDS:
        raise InvalidInput("The upload needs one `kind`.", hint=f"Use one of: {', '.join(_KINDS)}.")
    return cast("AssetKind", given["kind"][0]), clean_tags(tag for text in given["tags"] for tag in text.split(","))


def _quoted(name: str) -> str:
    return f"`{clean_name(name)[:40]}`"


async def _views(rows: Sequence[Asset], links: Links) -> list[AssetView]:
    return list(await asyncio.gather(*(_view(row, links) for row in rows)))


async def _view(row: Asset, links: Links) -> AssetView:
    return AssetView(
        id=row.id,
        kind=cast("AssetKind", row.kind),
        name=row.name,
        tags=row.tags or [],
        url=await links.url(row.storage_key),
        media_type=row.media_type,
        width=row.width or 0,
        height=row.height or 0,
        size_bytes=row.size_bytes,
        use_count=row.use_count,
        created_at=row.created_at,
    )
