"""One suite over every cache: what is kept, what is forgotten, and a server that is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import redis

from app.core.errors import ConfigError
from app.core.settings import Settings
from app.ports.cache import Cache
from app.storage.cache import build_cache
from app.storage.cache_memory import MemoryCache
from app.storage.cache_redis import RedisCache
from tests.fixtures.valkey import Valkey

HOUR = timedelta(hours=1)


class Watch:
    """A clock to set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    found: Cache = MemoryCache() if request.param == "memory" else RedisCache(request.getfixturevalue("valkey_url"))
    yield found
    await found.aclose()


async def test_what_is_set_is_read_replaced_and_deleted(cache: Cache) -> None:
    assert await cache.get("a") is None
    await cache.set("a", b"\x00one\xff", HOUR)
    await cache.set("b", b"", HOUR)
    assert [await cache.get("a"), await cache.get("b")] == [b"\x00one\xff", b""]
    await cache.set("a", b"two", HOUR)
    assert await cache.get("a") == b"two"
    for _ in range(2):
        await cache.delete("a")
    assert [await cache.get("a"), await cache.get("b")] == [None, b""]


async def test_it_is_forgotten_after_its_time(cache: Cache) -> None:
    await cache.set("short", b"x", timedelta(milliseconds=20))
    await cache.set("long", b"y", HOUR)
    await asyncio.sleep(0.05)
    assert [await cache.get("short"), await cache.get("long")] == [None, b"y"]


async def test_setting_again_starts_the_time_anew() -> None:
    watch = Watch()
    cache = MemoryCache(now=watch)
    await cache.set("a", b"x", HOUR)
    watch.seconds = 3000
    await cache.set("a", b"x", HOUR)
    watch.seconds = 6599
    assert await cache.get("a") == b"x"
    watch.seconds = 6600
    assert await cache.get("a") is None


async def test_redis_keeps_the_time_itself(valkey_url: str) -> None:
    cache = RedisCache(valkey_url)
    await cache.set("a", b"x", timedelta(hours=24))
    with redis.Redis.from_url(valkey_url) as client:
        keys = client.keys()
        left = client.pttl(keys[0])
    await cache.aclose()
    assert keys == [b"admint:cache:a"]
    assert 86_300_000 < left <= 86_400_000


async def test_memory_is_bounded_and_lets_go_of_what_was_not_used_longest() -> None:
    cache = MemoryCache(max_bytes=39)
    for key in "abc":
        await cache.set(key, b"123456789", HOUR)
    await cache.get("a")
    await cache.set("d", b"1234567890123456789", HOUR)
    assert [await cache.get(key) is not None for key in "abcd"] == [True, False, False, True]
    await cache.set("a", b"x" * 40, HOUR)
    assert [await cache.get(key) is not None for key in "ad"] == [False, True]


async def test_a_cache_that_is_gone_is_a_miss_and_one_line_a_minute(
    mortal_valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch()
    cache = RedisCache(mortal_valkey.url, now=watch)
    await cache.set("a", b"x", HOUR)
    mortal_valkey.kill()
    with caplog.at_level(logging.WARNING):
        for second in range(0, 90, 5):
            watch.seconds = second
            assert await cache.get("a") is None
            await cache.set("a", b"y", HOUR)
            await cache.delete("b")
    said = [record.message for record in caplog.records]
    assert said == ["the cache does not answer; the database does its work"] * 2
    mortal_valkey.start()
    assert await cache.get("a") is None
    watch.seconds += 2
    await cache.set("a", b"z", HOUR)
    assert await cache.get("a") == b"z"
    await cache.aclose()


async def test_an_idle_connection_that_the_server_closed_is_no_miss(valkey_url: str) -> None:
    cache = RedisCache(valkey_url)
    await cache.set("a", b"x", HOUR)
    with redis.Redis.from_url(valkey_url) as client:
        client.client_kill_filter(_type="normal", skipme=True)
    assert await cache.get("a") == b"x"
    await cache.aclose()


async def test_a_server_that_never_answers_is_a_miss() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    cache = RedisCache(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    assert await cache.get("a") is None
    await cache.aclose()
    server.close()


async def test_the_setting_names_the_cache() -> None:
    assert isinstance(build_cache(Settings(_env_file=None)), MemoryCache)
    assert isinstance(build_cache(Settings(_env_file=None, redis_url="redis://localhost/0")), RedisCache)
    with pytest.raises(ConfigError, match="REDIS_URL"):
        build_cache(Settings(_env_file=None, redis_url="nothing"))
