"""The cache of one process: the least recently used goes first.

Built by app/storage/cache.py. Tests: tests/test_contracts/test_cache.py
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

_MAX_BYTES = 64 * 2**20


class MemoryCache:
    """Cache port within `max_bytes` of keys and values."""

    def __init__(self, max_bytes: int = _MAX_BYTES, now: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._now = now
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        """See ports.cache.Cache."""
        if key not in self._kept:
            return None
        ends, value = self._kept[key]
        if ends <= self._now():
            await self.delete(key)
            return None
        self._kept.move_to_end(key)
        return value

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """See ports.cache.Cache."""
        await self.delete(key)
        size = _size(key, value)
        if size > self._max_bytes:
            return
        self._kept[key] = (self._now() + ttl.total_seconds(), value)
        self._bytes += size
        while self._bytes > self._max_bytes:
            await self.delete(next(iter(self._kept)))

    async def delete(self, key: str) -> None:
        """See ports.cache.Cache."""
        found = self._kept.pop(key, None)
        if found is not None:
            self._bytes -= _size(key, found[1])

    async def aclose(self) -> None:
        """See ports.cache.Cache."""
        self._kept.clear()
        self._bytes = 0


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value)
