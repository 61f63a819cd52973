"""The event bus over Postgres LISTEN/NOTIFY: two connections a process, direct to the server.

Built by app/events/bus.py. Tests: tests/test_contracts/test_events.py
"""

from __future__ import annotations

from app.db.notify import NotifyChannel
from app.events.relay import RelayBus

_CHANNEL = "admint_events"


class PostgresEventBus(RelayBus):
    """EventBus port for all processes on one Postgres database."""

    def __init__(self, database_url: str) -> None:
        super().__init__(NotifyChannel(database_url, _CHANNEL))
