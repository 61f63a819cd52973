"""How many generations a person may start in an hour, counted as one number for all processes.

Kept in Redis where one is configured, else in this process. Called by routes/unified_pipeline.py and routes/health.py.
Tests: tests/test_api/test_limits.py
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from typing import Any

from limits import RateLimitItemPerHour
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError as LimitStorageError

from app.core.errors import StorageError, TooManyRequests
from app.core.settings import Settings

logger = logging.getLogger(__name__)
_PATIENCE_S = 1.0
_NAMESPACE = "generations"


class GenerationLimit:
    """Counts generations a user over the last hour. Only people of a shared server are limited (auth=accounts).

    Args:
        settings: Where to count, and whether to.
        per_hour: `generations_per_hour` of default.yaml.
    """

    def __init__(self, settings: Settings, per_hour: int) -> None:
        self._active = settings.auth == "accounts"
        self._storage = _storage(settings.redis_url)
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._item = RateLimitItemPerHour(per_hour, namespace=_NAMESPACE)
        self.per_hour = per_hour

    async def take(self, user_id: str, count: int = 1) -> None:
        """Count `count` generations, all or none.

        Raises:
            TooManyRequests: They do not fit into this hour.
            StorageError: They can't be counted.
        """
        if not self._active:
            return
        if count > self.per_hour:
            raise TooManyRequests(
                f"That makes {count} ads; {self.per_hour} an hour are possible.",
                retry_after=3600,
                hint="Ask for fewer.",
            )
        try:
            async with asyncio.timeout(_PATIENCE_S):
                if await self._limiter.hit(self._item, user_id, cost=count):
                    return
                stats = await self._limiter.get_window_stats(self._item, user_id)
        except (LimitStorageError, TimeoutError, OSError) as error:
            logger.error("limit storage failed", exc_info=error)  # noqa: TRY400
            raise StorageError(
                "New ads can't be started right now: the request counter is out of reach.",
                hint="Try again in a minute; everything else works.",
            ) from error
        wait = max(1, math.ceil(stats.reset_time - time.time()))
        raise TooManyRequests(
            f"You may start {self.per_hour} ads an hour.",
            retry_after=wait,
            hint=f"Try again in {math.ceil(wait / 60)} min.",
        )

    async def close(self) -> None:
        """Close the connections to the counter."""
        if isinstance(self._storage, RedisStorage):
            bridge: Any = self._storage.bridge
            connection = bridge.get_connection()
            await connection.aclose()

    async def reachable(self) -> bool:
        """True when counting works; takes a second at most."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return bool(await self._storage.check())
        except (LimitStorageError, TimeoutError, OSError):
            return False


def _storage(redis_url: str | None) -> Storage:
    if redis_url is None:
        return MemoryStorage()
    scheme, _, rest = redis_url.partition("://")
    uri = f"async+{'redis+unix' if scheme == 'unix' else scheme}://{rest}"
    return RedisStorage(uri, wrap_exceptions=True, implementation="redispy", key_prefix="admint")
