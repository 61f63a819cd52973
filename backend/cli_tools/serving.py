"""How AdMint is served over HTTP: uvicorn's settings, its socket, the note that tells programs where it is.

Called by commands/serve.py and by tests. Tests: tests/test_cli/test_remote.py
"""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from app.core.errors import ConfigError, Conflict
from app.kit.ids import new_id

GRACE_S = 10
"""Seconds that requests under way get to finish."""
MAX_MESSAGE_BYTES = 256 * 1024
Hook = Callable[[], Awaitable[None]]


class Server(uvicorn.Server):
    """uvicorn without its signal handlers; `on_started` and `on_stopping` are awaited at those moments.

    Its settings are those the measurements chose; logs are left to our own handler.
    """

    def __init__(self, app: Any, *, on_started: Hook | None = None, on_stopping: Hook | None = None) -> None:
        config = uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        super().__init__(config)
        self._on_started = on_started
        self._on_stopping = on_stopping

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the caller: uvicorn's own handlers end the process before it could tidy up."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn.Server."""
        await super().startup(sockets)
        if self._on_started is not None:
            await self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn.Server."""
        if self._on_stopping is not None:
            await self._on_stopping()
        await super().shutdown(sockets)

    def stop(self) -> None:
        """End gracefully; a second call does not wait for anybody."""
        self.force_exit = self.should_exit
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        Conflict: The port is taken.
        ConfigError: There is no such address here.
    """
    address = host.strip("[]")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise Conflict(
                f"Port {port} on {host} is taken or not allowed.", hint="Choose another one with --port, or 0 for any."
            ) from error
        raise ConfigError(f"Can't listen on {host}: {error.strerror}.", hint="Use --host 127.0.0.1.") from error


def leave_note(path: Path, url: str, token: str) -> None:
    """Write where this server is and the token to show, readable by this user alone."""
    fresh = path.with_name(f".{path.name}.{new_id()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump({"pid": os.getpid(), "url": url, "token": token}, stream)
    fresh.replace(path)


def take_note_away(path: Path) -> None:
    """Remove the note if it is this process's own."""
    try:
        if json.loads(path.read_text(encoding="utf-8")).get("pid") == os.getpid():
            path.unlink()
    except (OSError, ValueError, AttributeError):
        return
