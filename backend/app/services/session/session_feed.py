"""One session's events in one process, for all its clients: every durable event once, in order, without a gap.

The bus only brings hints: what it lost, or brought too early, is read from the log. Made by websocket_manager.py.
Tests: tests/test_services/test_websocket_manager.py
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import AdMintError
from app.db.models import SessionEvent
from app.db.repositories import events as event_log
from app.ports.clock import Clock
from app.ports.events import EventBus, Heard, Hint
from app.ports.events import Listener as HeardEvents
from app.schemas.events import HeartbeatEvent, ServerEvent
from app.services.session.client_queue import Frame
from app.services.session.transient_pacer import SPACING_S, TransientPacer, key_of

logger = logging.getLogger(__name__)
Sign = Callable[[ServerEvent], Awaitable[ServerEvent]]
_PAGE = 200


class Listener(Protocol):
    """A client that follows live."""

    def offer(self, frame: Frame) -> None:
        """Take a frame without waiting; a durable one it has already had is passed over."""


@dataclass(frozen=True)
class FeedTimes:
    """Seconds: between looks for lost hints, between heartbeats, between transient events of one kind."""

    poll_s: float = 2.0
    heartbeat_s: float = 30.0
    spacing_s: float = SPACING_S


@dataclass(frozen=True)
class FeedSources:
    """Where events come from, and what turns a stored one into one for clients."""

    reads: async_sessionmaker[AsyncSession]
    bus: EventBus
    sign: Sign
    clock: Clock
    times: FeedTimes = field(default_factory=FeedTimes)


@dataclass(frozen=True)
class Page:
    """Events in order; all of the log up to `end` is in them or no longer there (its generation was deleted)."""

    events: list[ServerEvent]
    end: int
    more: bool


class SessionFeed:
    """Follows a session from its newest event on. `position` is the number of the last event given to clients."""

    def __init__(self, session_id: str, sources: FeedSources) -> None:
        self.session_id = session_id
        self.users = 0
        self.position = 0
        self.clock = sources.clock
        self._sources = sources
        self._listeners: set[Listener] = set()
        self._pacer = TransientPacer(sources.times.spacing_s)
        self._lock = asyncio.Lock()
        self._held = asyncio.Event()
        self._hearing: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self, on_crash: Callable[[SessionFeed], None]) -> None:
        """Start to follow; further calls wait until it does. `on_crash` is told if following ever ends by itself."""
        async with self._lock:
            if self._keeping is not None:
                return
            hearing = self._listen()
            try:
                async with self._sources.reads() as session:
                    self.position = await event_log.last_seq(session, self.session_id)
            except BaseException:
                await _cancelled(hearing)
                raise
            self._hearing = hearing
            self._keeping = asyncio.create_task(self._keep_time())
            self._keeping.add_done_callback(lambda task: self._ended(task, on_crash))

    async def stop(self) -> None:
        """End all tasks."""
        for task in (self._keeping, self._hearing):
            if task is not None:
                await _cancelled(task)

    def join(self, listener: Listener) -> None:
        """Give `listener` every event after `position` from now on."""
        self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        """Stop giving it events."""
        self._listeners.discard(listener)

    async def read(self, after: int) -> tuple[list[Frame], int]:
        """Return a page of the log after `after` as frames, and the number it reaches to."""
        page = await self._page(after)
        return [await self._frame(event) for event in page.events], page.end

    async def catch_up(self) -> None:
        """Give clients everything that is in the log and was not given yet."""
        async with self._lock:
            await self._catch_up()

    def _listen(self) -> asyncio.Task[None]:
        return asyncio.create_task(self._hear(self._sources.bus.listen(self.session_id)))

    async def _hear(self, heard: HeardEvents) -> None:
        try:
            async for each in heard:
                async with self._lock:
                    await self._take(each)
        finally:
            await heard.aclose()

    async def _take(self, event: Heard) -> None:
        if isinstance(event, Hint):
            if event.seq == 0 or event.seq > self.position:
                await self._catch_up()
        elif event.seq is None:
            if self._pacer.take(event, _now()):
                await self._broadcast(event)
            self._held.set()
        elif event.seq == self.position + 1:
            await self._broadcast_durable(event)
        elif event.seq > self.position:
            await self._catch_up()

    async def _catch_up(self) -> None:
        while True:
            page = await self._page(self.position)
            for event in page.events:
                await self._broadcast_durable(event)
            self.position = max(self.position, page.end)
            if not page.more:
                return

    async def _page(self, after: int) -> Page:
        async with self._sources.reads() as session:
            newest = await event_log.last_seq(session, self.session_id)
            rows = await event_log.since(session, self.session_id, after, _PAGE) if newest > after else []
        last, more = (rows[-1].seq if rows else after), len(rows) == _PAGE
        events = [event for row in rows if (event := _readable(row)) is not None]
        return Page(events, end=last if more else max(last, newest), more=more)

    async def _broadcast_durable(self, event: ServerEvent) -> None:
        for held in self._pacer.before(event, _now()):
            await self._broadcast(held)
        await self._broadcast(event)

    async def _broadcast(self, event: ServerEvent) -> None:
        frame = await self._frame(event)
        if frame.seq is not None:
            self.position = frame.seq
        for listener in tuple(self._listeners):
            listener.offer(frame)
        # A burst must not outrun clients that are quick: each gets its turn to write.
        await asyncio.sleep(0)

    async def _frame(self, event: ServerEvent) -> Frame:
        signed = await self._sources.sign(event)
        return Frame(signed.model_dump_json(), event.seq, () if event.seq is not None else key_of(event))

    async def _keep_time(self) -> None:
        times = self._sources.times
        poll_at, beat_at = _now() + times.poll_s, _now() + times.heartbeat_s
        while True:
            await self._nap(min(poll_at, beat_at, self._pacer.next_due()))
            now = _now()
            try:
                async with self._lock:
                    for event in self._pacer.due(now):
                        await self._broadcast(event)
                    if now >= beat_at:
                        beat_at = now + times.heartbeat_s
                        await self._broadcast(HeartbeatEvent(timestamp=self.clock.now()))
                    if now >= poll_at:
                        poll_at = now + times.poll_s
                        self._hear_again()
                        await self._catch_up()
            except (AdMintError, SQLAlchemyError, OSError):
                logger.warning("events of a session can't be read now", exc_info=True)

    async def _nap(self, until: float) -> None:
        """Sleep, or shorter when an event starts to wait for its turn."""
        self._held.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, until - _now())):
                await self._held.wait()

    def _ended(self, task: asyncio.Task[None], on_crash: Callable[[SessionFeed], None]) -> None:
        if not task.cancelled():
            logger.error("a session's feed ended", exc_info=task.exception(), extra={"session_id": self.session_id})
            on_crash(self)

    def _hear_again(self) -> None:
        """Start listening anew if the bus gave up on us; meanwhile the log has everything."""
        if self._hearing is None or not self._hearing.done():
            return
        if not self._hearing.cancelled() and (error := self._hearing.exception()) is not None:
            logger.warning("the event bus stopped telling; listening anew", exc_info=error)
        self._hearing = self._listen()


def _readable(row: SessionEvent) -> ServerEvent | None:
    """Return a stored event; null for one of another version, whose absence the client sees in the numbers."""
    try:
        return event_log.to_wire(row)
    except ValidationError:
        logger.exception("a stored event is unreadable", extra={"seq": row.seq, "event_type": row.type})
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _cancelled(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end; how it ended no longer matters."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
