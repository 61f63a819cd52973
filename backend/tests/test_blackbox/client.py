"""A client that knows AdMint only by its wire: httpx for HTTP, websockets for the conversation. Imports nothing of it.

It keeps every durable event by number and fails at the first gap or double, also across reconnects.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import websockets

Event = dict[str, Any]
PROMPT = "Create an ad for eco-friendly water bottle"
SMALL = {"duration_s": 5, "scene_count": 5, "fps": 10, "frame_scale": 0.25}

_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and httpx's own costs as much as twenty requests


class Broken(AssertionError):
    """The server broke a promise of the wire."""


class Client:
    """One person with one session. `origin` may change between calls: any API process serves any session."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.events: list[Event] = []
        self.transient: list[Event] = []
        self.session_id = ""
        self.generation_id = ""
        self._cookie = ""
        self._arrived = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._socket: websockets.ClientConnection | None = None

    # -- http ---------------------------------------------------------------------------------------------------------

    async def sign_in(self) -> None:
        """Take this machine's own sign-in; the cookie works at every API process of the installation."""
        async with httpx.AsyncClient(base_url=self.origin, verify=_TLS) as http:
            answer = await http.post("/api/auth/local-session", headers={"Origin": self.origin})
        assert answer.status_code == 200, answer.text
        self._cookie = answer.headers["set-cookie"].partition(";")[0]

    async def call(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        """Call the API; return `data`. Fails on any other status."""
        headers = {"Cookie": self._cookie, "Origin": self.origin}
        async with httpx.AsyncClient(base_url=self.origin, timeout=20, verify=_TLS) as http:
            answer = await http.request(method, path, json=body, headers=headers, follow_redirects=True)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        return answer.json().get("data") if "json" in answer.headers["content-type"] else answer.content

    async def submit(self, **config: Any) -> None:
        """Ask for an ad, with approvals."""
        body = {"prompt": PROMPT, "interactive": True, "config": {"overrides": {**SMALL, **config}}}
        started = await self.call("POST", "/api/v2/generate", body, expect=202)
        self.session_id, self.generation_id = started["session_id"], started["generation_id"]
        assert started["websocket_url"].endswith(f"/ws/{self.session_id}")

    async def view(self) -> dict[str, Any]:
        """Return the ad as it stands."""
        seen: dict[str, Any] = await self.call("GET", f"/api/generations/{self.generation_id}")
        return seen

    # -- socket -------------------------------------------------------------------------------------------------------

    @property
    def last_seq(self) -> int:
        """The newest durable number this client has."""
        return self.events[-1]["seq"] if self.events else 0

    async def connect(self) -> None:
        """Follow the session from where this client is."""
        await self.disconnect()
        address = self.origin.replace("http", "ws", 1) + f"/ws/{self.session_id}?since={self.last_seq}"
        headers = {"Cookie": self._cookie}
        self._socket = await websockets.connect(address, additional_headers=headers, origin=self.origin)  # type: ignore[arg-type]
        self._reader = asyncio.create_task(self._read(self._socket))

    async def reconnect(self, patience: float = 30) -> None:
        """Connect again, as often as it takes."""
        async with asyncio.timeout(patience):
            while True:
                with contextlib.suppress(OSError, websockets.WebSocketException):
                    await self.connect()
                    return
                await asyncio.sleep(0.1)

    async def disconnect(self) -> None:
        """Leave; the session stays."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        self._socket = self._reader = None

    async def _read(self, socket: websockets.ClientConnection) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in socket:
                self._take(json.loads(text))

    def _take(self, event: Event) -> None:
        if event["seq"] is None:
            self.transient.append(event)
        else:
            if event["seq"] != self.last_seq + 1:
                raise Broken(f"number {event['seq']} after {self.last_seq}: {event['type']}")
            self.events.append(event)
        self._arrived.set()

    async def send(self, message: Event) -> str:
        """Send a raw message; return its id."""
        assert self._socket is not None
        await self._socket.send(json.dumps(message))
        return str(message.get("id", ""))

    async def say(self, stage: str, text: str = "", **more: Any) -> str:
        """Say something at a gate, in the spec's own shape."""
        payload = {"message": text, "stage": stage, **more}
        return await self.send({"type": "user_feedback", "id": str(uuid.uuid4()), "payload": payload})

    async def until(self, kind: str, count: int = 1, *, where: Callable[[Event], bool] = lambda _e: True) -> Event:
        """Wait for the `count`-th durable event of a kind."""
        async with asyncio.timeout(90):
            while True:
                self._check_reader()
                found = [e for e in self.events if e["type"] == kind and where(e)]
                if len(found) >= count:
                    return found[count - 1]
                self._arrived.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._arrived.wait(), 0.5)

    async def until_waiting(self, stage: str) -> dict[str, Any]:
        """Wait until the ad asks for a word at that stage; return it as it stands."""
        async with asyncio.timeout(90):
            while True:
                self._check_reader()
                seen = await self.view()
                if seen["gate"] is not None and seen["gate"]["stage"] == stage:
                    return seen
                assert seen["status"] != "failed", seen["error_message"]
                await asyncio.sleep(0.1)

    def _check_reader(self) -> None:
        if self._reader is not None and self._reader.done() and not self._reader.cancelled():
            error = self._reader.exception()
            if error is not None:
                raise error

    def kinds(self) -> list[str]:
        """Return the types of all durable events, in order."""
        return [event["type"] for event in self.events]
