"""How AdMint is served over HTTP: uvicorn's settings, its socket, and stopping it in time.

Called by commands/serve.py and by tests. Tests: tests/test_cli/test_serve.py
"""

from __future__ import annotations

import errno
import socket

import uvicorn
from fastapi import FastAPI

from app.core.errors import ConfigError, Conflict

GRACE_S = 10
MAX_MESSAGE_BYTES = 256 * 1024


def uvicorn_config(app: FastAPI) -> uvicorn.Config:
    """Return the settings the measurements chose; logs are left to our own handler."""
    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        loop="uvloop",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )


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
