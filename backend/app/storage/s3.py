"""Objects in a bucket of any S3 server, through obstore: streamed both ways, tried again, never half there.

obstore repeats a request that met a 5xx, a 429 or a cut line; it sends a large file in parts, throws them away when one
can't be sent, and goes on with a download where it was cut. What a killed process has sent of a file stays invisible: a
lifecycle rule of the bucket removes it (docs/how-to/use-s3.md).
Built by app/storage/objects.py. Tests: tests/test_contracts/test_storage.py, tests/test_storage/test_s3.py
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from app.core.errors import AdMintError, NotFound, StorageError
from app.kit.ids import new_id
from app.storage.rules import checked, disk_error, is_key
from app.storage.s3_signing import Bucket

if TYPE_CHECKING:
    from obstore.store import S3Credential

RETRIES = 3
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 4.0
_PART_BYTES, _PARTS_AT_ONCE = 5 << 20, 3  # 5 MiB is S3's least
_CHUNK_BYTES = 1 << 20
_DAY_S = 24 * 3600
_CACHED_FOR = "private, max-age=3600"  # as long as an address stays the same
_CODE = re.compile(r"<Code>\s*(\w+)\s*</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_REFUSED_STATUS = frozenset({"401", "403"})
_REFUSED = frozenset({"AuthorizationHeaderMalformed", "InvalidArgument", "UnsupportedAlgorithm", "InvalidToken"})
_LATER = "Try again in a while; `admint resume` goes on, and what is finished is kept."


class S3Storage:
    """Storage port over a bucket.

    Args:
        bucket: Which one, and its key.
        work_dir: Where local copies live while they are used (created on first use).
        first_pause_s: Seconds before the first repetition; doubled for each further one, with jitter.
    """

    def __init__(self, bucket: Bucket, work_dir: Path, *, first_pause_s: float = _FIRST_PAUSE_S) -> None:
        self._bucket = bucket
        self._copies = work_dir / "copies"
        self._swept = False
        self._store = _store(bucket, first_pause_s)

    async def put_file(self, key: str, source: Path, content_type: str) -> None:
        """See ports.storage.Storage."""
        await self._put(key, source, content_type)

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> None:
        """See ports.storage.Storage."""
        await self._put(key, data, content_type)

    async def read_bytes(self, key: str) -> bytes:
        """See ports.storage.Storage."""
        with self._said(key):
            answer = await obstore.get_async(self._store, checked(key))
            return bytes(await answer.bytes_async())

    @asynccontextmanager
    async def local_copy(self, key: str) -> AsyncIterator[Path]:
        """See ports.storage.Storage; a file of the caller's own, removed after the block."""
        path = self._copies / f"{new_id()}-{PurePosixPath(checked(key)).name}"
        try:
            await self._download(key, path)
            yield path
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def exists(self, key: str) -> bool:
        """See ports.storage.Storage."""
        try:
            await self.size(key)
        except NotFound:
            return False
        return True

    async def size(self, key: str) -> int:
        """See ports.storage.Storage."""
        with self._said(key):
            return int((await obstore.head_async(self._store, checked(key)))["size"])

    async def delete(self, key: str) -> None:
        """See ports.storage.Storage."""
        try:
            with self._said(key):
                await obstore.delete_async(self._store, checked(key))
        except NotFound:
            return

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        """See ports.storage.Storage."""
        folder = prefix.rpartition("/")[0]  # the client lists whole folders
        with self._said(prefix):
            found = await obstore.list(self._store, folder or None).collect_async()
        for key in sorted(each["path"] for each in found):
            if key.startswith(prefix) and is_key(key):
                yield key

    async def _put(self, key: str, content: Path | bytes, content_type: str) -> None:
        try:
            await self._put_once(key, content, content_type)
        except _LostUpload:  # finished, but we were not told so, or swept away: only sending it again makes sure
            await self._put_once(key, content, content_type)

    async def _put_once(self, key: str, content: Path | bytes, content_type: str) -> None:
        with self._said(key):
            await obstore.put_async(
                self._store,
                checked(key),
                content,
                attributes={"Content-Type": content_type, "Cache-Control": _CACHED_FOR},
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )

    async def _download(self, key: str, path: Path) -> None:
        try:
            await asyncio.to_thread(self._make_room)
            target = await asyncio.to_thread(path.open, "wb")
            with target:
                with self._said(key):
                    answer = await obstore.get_async(self._store, key)
                stream = aiter(answer.stream(min_chunk_size=_CHUNK_BYTES))
                while (chunk := await self._next(stream, key)) is not None:
                    await asyncio.to_thread(target.write, chunk)
        except OSError as error:
            raise disk_error(error, self._copies) from error

    def _make_room(self) -> None:
        """Make the folder of copies; remove what killed processes left there. Nobody works on a copy for a day."""
        self._copies.mkdir(parents=True, exist_ok=True)
        if self._swept:
            return
        self._swept = True
        for path in self._copies.iterdir():
            with suppress(FileNotFoundError):  # its owner, or another process that sweeps, was quicker
                if path.stat().st_mtime < time.time() - _DAY_S:
                    path.unlink()

    async def _next(self, stream: Any, key: str) -> bytes | None:
        with self._said(key):
            chunk: bytes | None = await anext(stream, None)
            return chunk

    @contextmanager
    def _said(self, key: str) -> Iterator[None]:
        """Turn the client's errors into ours. Theirs quote whole answers, the key's id among them, so they end here."""
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            raise self._error(str(error), key) from None

    def _error(self, said: str, key: str) -> AdMintError:
        where = urlsplit(self._bucket.url).netloc
        code, status = _first(_CODE, said), _first(_STATUS, said)
        named = code or status
        if code == "NoSuchBucket":
            hint = "Create it, or check S3_BUCKET, S3_REGION and S3_ENDPOINT_URL."
            return StorageError(f"There is no bucket {self._bucket.name} at {where}.", hint=hint)
        if code == "NoSuchUpload":
            return _LostUpload(f"The upload of {key} was lost.", hint=_LATER)
        if status == "404":
            return NotFound(f"There is no stored object {key}.", hint="It may have been deleted from the bucket.")
        if code == "RequestTimeTooSkewed":
            return StorageError(f"{where} says that this machine's clock is wrong.", hint="Set the clock.")
        if status in _REFUSED_STATUS or code in _REFUSED:
            return StorageError(
                f"The bucket {self._bucket.name} at {where} refused our key ({named}).",
                hint="Check S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and S3_REGION, and what the key may do there.",
            )
        if "redirect" in said:
            hint = "Check S3_REGION and S3_ENDPOINT_URL."
            return StorageError(f"The bucket {self._bucket.name} is not at {where}.", hint=hint)
        if named:
            return StorageError(f"The object store at {where} failed ({named}).", hint=_LATER)
        return StorageError(
            f"The object store at {where} can't be reached.", hint=f"Check S3_ENDPOINT_URL and the network. {_LATER}"
        )


