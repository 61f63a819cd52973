"""The cache in Redis or Valkey, shared by all processes with the same REDIS_URL.

After a failure it rests for a moment: while the server is gone, callers don't wait for it each time.
Built by app/storage/cache.py. Tests: tests/test_contracts/test_cache.py
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core.errors import ConfigError

logger = logging.getLogger(__name__)
T = TypeVar("T")
_PREFIX = "admint:cache:"
_TIMEOUT_S = 1.0
_REST_S = 1.0
_SAY_EVERY_S = 60.0


class RedisCache:
    """Cache port over a Redis database. Used by one event loop."""

    def __init__(self, url: str, now: Callable[[], float] = time.monotonic) -> None:
        try:
            self._redis = Redis.from_url(
                url,
                # One try on a new connection: one that lay idle may have been closed by the server.
                retry=Retry(NoBackoff(), 1),
                socket_timeout=_TIMEOUT_S,
                socket_connect_timeout=_TIMEOUT_S,
            )
        except ValueError as error:
            raise ConfigError(
                f"REDIS_URL is not an address of Redis: {error}.", hint="Use redis://<host>:6379/0, or leave it empty."
            ) from error
        self._now = now
        self._rests_until = float("-inf")
        self._silent_until = float("-inf")

    async def get(self, key: str) -> bytes | None:
        """See ports.cache.Cache."""
        found = await self._ask(lambda: self._redis.get(_PREFIX + key))
        return found.encode() if isinstance(found, str) else found

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """See ports.cache.Cache."""
        await self._ask(lambda: self._redis.set(_PREFIX + key, value, px=ttl))

    async def delete(self, key: str) -> None:
        """See ports.cache.Cache."""
        await self._ask(lambda: self._redis.delete(_PREFIX + key))

    async def aclose(self) -> None:
        """See ports.cache.Cache."""
        await self._redis.aclose()

    async def _ask(self, command: Callable[[], Awaitable[T]]) -> T | None:
        if self._now() < self._rests_until:
            return None
        try:
            return await command()
        except (RedisError, OSError) as error:
            self._failed(error)
            return None

    def _failed(self, error: Exception) -> None:
        now = self._now()
        self._rests_until = now + _REST_S
        if now >= self._silent_until:
            self._silent_until = now + _SAY_EVERY_S
            logger.warning("the cache does not answer; the database does its work", extra={"reason": str(error)})
