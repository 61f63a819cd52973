"""A session's state for clients that come back (spec "Session Storage"): the database is the truth, the cache a copy.

A copy is served only if the database's stamp is still the one it was made under. Copies hold storage keys; addresses
are signed when one is read, since they expire. Called by routes, and by the pipeline after each stored event.
Tests: tests/test_services/test_session_storage.py
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.db.repositories import sessions as session_rows
from app.db.repositories.sessions import Stamp
from app.ports.cache import Cache
from app.schemas.api import SessionSnapshot

logger = logging.getLogger(__name__)
Build = Callable[[AsyncSession, str, str], Awaitable[SessionSnapshot]]
Sign = Callable[[SessionSnapshot], Awaitable[SessionSnapshot]]
KEPT = timedelta(hours=24)


class SessionStorage:
    """Loads snapshots, and keeps their copies warm in the background.

    Args:
        reads: Sessions that only read.
        cache: Where copies are kept for 24 hours.
        build: Makes a snapshot with storage keys from the database: session, session id, user id.
        sign: Turns a snapshot's storage keys into addresses.
        pause_s: Seconds to wait after a change, so that a burst costs one copy.
    """

    def __init__(
        self, reads: async_sessionmaker[AsyncSession], cache: Cache, build: Build, sign: Sign, *, pause_s: float = 0.25
    ) -> None:
        self._reads = reads
        self._cache = cache
        self._build = build
        self._sign = sign
        self._pause_s = pause_s
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self._changed: set[str] = set()
        self._closing = asyncio.Event()

    async def load(self, session_id: str, user_id: str) -> SessionSnapshot:
        """Return a user's session as it is now, with signed addresses.

        Raises:
            NotFound: No such session of this user.
        """
        async with self._reads() as session:
            stamp = await session_rows.stamp(session, session_id, user_id=user_id)
        snapshot = await self._kept(session_id, stamp) or await self._fresh(session_id)
        return await self._sign(snapshot.model_copy(update={"last_seen": stamp.last_seen}))

    def changed(self, session_id: str) -> None:
        """Copy the session anew, in the background and a moment later. Called after a commit; returns at once."""
        self._changed.add(session_id)
        if session_id not in self._refreshing and not self._closing.is_set():
            task = asyncio.create_task(self._refresh(session_id), name="session snapshot")
            self._refreshing[session_id] = task
            task.add_done_callback(lambda done: self._refreshed(session_id, done))

    async def aclose(self) -> None:
        """Make the copies that are due, without their pause, and stop."""
        self._closing.set()
        await asyncio.gather(*self._refreshing.values(), return_exceptions=True)

    async def _refresh(self, session_id: str) -> None:
        while session_id in self._changed:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._pause_s)
            self._changed.discard(session_id)
            await self._fresh(session_id)

    def _refreshed(self, session_id: str, task: asyncio.Task[None]) -> None:
        del self._refreshing[session_id]
        self._changed.discard(session_id)
        if not task.cancelled() and task.exception() is not None:
            # Nobody waits for it, and nothing is lost: the next load reads the database.
            logger.warning(
                "a session's snapshot was not kept", exc_info=task.exception(), extra={"session_id": session_id}
            )

    async def _fresh(self, session_id: str) -> SessionSnapshot:
        """Build from the database and keep a copy. The stamp is read first, so a copy is never older than it says."""
        async with self._reads() as session:
            stamp = await session_rows.stamp(session, session_id)
            built = await self._build(session, session_id, stamp.user_id)
        snapshot = built.model_copy(update={"last_seq": min(built.last_seq, stamp.seq)})
        head = json.dumps(stamp.digest).encode()
        await self._cache.set(_key(session_id), head + b"\n" + snapshot.model_dump_json().encode(), KEPT)
        return snapshot

    async def _kept(self, session_id: str, stamp: Stamp) -> SessionSnapshot | None:
        found = await self._cache.get(_key(session_id))
        if found is None:
            return None
        head, _, body = found.partition(b"\n")
        if head != json.dumps(stamp.digest).encode():
            return None
        try:
            return SessionSnapshot.model_validate_json(body)
        except ValidationError:
            return None


def _key(session_id: str) -> str:
    return f"session:{session_id}"
