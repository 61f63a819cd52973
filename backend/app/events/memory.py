"""The in-process event bus: one bounded queue a listener; a slow listener loses the oldest, never blocks others.

Built by app/events/bus.py; the other buses deliver through it. Tests: tests/test_contracts/test_events.py
"""

from __future__ import annotations

import asyncio
import weakref
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Self

from app.ports.events import Heard, Hint
from app.schemas.events import ServerEvent

_CAPACITY = 1024
_Queue = asyncio.Queue[Heard | None]


class QueueListener:
    """See ports.events.Listener. Null in the queue is the end; a listener that is dropped leaves by itself."""

    def __init__(self, queue: _Queue, leave: Callable[[_Queue], None]) -> None:
        self._queue = queue
        self._leave = weakref.finalize(self, leave, queue)
        self._leave.atexit = False

    def __aiter__(self) -> Self:
        """See ports.events.Listener."""
        return self

    async def __anext__(self) -> Heard:
        """See ports.events.Listener."""
        heard = await self._queue.get()
        if heard is None:
            _put(self._queue, None)
            raise StopAsyncIteration
        return heard

    async def aclose(self) -> None:
        """See ports.events.Listener."""
        self._leave()
        _put(self._queue, None)


class MemoryEventBus:
    """EventBus port for one process."""

    def __init__(self) -> None:
        self._queues: dict[str, set[_Queue]] = defaultdict(set)

    async def publish(self, session_id: str, event: ServerEvent) -> None:
        """See ports.events.EventBus."""
        self.deliver(session_id, event)

    def listen(self, session_id: str) -> QueueListener:
        """See ports.events.EventBus."""
        queue: _Queue = asyncio.Queue(_CAPACITY)
        self._queues[session_id].add(queue)
        return QueueListener(queue, partial(self._leave, session_id))

    def listens(self, session_id: str) -> bool:
        """True when somebody in this process listens to the session."""
        return session_id in self._queues

    def deliver(self, session_id: str, heard: Heard) -> None:
        """Put it into the queue of each listener of the session."""
        for queue in self._queues.get(session_id, set()).copy():
            _put(queue, heard)

    def hint_all(self) -> None:
        """Tell every listener that messages may have been lost."""
        for session_id in list(self._queues):
            self.deliver(session_id, Hint(session_id))

    async def aclose(self) -> None:
        """See ports.events.EventBus."""
        for queue in [queue for queues in self._queues.values() for queue in queues]:
            _put(queue, None)

    def _leave(self, session_id: str, queue: _Queue) -> None:
        queues = self._queues.get(session_id, set())
        queues.discard(queue)
        if not queues:
            self._queues.pop(session_id, None)


def _put(queue: _Queue, heard: Heard | None) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(heard)
