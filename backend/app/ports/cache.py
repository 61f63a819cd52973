"""A cache of bytes: fast, forgetful, never the truth. Whoever reads checks what he got against the database.

Adapters: app/storage/cache_*.py. Suite: tests/test_contracts/test_cache.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol


class Cache(Protocol):
    """In-process or Redis behind one interface. Nothing raises: a broken cache is a miss and a log line a minute."""

    async def get(self, key: str) -> bytes | None:
        """Return what was set less than its `ttl` ago; null when there is nothing, or the cache is broken."""

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep `value` for at most `ttl`; it may be forgotten earlier, or not be kept at all."""

    async def delete(self, key: str) -> None:
        """Forget the key. Lost when the cache is broken: what is read later may be old."""

    async def aclose(self) -> None:
        """Close the connections."""
