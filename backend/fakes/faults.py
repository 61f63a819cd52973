"""Answers that break: resets, cut bodies, silence, pages where data should be. Each is a response like any other.

Chosen by fakes/app.py from a script's `Fault`. Tests: tests/test_fakes/test_scenarios.py.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fakes.script import Fault

PAGE = "<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"


class ReachableProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with the connection within reach of whoever must break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Broken(Response):
    """Sends the first `share` of another response's body, then breaks the connection."""

    def __init__(self, whole: Response | None, share: float, *, reset: bool) -> None:
        super().__init__()
        self.status_code = 0
        self._whole = whole
        self._share = share
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._whole is not None and self._share > 0:
            await self._send_part(self._whole, scope, receive, send)
        await _break(scope, receive, reset=self._reset)

    async def _send_part(self, whole: Response, scope: Scope, receive: Receive, send: Send) -> None:
        left = int(size_of(whole) * self._share)

        async def pass_on(message: Message) -> None:
            nonlocal left
            if message["type"] == "http.response.body":
                piece = message.get("body", b"")[:left]
                left -= len(piece)
                message = {**message, "body": piece, "more_body": True}
                if not piece:
                    return
            await send(message)

        await whole(scope, receive, pass_on)


class Silence(Response):
    """Says nothing until the client hangs up."""

    def __init__(self) -> None:
        super().__init__()
        self.status_code = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _hung_up(receive)


def size_of(response: Response) -> int:
    """Return how long a response's body is."""
    return int(response.headers.get("content-length", 0)) or len(response.body)


def break_answer(fault: Fault, whole: Response | None) -> Response:
    """Return what the client gets instead of `whole`, which is null when the request was not carried out."""
    if fault.kind == "html":
        return HTMLResponse(PAGE, fault.status)
    if fault.kind == "hang":
        return Silence()
    if fault.kind in ("reset", "close"):
        return Broken(whole, fault.share, reset=fault.kind == "reset")
    if fault.kind == "truncated":
        body = bytes(whole.body) if whole is not None else b'{"id": "'
        return Response(
            body[: len(body) // 2], 200 if whole is None else whole.status_code, _headers(fault), "application/json"
        )
    return JSONResponse(_body(fault), fault.status, _headers(fault))


def _body(fault: Fault) -> Any:
    return fault.body if fault.body is not None else {"detail": "An unexpected error occurred.", "status": fault.status}


def _headers(fault: Fault) -> dict[str, str]:
    return dict(fault.headers)


async def _break(scope: Scope, receive: Receive, *, reset: bool) -> None:
    transport: asyncio.Transport = scope["state"]["transport"]
    if reset:
        # Lingering for zero seconds makes the kernel send RST instead of FIN.
        plain: socket.socket = transport.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    await _hung_up(receive)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