class _LostUpload(StorageError):
    """The server knows nothing of an upload in parts that was going on."""


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _store(bucket: Bucket, first_pause_s: float) -> S3Store:
    """Return obstore's client, told everything: what it is not told, it takes from AWS_* variables."""
    host = bucket.url.removesuffix(f"/{bucket.name}")

    def credential() -> S3Credential:
        return {
            "access_key_id": bucket.access_key_id.get_secret_value(),
            "secret_access_key": bucket.secret_access_key.get_secret_value(),
            "token": None,
            "expires_at": None,
        }

    return S3Store(
        bucket.name,
        prefix=bucket.prefix.rstrip("/") or None,
        region=bucket.region,
        endpoint=host,
        aws_endpoint_url_s3=host,
        virtual_hosted_style_request=host == bucket.url,
        skip_signature=False,
        unsigned_payload=False,
        s3_express=False,
        disable_bulk_delete=True,
        credential_provider=credential,
        client_options={
            "allow_http": bucket.url.startswith("http:"),
            "connect_timeout": timedelta(seconds=5),
            "read_timeout": timedelta(minutes=2),
            "timeout": timedelta(hours=1),
        },
        retry_config={
            "max_retries": RETRIES,
            "retry_timeout": timedelta(minutes=3),
            "backoff": {
                "init_backoff": timedelta(seconds=first_pause_s),
                "max_backoff": timedelta(seconds=_LONGEST_PAUSE_S),
                "base": 2,
            },
        },
    )
