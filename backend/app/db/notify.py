"""Postgres NOTIFY as a channel of texts: one connection that sends, one that listens, each opened anew when lost.

Both go straight to the server: behind a pooler in transaction mode LISTEN hears nothing. Called by
app/events/postgres.py. Tests: tests/test_contracts/test_events.py
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import psycopg
from psycopg import sql

from app.core.errors import StorageError
from app.db.session import parse_url

_TIMEOUT_S = 10
_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "prepare_threshold": None,
    "connect_timeout": _TIMEOUT_S,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
_SEND = "SELECT pg_notify(%s, message) FROM unnest(%s::text[]) AS message"


class NotifyChannel:
    """One NOTIFY channel of one database. Used by one event loop."""

    def __init__(self, url: str, channel: str) -> None:
        parsed = parse_url(url)
        self._where, self._options = parsed.get_dialect()().create_connect_args(parsed)
        self._channel = channel
        self._sender: psycopg.AsyncConnection[Any] | None = None

    async def send(self, messages: Sequence[str]) -> None:
        """Send texts in order, each under 8,000 bytes. Not for two tasks at once.

        Raises:
            StorageError: The server can't be reached; some may have been sent.
        """
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                if self._sender is None:
                    self._sender = await self._connect()
                await self._sender.execute(_SEND, [self._channel, list(messages)])
        except (psycopg.Error, OSError, TimeoutError) as error:
            await self.aclose()
            raise _lost(error) from error

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[str]]:
        """Listen inside the block, on a connection of its own; yields an iterator over what is sent meanwhile.

        Raises:
            StorageError: The server can't be reached, or is lost while iterating.
        """
        try:
            connection = await self._connect()
            try:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                async with aclosing(connection.notifies()) as notes:
                    yield (note.payload async for note in notes)
            finally:
                await connection.close()
        except (psycopg.Error, OSError) as error:
            raise _lost(error) from error

    async def aclose(self) -> None:
        """Close the sending connection; the next `send` opens another."""
        sender, self._sender = self._sender, None
        if sender is not None:
            await sender.close()

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(*self._where, **{**_CONNECT, **self._options})


def _lost(error: Exception) -> StorageError:
    return StorageError(f"Postgres does not answer: {error or type(error).__name__}".strip())
