"""Places of a limited queue, counted over all processes of a Postgres database, whatever queues they listen to.

DBOS counts a limit queue by queue, and a `run` has queues of its own. So on Postgres whoever works off a queue with an
`overall` limit first takes one of its places: an advisory lock, which the server gives back the moment its holder dies.
SQLite has one executor and one queue, and DBOS's own count is enough. Called by dbos_engine.py.
Tests: tests/test_integration/test_slots.py
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import sqlalchemy as sa

from app.durable.slots import lock_number
from app.durable.system_database import normal_url

log = logging.getLogger(__name__)
Place = tuple[str, int]


class Places:
    """What this process holds, on one connection of its own that is opened at the first need.

    When the database was away, the places of what runs are taken again before another; one that somebody else has by
    then is counted twice until its work has ended.

    Args:
        url: Address of the database.
        poll_s: Seconds between looks for a free place.
    """

    def __init__(self, url: str, poll_s: float) -> None:
        self._engine = sa.create_engine(normal_url(url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        self._poll_s = poll_s
        self._connection: sa.Connection | None = None
        self._held: set[Place] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="admint-places")

    @asynccontextmanager
    async def one(self, queue: str, limit: int) -> AsyncIterator[None]:
        """Hold one of a queue's `limit` places; waits until one is free."""
        place = await self._wait(queue, limit)
        try:
            yield
        finally:
            self._thread.submit(self._give_back, place)

    def close(self) -> None:
        """Give everything back. Blocks."""
        self._thread.shutdown()
        self._disconnect()
        self._engine.dispose()

    async def _wait(self, queue: str, limit: int) -> Place:
        while True:
            asked = asyncio.wrap_future(self._thread.submit(self._take, queue, limit))
            try:
                place = await asyncio.shield(asked)
            except asyncio.CancelledError:
                if (place := await asked) is not None:
                    self._thread.submit(self._give_back, place)
                raise
            if place is not None:
                return place
            await asyncio.sleep(self._poll_s * (0.75 + random.random() / 2))

    def _take(self, queue: str, limit: int) -> Place | None:
        """Try every place; null when none is free, or the database does not answer."""
        try:
            connection = self._connected()
            for number in random.sample(range(limit), limit):
                place = (queue, number)
                if place not in self._held and _lock(connection, place):
                    self._held.add(place)
                    return place
        except sa.exc.DBAPIError as error:
            log.warning("places not counted", extra={"queue": queue, "reason": str(error.orig)})
            self._disconnect()
        return None

    def _give_back(self, place: Place) -> None:
        self._held.discard(place)
        try:
            if self._connection is not None:
                self._connection.scalar(sa.select(sa.func.pg_advisory_unlock(_key(place))))
        except sa.exc.DBAPIError:
            self._disconnect()

    def _connected(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
            for place in self._held:
                _lock(self._connection, place)
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _lock(connection: sa.Connection, place: Place) -> bool:
    return bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_key(place)))))


def _key(place: Place) -> int:
    return lock_number(f"place {place[1]} of {place[0]}")
