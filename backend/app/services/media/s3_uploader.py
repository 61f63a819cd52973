"""Brings media of this machine into a bucket, and proves that the bucket can be used (spec "S3 Uploader").

A local file goes in; a stored object and its address, good for a day, come out. A request that fails is repeated by the
store (app/storage/s3.py); what was sent before is not sent again.
Called by `admint media upload` and `admint doctor`. Tests: tests/test_services/test_s3_uploader.py
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.core.errors import NotFound, StorageError
from app.kit.ids import new_id
from app.kit.media_types import media_type
from app.ports.links import Links
from app.ports.storage import Storage

_PATIENCE_S = 30.0


@dataclass(frozen=True)
class Uploaded:
    """A key that is in the bucket. `sent` is false when it was there already."""

    key: str
    sent: bool


class S3Uploader:
    """Policy over two ports: the bucket, and who signs its addresses."""

    def __init__(self, bucket: Storage, links: Links) -> None:
        self._bucket = bucket
        self._links = links

    async def upload(self, source: Path, key: str) -> str:
        """Store a file whole under `key`; return an address it can be read at for a day. Raises StorageError."""
        await self._bucket.put_file(key, source, media_type(key))
        return await self._links.url(key)

    async def upload_all(self, local: Storage) -> AsyncIterator[Uploaded]:
        """Upload what `local` holds under the same keys, yielding each as it is done. Raises StorageError.

        What the bucket holds already, with the same size, is left alone: a run that was stopped can be repeated.
        """
        async for key in local.keys(""):
            sent = await self._size(key) != await local.size(key)
            if sent:
                async with local.local_copy(key) as path:
                    await self.upload(path, key)
            yield Uploaded(key, sent)

    async def check(self) -> None:
        """Store one byte, read it back through a signed address, delete it. Raises StorageError."""
        key = f"checks/{new_id()}.json"
        await self._bucket.put_bytes(key, b"1", media_type(key))
        try:
            answer = await _opened(await self._links.url(key))
        finally:
            await self._bucket.delete(key)
        if (answer.status_code, answer.content) != (200, b"1"):
            raise StorageError(
                f"The bucket stores, but a signed link to it does not open ({answer.status_code}).",
                hint="Check S3_REGION, S3_ENDPOINT_URL and this machine's clock.",
            )

    async def _size(self, key: str) -> int | None:
        try:
            return await self._bucket.size(key)
        except NotFound:
            return None


async def _opened(address: str) -> httpx.Response:
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE_S) as stranger:
            return await stranger.get(address)
    except httpx.HTTPError:  # its text and its traceback would show the address
        raise StorageError(
            "The bucket stores, but a signed link to it can't be reached.", hint="Check S3_ENDPOINT_URL."
        ) from None
