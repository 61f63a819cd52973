"""Object store: keys in, bytes or files out.

Adapters: app/storage/*.py. Suite: tests/test_contracts/test_storage.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol


class Storage(Protocol):
    """Keys are relative POSIX paths made by the server (letters, digits, ``-_./``), never by a client."""

    async def put_file(self, key: str, source: Path, content_type: str) -> None:
        """Store a file under `key`, whole or not at all; replaces. Raises StorageError."""

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> None:
        """Store bytes under `key`, whole or not at all; replaces. Raises StorageError."""

    async def read_bytes(self, key: str) -> bytes:
        """Return the object's bytes. Raises NotFound."""

    def local_copy(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Yield a readable local path of the object, valid inside the block; never write to it. Raises NotFound."""

    async def exists(self, key: str) -> bool:
        """True when the object is stored."""

    async def size(self, key: str) -> int:
        """Return the object's size in bytes. Raises NotFound."""

    async def delete(self, key: str) -> None:
        """Remove the object; no error when absent."""

    def keys(self, prefix: str) -> AsyncIterator[str]:
        """Iterate over the keys that start with `prefix`, sorted."""
