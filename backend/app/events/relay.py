"""The event bus of several processes: listeners of this one are served at once, the others through a server.

Publishing only fills a bounded queue; one task sends it, one hears the other processes. When the server is lost both
try again by themselves, later and later, and listeners are told that messages may have been lost. Base of
postgres.py and redis.py. Tests: tests/test_contracts/test_events.py
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Protocol

from pydantic import ValidationError

from app.core.errors import StorageError
from app.events.memory import MemoryEventBus, QueueListener
from app.kit.ids import new_id
from app.ports.events import Heard, Hint
from app.schemas.events import SERVER_EVENT, ServerEvent

logger = logging.getLogger(__name__)
MAX_BYTES = 7000
"""A message of this size or more goes without its event: Postgres takes less than 8,000 bytes."""

_WAITING = 1024
_BATCH = 100
_TRIES = 5
_FLUSH_S = 1.0
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.1, 5.0


class Channel(Protocol):
    """Carries texts between processes."""

    async def send(self, messages: Sequence[str]) -> None:
        """Send in order. Raises StorageError; the next call tries a new connection."""

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Hear inside the block what any process sends. Raises StorageError when the server is lost."""

    async def aclose(self) -> None:
        """Close the connections."""


class RelayBus:
    """EventBus port over a channel. Its tasks start with the first `publish` and the first `listen`."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._here = MemoryEventBus()
        self._me = new_id()
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def publish(self, session_id: str, event: ServerEvent) -> None:
        """See ports.events.EventBus."""
        self._here.deliver(session_id, event)
        message = encode(self._me, session_id, event)
        if message is None:
            logger.debug("transient event is too large for the bus", extra={"event_type": event.type})
            return
        if self._outgoing.full():
            self._outgoing.get_nowait()
            self._outgoing.task_done()
        self._outgoing.put_nowait(message)
        self._keep_running("send", self._send_all)

    def listen(self, session_id: str) -> QueueListener:
        """See ports.events.EventBus. Once other processes can be heard, a `Hint` with `seq` 0 says so."""
        listener = self._here.listen(session_id)
        self._keep_running("hear", self._hear_all)
        return listener

    async def aclose(self) -> None:
        """See ports.events.EventBus."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._outgoing.join(), _FLUSH_S)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._channel.aclose()
        await self._here.aclose()

    def _keep_running(self, name: str, work: _Work) -> None:
        if name not in self._tasks or self._tasks[name].done():
            self._tasks[name] = asyncio.create_task(work(), name=f"event bus: {name}")
            self._tasks[name].add_done_callback(_say_if_crashed)

    async def _send_all(self) -> None:
        outage = _Outage("events can't be sent to other processes")
        while True:
            batch = [await self._outgoing.get()]
            while len(batch) < _BATCH and not self._outgoing.empty():
                batch.append(self._outgoing.get_nowait())
            for _ in range(_TRIES):
                if await self._sent(batch, outage):
                    break
                await outage.wait()
            for _ in batch:
                self._outgoing.task_done()

    async def _sent(self, batch: list[str], outage: _Outage) -> bool:
        try:
            await self._channel.send(batch)
        except StorageError as error:
            outage.failed(error)
            return False
        outage.over()
        return True

    async def _hear_all(self) -> None:
        outage = _Outage("other processes can't be heard")
        while True:
            try:
                async with self._channel.subscribe() as messages:
                    outage.over()
                    self._here.hint_all()
                    async for message in messages:
                        self._take(message)
            except StorageError as error:
                outage.failed(error)
            await outage.wait()

    def _take(self, message: str) -> None:
        try:
            found = json.loads(message)
            sender, session_id, seq, event = (found[name] for name in ("from", "session", "seq", "event"))
        except (ValueError, KeyError, TypeError):
            logger.warning("the event bus carried a foreign message")
            return
        if sender != self._me and self._here.listens(session_id):
            heard = _heard(session_id, seq, event)
            if heard is not None:
                self._here.deliver(session_id, heard)


def encode(sender: str, session_id: str, event: ServerEvent) -> str | None:
    """Return the message for other processes: without the event when that is too large, null when nothing is left."""
    head = {"from": sender, "session": session_id, "seq": event.seq}
    whole = json.dumps({**head, "event": event.model_dump(mode="json")}, ensure_ascii=False)
    if len(whole.encode()) < MAX_BYTES:
        return whole
    return None if event.seq is None else json.dumps({**head, "event": None})


def _heard(session_id: str, seq: int | None, event: dict[str, Any] | None) -> Heard | None:
    """Return the event; a hint when it did not travel, or is one this version does not know."""
    if event is not None:
        try:
            found: ServerEvent = SERVER_EVENT.validate_python(event)
        except ValidationError:
            logger.debug("the event bus carried an event of another version")
        else:
            return found
    return None if seq is None else Hint(session_id, seq)


class _Outage:
    """Waits longer after each failure in a row, and says the first one and the end."""

    def __init__(self, meaning: str) -> None:
        self._meaning = meaning
        self._failures = 0

    def failed(self, error: StorageError) -> None:
        """Note a failure."""
        if self._failures == 0:
            logger.warning(self._meaning, extra={"reason": error.message})
        self._failures += 1

    def over(self) -> None:
        """Note that it works."""
        if self._failures:
            logger.info("the event bus works again", extra={"failures": self._failures})
        self._failures = 0

    async def wait(self) -> None:
        """Sleep until the next try."""
        await asyncio.sleep(min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2 ** max(0, self._failures - 1)))


class _Work(Protocol):
    def __call__(self) -> Coroutine[Any, Any, None]: ...


def _say_if_crashed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("the event bus lost a task", exc_info=task.exception())
