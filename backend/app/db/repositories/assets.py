"""A user's own images: kept once, tagged, found again, counted, softly deleted. Called by the asset library and routes.

Everything takes the owner; what is another user's or deleted is as if it never was.
Tests: tests/test_db/test_assets.py
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import ColumnElement, Select, String, Text, cast, func, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import InvalidInput, NotFound
from app.db.models import Asset, User
from app.db.repositories.keyset import decode_cursor, encode_cursor
from app.db.types import UtcDateTime, utcnow
from app.schemas.api import ASSET_TAGS, AssetKind
from app.schemas.base import Model

_KEY = re.compile(r"[A-Za-z0-9._/-]+")


class NewAsset(Model):
    """An image to keep. `digest` is the SHA-256 of the upload, `size_bytes` its size; the rest is the stored copy's."""

    user_id: str
    kind: AssetKind
    name: str
    storage_key: str
    digest: str
    media_type: str
    size_bytes: int
    width: int
    height: int
    tags: list[str] = Field(default_factory=list)


class AssetFilter(Model):
    """What to list; every part is optional. `tag` is one whole tag as it is stored,
    `search` words of the name in any case."""

    kind: AssetKind | None = None
    tag: str | None = None
    search: str | None = Field(None, max_length=200)


@dataclass(frozen=True)
class AssetPage:
    """Rows newest first, and the cursor of the next page; null on the last."""

    rows: list[Asset]
    next_cursor: str | None


async def add(session: AsyncSession, new: NewAsset) -> Asset:
    """Insert an image. One the user already has, of the same bytes and kind, is returned instead, with its new tags.

    Two uploads of the same bytes at once wait for each other, so that they never both insert.

    Raises:
        InvalidInput: It would have too many tags.
    """
    await session.execute(select(User.id).where(User.id == new.user_id).with_for_update(key_share=True))
    same = _live(new.user_id).where(Asset.digest == new.digest, Asset.kind == new.kind)
    row = await session.scalar(same.order_by(Asset.created_at).limit(1))
    if row is None:
        row = Asset(**new.model_dump())
        session.add(row)
    elif new.tags:
        row.tags = _joined(row.tags or [], new.tags)
    await session.flush()
    return row


async def get(session: AsyncSession, user_id: str, asset_id: str) -> Asset | None:
    """Return a user's image by id."""
    wanted = _as_uuid(asset_id)
    return None if wanted is None else await session.scalar(_live(user_id).where(Asset.id == wanted))


async def require(session: AsyncSession, user_id: str, asset_id: str) -> Asset:
    """Return a user's image by id.

    Raises:
        NotFound: There is none.
    """
    row = await get(session, user_id, asset_id)
    if row is None:
        raise NotFound("There is no such image in your library.", hint="List your library to see what is there.")
    return row


async def find(session: AsyncSession, user_id: str, names: Sequence[str]) -> dict[str, Asset]:
    """Return the user's images among `names`, each an id or the storage key of a stored copy; others are left out."""
    ids = {name: wanted for name in names if (wanted := _as_uuid(name))}
    keys = [name for name in names if name not in ids and _KEY.fullmatch(name)]
    query = _live(user_id).where(or_(Asset.id.in_(ids.values()), Asset.storage_key.in_(keys)))
    rows = list(await session.scalars(query))
    by_id, by_key = {row.id: row for row in rows}, {row.storage_key: row for row in rows}
    found = {name: by_id.get(ids[name]) if name in ids else by_key.get(name) for name in names}
    return {name: row for name, row in found.items() if row is not None}


async def names_of(session: AsyncSession, user_id: str, keys: Sequence[str]) -> list[str]:
    """Return the names of a user's stored copies, deleted ones too, in the order of `keys` and each once."""
    query = select(Asset.storage_key, Asset.name).where(Asset.user_id == user_id, Asset.storage_key.in_(keys))
    names = {row.storage_key: row.name for row in await session.execute(query.order_by(Asset.created_at))}
    return [names[key] for key in dict.fromkeys(keys) if key in names]


