"""The event bus: wakes listeners. Durable events live in the database; the bus carries hints and transient values.

Adapters: app/events/*.py. Suite: tests/test_contracts/test_events.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from app.schemas.events import ServerEvent


class EventBus(Protocol):
    """In-process, Postgres NOTIFY or Redis behind one interface."""

    async def publish(self, session_id: str, event: ServerEvent) -> None:
        """Tell listeners of a session. Never blocks on a slow listener, never raises for one."""

    def listen(self, session_id: str) -> AsyncIterator[ServerEvent]:
        """Iterate over what is published from now on, until the consumer stops."""
