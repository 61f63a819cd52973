"""Objects as files under one folder: written to a temporary name, fsynced, renamed. The default store.

Built by app/container.py. Tests: tests/test_contracts/test_storage.py
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from app.core.errors import NotFound
from app.kit.ids import new_id
from app.storage.rules import checked, disk_error, is_key


class LocalStorage:
    """Storage port over a folder (created on first write)."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, key: str) -> Path:
        """Return where `key` lives. Raises InvalidInput for a key that could leave the folder."""
        return self._root / checked(key)

    async def put_file(self, key: str, source: Path, content_type: str) -> None:
        """See ports.storage.Storage."""

        def copy(target: BinaryIO) -> None:
            with source.open("rb") as stream:
                shutil.copyfileobj(stream, target, 1 << 20)

        await asyncio.to_thread(self._write, key, copy)

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> None:
        """See ports.storage.Storage."""
        await asyncio.to_thread(self._write, key, lambda target: target.write(data))

    async def read_bytes(self, key: str) -> bytes:
        """See ports.storage.Storage."""
        return await asyncio.to_thread(self._existing(key).read_bytes)

    @asynccontextmanager
    async def local_copy(self, key: str) -> AsyncIterator[Path]:
        """See ports.storage.Storage; here it is the object itself, so callers must not write to it."""
        yield self._existing(key)

    async def exists(self, key: str) -> bool:
        """See ports.storage.Storage."""
        return await asyncio.to_thread(self.path(key).is_file)

    async def size(self, key: str) -> int:
        """See ports.storage.Storage."""
        return self._existing(key).stat().st_size

    async def delete(self, key: str) -> None:
        """See ports.storage.Storage."""
        await asyncio.to_thread(self.path(key).unlink, missing_ok=True)

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        """See ports.storage.Storage."""
        for key in await asyncio.to_thread(self._list, prefix):
            yield key

    def _existing(self, key: str) -> Path:
        path = self.path(key)
        if not path.is_file():
            raise NotFound(f"There is no stored object {key}.", hint="It may have been deleted from the data folder.")
        return path

    def _list(self, prefix: str) -> list[str]:
        found = (p.relative_to(self._root).as_posix() for p in self._root.rglob("*") if p.is_file())
        return sorted(key for key in found if key.startswith(prefix) and is_key(key))

    def _write(self, key: str, fill: Callable[[BinaryIO], object]) -> None:
        path = self.path(key)
        temporary = path.with_name(f".{new_id()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as target:
                fill(target)
                target.flush()
                os.fsync(target.fileno())
            temporary.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise disk_error(error, self._root) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
