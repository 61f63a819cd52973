"""The in-process event bus: one bounded queue a listener; a slow listener loses transient events, never blocks others.

Built by app/container.py. Tests: tests/test_contracts/test_events.py
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

from app.schemas.events import ServerEvent

_CAPACITY = 1024


class MemoryEventBus:
    """EventBus port for one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[ServerEvent]]] = defaultdict(set)

    async def publish(self, session_id: str, event: ServerEvent) -> None:
        """See ports.events.EventBus."""
        for queue in self._listeners.get(session_id, set()).copy():
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

    async def listen(self, session_id: str) -> AsyncIterator[ServerEvent]:
        """See ports.events.EventBus."""
        queue: asyncio.Queue[ServerEvent] = asyncio.Queue(_CAPACITY)
        self._listeners[session_id].add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners[session_id].discard(queue)
            if not self._listeners[session_id]:
                del self._listeners[session_id]