async def list_page(
    session: AsyncSession,
    user_id: str,
    filters: AssetFilter | None = None,
    *,
    limit: int = 20,
    cursor: str | None = None,
) -> AssetPage:
    """Return one page of a user's images.

    Raises:
        InvalidInput: The cursor is not one of ours.
    """
    query = _filtered(_live(user_id), filters or AssetFilter())
    if cursor is not None:
        created_at, asset_id = decode_cursor(cursor)
        last = tuple_(literal(created_at, UtcDateTime), literal(asset_id, Asset.id.type))
        query = query.where(tuple_(Asset.created_at, Asset.id) < last)
    query = query.order_by(Asset.created_at.desc(), Asset.id.desc()).limit(limit + 1)
    rows = list(await session.scalars(query))
    more = len(rows) > limit
    rows = rows[:limit]
    return AssetPage(rows, encode_cursor(rows[-1].created_at, rows[-1].id) if more else None)


async def rename(session: AsyncSession, user_id: str, asset_id: str, name: str) -> Asset:
    """Give an image another name.

    Raises:
        NotFound: As `require`.
    """
    row = await require(session, user_id, asset_id)
    row.name = name
    await session.flush()
    return row


async def tag(session: AsyncSession, user_id: str, asset_id: str, tags: Sequence[str]) -> Asset:
    """Replace an image's tags.

    Raises:
        NotFound: As `require`.
    """
    row = await require(session, user_id, asset_id)
    row.tags = list(tags)
    await session.flush()
    return row


async def remove(session: AsyncSession, user_id: str, asset_id: str) -> None:
    """Take an image out of the library. Its stored files stay: ads that show it need them.

    Raises:
        NotFound: As `require`.
    """
    row = await require(session, user_id, asset_id)
    row.deleted_at = utcnow()
    await session.flush()


async def count_use(session: AsyncSession, ids: Sequence[str]) -> None:
    """Count one more generation for each of these images."""
    used = update(Asset).where(Asset.id.in_(set(ids))).values(use_count=Asset.use_count + 1)
    await session.execute(used.execution_options(synchronize_session="fetch"))


async def bytes_of(session: AsyncSession, ids: Sequence[str]) -> int:
    """Return how many bytes these images had when uploaded, each counted once."""
    total = await session.scalar(select(func.sum(Asset.size_bytes)).where(Asset.id.in_(set(ids))))
    return int(total or 0)


def _live(user_id: str) -> Select[Asset]:
    return select(Asset).where(Asset.user_id == user_id, Asset.deleted_at.is_(None))


def _joined(tags: Sequence[str], more: Sequence[str]) -> list[str]:
    joined = list(dict.fromkeys([*tags, *more]))
    if len(joined) > ASSET_TAGS:
        raise InvalidInput(
            f"This image is in your library already and would have {len(joined)} tags; {ASSET_TAGS} is the most.",
            hint="Remove tags it no longer needs first.",
        )
    return joined


def _as_uuid(value: str) -> str | None:
    """Return an id in the form both engines take, null when it is none."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return None


def _filtered(query: Select[Asset], filters: AssetFilter) -> Select[Asset]:
    if filters.kind is not None:
        query = query.where(Asset.kind == filters.kind)
    if filters.tag is not None:
        query = query.where(_has_tag(filters.tag))
    for word in (filters.search or "").replace("\x00", "").split():
        query = query.where(cast(Asset.name, String).icontains(word, autoescape=True))
    return query


def _has_tag(tag: str) -> ColumnElement[bool]:
    # The document as text. Inside a tag every quote is escaped, so a bare one after `[` or `, ` starts a whole tag.
    quoted = json.dumps(tag.replace("\x00", ""), ensure_ascii=False)
    text = cast(Asset.tags, Text)
    return or_(text.startswith(f"[{quoted}", autoescape=True), text.contains(f", {quoted}", autoescape=True))
