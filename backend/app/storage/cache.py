"""Settings to cache. Called by app/container.py. Tests: tests/test_contracts/test_cache.py"""

from __future__ import annotations

from app.core.settings import Settings
from app.ports.cache import Cache
from app.storage.cache_memory import MemoryCache


def build_cache(settings: Settings) -> Cache:
    """Return the cache at REDIS_URL, or this process's own; it connects when it is first used.

    Raises:
        ConfigError: REDIS_URL is not an address.
    """
    if not settings.redis_url:
        return MemoryCache()
    # Imported here: who has no Redis does not load its client.
    from app.storage.cache_redis import RedisCache

    return RedisCache(settings.redis_url)
