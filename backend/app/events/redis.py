"""The event bus over Redis or Valkey pub/sub.

Processes hear each other when their REDIS_URL names the same server and database number.
Built by app/events/bus.py. Tests: tests/test_contracts/test_events.py
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core.errors import ConfigError, StorageError
from app.events.relay import RelayBus

_LOOK_S = 15.0


class RedisChannel:
    """One pub/sub channel, named after the database's number. Used by one event loop."""

    def __init__(self, url: str) -> None:
        try:
            # Pings a quiet connection, so that a server that vanished without a word is missed.
            self._redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), health_check_interval=_LOOK_S)
        except ValueError as error:
            raise ConfigError(
                f"REDIS_URL is not an address of Redis: {error}.", hint="Use redis://<host>:6379/0, or leave it empty."
            ) from error
        self._channel = f"admint:{self._redis.connection_pool.connection_kwargs.get('db') or 0}:events"

    async def send(self, messages: Sequence[str]) -> None:
        """Send texts in order. Raises StorageError."""
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for message in messages:
                    pipeline.publish(self._channel, message)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            raise _lost(error) from error

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[str]]:
        """Listen inside the block, on a connection of its own. Raises StorageError."""
        try:
            async with self._redis.pubsub() as listening:
                await listening.subscribe(self._channel)
                await listening.get_message(timeout=_LOOK_S)
                yield _messages(listening)
        except (RedisError, OSError) as error:
            raise _lost(error) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


class RedisEventBus(RelayBus):
    """EventBus port for all processes on one Redis database."""

    def __init__(self, redis_url: str) -> None:
        super().__init__(RedisChannel(redis_url))


async def _messages(listening: PubSub) -> AsyncIterator[str]:
    while True:
        found = await listening.get_message(ignore_subscribe_messages=True, timeout=_LOOK_S)
        if found is not None:
            yield found["data"].decode()


def _lost(error: Exception) -> StorageError:
    return StorageError(f"Redis does not answer: {error or type(error).__name__}".strip())
