"""Executor slots on Postgres: who may work under which name, held as an advisory lock on a connection of its own.

DBOS gives a crashed process's work back to whoever launches under its name, so two processes must never share one.
The server drops the lock the moment its holder dies; the holder notices within seconds when it was the server that
went away. Taken by app/container.py for run, server and worker. Tests: tests/test_integration/test_slots.py
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from app.core.errors import AdMintError, Conflict, StorageError
from app.durable.system_database import normal_url

log = logging.getLogger(__name__)
_CHECK_S = 2.0
_PATIENCE_S = 60.0
_MOST = 1000
_JUST_DIED_S = 1.0


class Slot:
    """One executor's name, held for life."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None
        self.name = name

    def take(self) -> bool:
        """Take the lock; false when another process holds it. Blocks."""
        connection = self._engine.connect()
        if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_key(self.name)))):
            self._connection = connection
            return True
        connection.close()
        return False

    def holds(self) -> bool:
        """True while the connection that carries the lock answers. Blocks."""
        if self._connection is None:
            return False
        try:
            self._connection.scalar(sa.select(1))
        except sa.exc.DBAPIError:
            self._drop()
            return False
        return True

    def release(self) -> None:
        """Give the name back. Blocks."""
        self._drop()
        self._engine.dispose()

    async def guard(self, on_lost: Callable[[AdMintError], None], check_s: float = _CHECK_S) -> None:
        """Look after the lock for ever; call `on_lost` and return when it can't be had back.

        While the database is away nothing can be recorded or started, so it is waited for, 60 s at most.
        """
        while True:
            await asyncio.sleep(check_s)
            if await asyncio.to_thread(self.holds):
                continue
            log.warning("slot connection lost", extra={"slot": self.name})
            error = await self._take_back(check_s)
            if error is not None:
                log.error("slot lost", extra={"slot": self.name, "reason": error.message})
                on_lost(error)
                return
            log.warning("slot taken back", extra={"slot": self.name})

    async def _take_back(self, check_s: float) -> AdMintError | None:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return None if await asyncio.to_thread(self.take) else _taken_meanwhile(self.name)
            except sa.exc.DBAPIError:
                if time.monotonic() > deadline:
                    return StorageError(
                        "The database has been away for a minute; this process stopped working.",
                        hint="Start it again when the database is back: it goes on under the same name.",
                    )
            await asyncio.sleep(min(check_s, 1.0))

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sa.exc.DBAPIError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None


def take_slot(url: str, role: str, wanted: str = "") -> Slot:
    """Take the slot `wanted`, or the first free one of ``<role>-0``, ``<role>-1``, ... Blocks.

    Raises:
        Conflict: `wanted` is another live process's.
        StorageError: The database can't be reached.
    """
    engine = sa.create_engine(normal_url(url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    try:
        slot = _take_wanted(engine, wanted) if wanted else _take_first_free(engine, role)
        if slot is not None:
            return slot
    except sa.exc.OperationalError as error:
        raise StorageError("The database can't be reached.", hint="Start it, or check DATABASE_URL.") from error
    raise Conflict(
        f"ADMINT_EXECUTOR_ID is {wanted!r}, and another live process works under that name."
        if wanted
        else f"All {_MOST} slots of kind {role} are taken.",
        hint="Give each process a name of its own, or unset ADMINT_EXECUTOR_ID to get the first free one.",
    )


def _take_wanted(engine: sa.Engine, name: str) -> Slot | None:
    """Take one slot; a moment's patience covers a holder that has just died."""
    slot, deadline = Slot(engine, name), time.monotonic() + _JUST_DIED_S
    while not slot.take():
        if time.monotonic() > deadline:
            return None
        time.sleep(0.1)
    return slot


def _take_first_free(engine: sa.Engine, role: str) -> Slot | None:
    slots = (Slot(engine, f"{role}-{number}") for number in range(_MOST))
    return next((slot for slot in slots if slot.take()), None)


def dead_slots(engine: sa.Engine, names: Iterable[str]) -> list[str]:
    """Return those of `names` that no live process holds. Blocks."""
    with engine.connect() as connection, connection.begin():
        return [name for name in names if connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_key(name))))]


def _key(name: str) -> int:
    return lock_number(f"executor {name}")


def lock_number(name: str) -> int:
    """Return the number (a signed 64-bit integer) of an advisory lock of ours."""
    return int.from_bytes(hashlib.sha256(f"admint {name}".encode()).digest()[:8], "big", signed=True)


def _taken_meanwhile(name: str) -> Conflict:
    return Conflict(
        f"While the database was away another process took the slot {name}; this one stopped working.",
        hint="Start it again under a name of its own (ADMINT_EXECUTOR_ID), or without one.",
    )
