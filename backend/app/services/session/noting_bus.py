"""An event bus that notes which sessions change, so that their cached copies are made anew. Wraps the real one.

Built by app/container.py. Tests: tests/test_services/test_session_storage.py
"""

from __future__ import annotations

from app.ports.events import EventBus, Listener
from app.schemas.events import ServerEvent
from app.services.session.session_storage import SessionStorage


class NotingBus:
    """EventBus port over another; durable events mark their session as changed."""

    def __init__(self, bus: EventBus, storage: SessionStorage) -> None:
        self._bus = bus
        self._storage = storage

    async def publish(self, session_id: str, event: ServerEvent) -> None:
        """See ports.events.EventBus."""
        await self._bus.publish(session_id, event)
        if event.seq is not None:
            self._storage.changed(session_id)

    def listen(self, session_id: str) -> Listener:
        """See ports.events.EventBus."""
        return self._bus.listen(session_id)

    async def aclose(self) -> None:
        """See ports.events.EventBus."""
        await self._bus.aclose()
