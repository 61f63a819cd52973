"""The library of a user's own images: what is let in, how it is named, and which of it a generation may use.

Called by app/api/routes/assets.py (uploads) and by the commands that start a generation (`resolve`, `used`).
Tests: tests/test_services/test_asset_library.py
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import InvalidInput, TooLarge
from app.db.models import Asset
from app.db.repositories import assets
from app.db.repositories.assets import NewAsset
from app.kit.images import MAX_BYTES, check_image
from app.schemas.api import ASSET_NAME_LENGTH, ASSET_TAG_LENGTH, ASSET_TAGS, AssetKind
from app.schemas.unified_pipeline import BrandAssets
from app.services.media.image_processor import ImageProcessor

MAX_TOTAL_BYTES = 50 * 2**20
"""Of all images of one upload, and of all images of one generation."""
MAX_IMAGES = 10
"""In one upload, and in one generation."""
MAX_FILE_BYTES = MAX_BYTES
_NAMELESS = "The image"
_DECODING = 1
_ADDRESS = re.compile(r"s3://[^/]+/(?P<key>.+)")


class Upload(NamedTuple):
    """One file on its way in. `name` is what the client calls it; `read` returns its bytes, each time it is asked."""

    name: str
    read: Callable[[], Awaitable[bytes]]


@dataclass
class ResolvedAssets:
    """What a generation may use: storage keys by role, and ids and names of the images, each once, in that order."""

    brand_assets: BrandAssets
    ids: list[str]
    names: list[str]


class AssetLibrary:
    """Takes images in, one at a time, and gives them out to generations.

    Args:
        images: Gives what checks, copies and stores an image; asked when the first one comes.
        sessions: Sessions that may write.
        reads: Sessions that only read.
    """

    def __init__(
        self,
        images: Callable[[], ImageProcessor],
        sessions: async_sessionmaker[AsyncSession],
        reads: async_sessionmaker[AsyncSession],
    ) -> None:
        self._images, self._sessions, self._reads = images, sessions, reads
        # A 40-megapixel image takes 600 MB while it is decoded; uploads at the same time must not take that each.
        self._decoding = asyncio.Semaphore(_DECODING)

    async def ingest(self, user_id: str, source: bytes, kind: AssetKind, name: str, tags: Iterable[str] = ()) -> Asset:
        """Keep one image.

        Raises:
            InvalidInput: It is empty, no PNG, JPEG or WebP, over a limit, an animation, damaged, tiny or blank.
            StorageError: It can't be stored.
        """

        async def read() -> bytes:
            return source

        return (await self.ingest_all(user_id, [Upload(name, read)], kind, tags))[0]

    async def ingest_all(
        self, user_id: str, uploads: Sequence[Upload], kind: AssetKind, tags: Iterable[str] = ()
    ) -> list[Asset]:
        """Keep several images, all or none; one that is in the library already is that one.

        Each file is in memory only while its turn lasts.

        Raises:
            InvalidInput: As `ingest`; the message names the file. None, or more than `MAX_IMAGES`.
            StorageError: They can't be stored.
        """
        if not 1 <= len(uploads) <= MAX_IMAGES:
            raise InvalidInput(
                f"{len(uploads)} files were sent; 1 to {MAX_IMAGES} can be uploaded at once.",
                hint=f"Send {MAX_IMAGES} or fewer at a time.",
            )
        labels = clean_tags(tags)
        for upload in uploads if len(uploads) > 1 else ():
            await self._check(upload)
        new = [await self._store(user_id, upload, kind, labels) for upload in uploads]
        async with self._sessions.begin() as session:
            return [await assets.add(session, each) for each in new]

    async def resolve(self, user_id: str, assets: BrandAssets) -> ResolvedAssets:
        """See `resolve` below, in a session of its own."""
        async with self._reads() as session:
            return await resolve(session, user_id, assets)

    async def used(self, session: AsyncSession, ids: Sequence[str]) -> None:
        """Count one more use of each image, in the transaction that inserts the generation."""
        await assets.count_use(session, ids)

    async def _check(self, upload: Upload) -> None:
        """Decode an image and forget it, so that a bad one late in a batch stores none of it."""
        async with self._decoding:
            source = await _read(upload)
            await asyncio.to_thread(check_image, source, name=clean_name(upload.name) or _NAMELESS)

    async def _store(self, user_id: str, upload: Upload, kind: AssetKind, tags: list[str]) -> NewAsset:
        async with self._decoding:
            source = await _read(upload)
            stored = await self._images().ingest(
                source,
                reference_type=kind,
                owner_prefix=f"users/{user_id}/assets",
                name=clean_name(upload.name) or _NAMELESS,
            )
        return NewAsset(
            user_id=user_id,
            kind=kind,
            name=clean_name(upload.name) or f"{kind} image",
            storage_key=stored.key,
            digest=stored.original_digest,
            media_type=stored.content_type,
            size_bytes=len(source),
            width=stored.width,
            height=stored.height,
            tags=tags,
        )


async def _read(upload: Upload) -> bytes:
    source = await upload.read()
    if not source:
        raise InvalidInput(
            f"{clean_name(upload.name) or _NAMELESS} is empty.", hint="Save the image again, then upload that file."
        )
    return source


async def resolve(session: AsyncSession, user_id: str, wanted: BrandAssets) -> ResolvedAssets:
    """Return a request's images as storage keys, if all of them are the caller's own.

    Args:
        session: The caller's session.
        user_id: Whose library.
        wanted: Ids, storage keys or `s3://<bucket>/<storage key>`. The bucket is not looked at: the key must be ours.

    Raises:
        InvalidInput: An entry is not one of the caller's images (the message says which), or there are too many.
        TooLarge: Together they are over `MAX_TOTAL_BYTES`.
    """
    entries = list(_entries(wanted))
    _check_count(len({name for _, name in entries}))
    found = await assets.find(session, user_id, [_plain(name) for _, name in entries])
    for place, name in entries:
        if _plain(name) not in found:
            raise _not_yours(place, name)
    used_rows = {row.id: row for _, name in entries for row in (found[_plain(name)],)}
    _check_total(await assets.bytes_of(session, list(used_rows)))
    return ResolvedAssets(
        _with_keys(wanted, {name: row.storage_key for name, row in found.items()}),
        list(used_rows),
        [row.name for row in used_rows.values()],
    )


def clean_name(name: str) -> str:
    """Return a file's name as it can be shown and kept: no folders, one line, at most 120 characters; may be empty."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(letter if letter.isprintable() else " " for letter in last)
    return " ".join(shown.split()).strip(". ")[:ASSET_NAME_LENGTH].rstrip()


