"""The event bus: wakes listeners. Durable events live in the database; the bus carries hints and transient values.

Adapters: app/events/*.py. Suite: tests/test_contracts/test_events.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias

from app.schemas.events import ServerEvent


@dataclass(frozen=True)
class Hint:
    """Something happened that the bus does not carry: read the log. `seq` 0: messages may have been lost."""

    session_id: str
    seq: int = 0


Heard: TypeAlias = ServerEvent | Hint


class Listener(Protocol):
    """What one consumer hears, in order; it ends when it or the bus is closed."""

    def __aiter__(self) -> Self:
        """Return itself."""

    async def __anext__(self) -> Heard:
        """Wait for the next one. A consumer that is slow loses the oldest."""

    async def aclose(self) -> None:
        """Stop listening; one that is dropped without it stops too."""


class EventBus(Protocol):
    """In-process, Postgres NOTIFY or Redis behind one interface."""

    async def publish(self, session_id: str, event: ServerEvent) -> None:
        """Tell listeners of a session. Never blocks on a slow listener or a lost server, never raises for one.

        A durable event (with `seq`) that can't travel arrives as a `Hint`; a transient one is lost.
        """

    def listen(self, session_id: str) -> Listener:
        """Hear what is published from this call on. Read the log after it, so that nothing falls between."""

    async def aclose(self) -> None:
        """Send what is waiting if the server answers, then stop; every listener ends."""