def clean_tag(tag: str) -> str:
    """Return a tag as it is stored: lower case, single spaces, printable; may be empty."""
    shown = "".join(letter if letter.isprintable() else " " for letter in tag)
    return " ".join(shown.lower().split())


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Return tags as they are stored, each once, empty ones left out.

    Raises:
        InvalidInput: One is over 40 characters, or there are more than 20.
    """
    cleaned = [tag for tag in dict.fromkeys(map(clean_tag, tags)) if tag]
    too_long = next((tag for tag in cleaned if len(tag) > ASSET_TAG_LENGTH), None)
    if too_long is not None:
        raise InvalidInput(
            f"The tag {_short(too_long)} is longer than {ASSET_TAG_LENGTH} characters.", hint="Use a shorter tag."
        )
    if len(cleaned) > ASSET_TAGS:
        raise InvalidInput(f"{len(cleaned)} tags are too many.", hint=f"Give an image at most {ASSET_TAGS} tags.")
    return cleaned


def _entries(wanted: BrandAssets) -> Iterable[tuple[str, str]]:
    """Each entry with its place in the request, in the order references are picked."""
    for number, name in enumerate(wanted.product_images):
        yield f"brand_assets.product_images[{number}]", name
    if wanted.logo is not None:
        yield "brand_assets.logo", wanted.logo
    for number, name in enumerate(wanted.character_images):
        yield f"brand_assets.character_images[{number}]", name


def _plain(name: str) -> str:
    address = _ADDRESS.fullmatch(name)
    return address["key"] if address else name


def _with_keys(wanted: BrandAssets, keys: dict[str, str]) -> BrandAssets:
    def once(names: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(keys[_plain(name)] for name in names))

    return BrandAssets(
        product_images=once(wanted.product_images),
        logo=None if wanted.logo is None else keys[_plain(wanted.logo)],
        character_images=once(wanted.character_images),
    )


def _check_count(count: int) -> None:
    if count > MAX_IMAGES:
        raise InvalidInput(
            f"{count} images are too many for one ad.", hint=f"Name at most {MAX_IMAGES}; the first ones count most."
        )


def _check_total(size: int) -> None:
    if size > MAX_TOTAL_BYTES:
        raise TooLarge(
            f"The images are {size / 2**20:.1f} MB together; the limit is {MAX_TOTAL_BYTES // 2**20} MB for one ad.",
            hint="Leave some out, or upload smaller copies.",
        )


def _not_yours(place: str, name: str) -> InvalidInput:
    return InvalidInput(
        f"{place} ({_short(name)}) is not an image of your library.",
        hint="Upload the image first (POST /api/assets/upload), then name it by the id of the answer.",
    )


def _short(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return f'"{shown[:60]}…"' if len(shown) > 60 else f'"{shown}"'
