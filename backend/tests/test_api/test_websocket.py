"""The socket over a real connection: who may, what comes, what a client may say, and what never harms the session."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.api.routes import websocket as route
from app.api.sign_ins import SignIns, cookie_name
from app.container import Container, open_container
from app.core.settings import Settings
from app.db.repositories import events as event_log
from app.db.repositories import users
from app.main import create_app
from app.schemas.api import ConfigBody, GenerateBody
from app.schemas.events import StatusChanged, StatusChangedEvent
from tests.fixtures.db import SESSION_ID, add_generation
from tests.fixtures.tiny_ad import PROMPT, TINY

ADDRESS = "127.0.0.1"


@dataclass
class Served:
    """A running server with one generation of the local user."""

    container: Container
    sign_ins: SignIns
    app: FastAPI
    port: int
    user_id: str
    generation_id: str
    token: str
    auth_session_id: str
    opened: list[ClientConnection] = field(default_factory=list)

    async def connect(self, session_id: str = SESSION_ID, query: str = "", **headers: str) -> ClientConnection:
        """Connect with exactly these headers, by default with the token."""
        given = headers or {"Authorization": f"Bearer {self.token}"}
        address = f"ws://{ADDRESS}:{self.port}/ws/{session_id}{query}"
        socket = await connect(address, additional_headers=given, compression=None, max_size=None)
        self.opened.append(socket)
        return socket

    def cookie(self) -> str:
        return f"{cookie_name(self.container.settings)}={self.token}"

    async def append(self, text: str) -> None:
        payload = StatusChanged(status="story", message=text)
        async with self.container.sessions.begin() as session:
            seq = await event_log.append_event(session, SESSION_ID, self.generation_id, "status_changed", payload)
        now = self.container.services.clock.now()
        event = StatusChangedEvent(timestamp=now, generation_id=self.generation_id, seq=seq, payload=payload)
        await self.container.bus.publish(SESSION_ID, event)

    async def stored(self) -> list[str]:
        async with self.container.reads() as session:
            return [row.type for row in await event_log.since(session, SESSION_ID, 0, 1000)]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    settings = Settings(home=tmp_path / "home", database_url_override=None, queue_poll_s=0.05)
    async with open_container(settings, "server") as container, contextlib.AsyncExitStack() as stack:
        app = create_app(container)
        sign_ins: SignIns = app.state.sign_ins
        async with container.sessions.begin() as session:
            generation_id = await add_generation(session)
            user_id = (await users.ensure_local_user(session)).id
        token, auth_session_id = await sign_ins.issue(user_id, "test")
        port = await stack.enter_async_context(_running(app))
        served = Served(container, sign_ins, app, port, user_id, generation_id, token, auth_session_id)
        yield served
        for socket in served.opened:
            await socket.close()
        async with asyncio.timeout(10):
            while app.state.sockets.counts != (0, 0):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[int]:
    config = uvicorn.Config(
        app, host=ADDRESS, port=0, ws="websockets-sansio", ws_per_message_deflate=False, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def heard(socket: ClientConnection) -> dict[str, Any]:
    """Return the next message."""
    async with asyncio.timeout(60):
        message: dict[str, Any] = json.loads(await socket.recv())
    return message


async def heard_of(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next message of a type, passing over others."""
    while (message := await heard(socket))["type"] != kind:
        pass
    return message


async def closed(socket: ClientConnection) -> int | None:
    """Return the code the connection was closed with."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            async with asyncio.timeout(20):
                await socket.recv()
    return socket.close_code


def feedback(message_id: str = "m1", **payload: Any) -> str:
    return json.dumps({"type": "user_feedback", "id": message_id, "payload": {"stage": "story", **payload}})


async def test_hello_replay_live_and_resume(served: Served) -> None:
    await served.append("one")
    first, second = await served.connect(), await served.connect(query="?since=1")
    assert (await heard(first))["payload"] == {"session_id": SESSION_ID, "last_seq": 1, "resumed": True}
    assert (await heard(first))["payload"]["message"] == "one"
    assert (await heard(second))["type"] == "hello"
    await served.append("two")
    for socket in (first, second):
        event = await heard(socket)
        assert (event["seq"], event["type"], event["payload"]["message"]) == (2, "status_changed", "two")
        assert event["generation_id"] == served.generation_id
    stranger = await served.connect(query="?since=77")
    assert (await heard(stranger))["payload"]["resumed"] is False
    assert [(await heard(stranger))["seq"] for _ in range(2)] == [1, 2]


async def test_our_own_page_follows_with_its_cookie(served: Served) -> None:
    for name in ("127.0.0.1", "localhost"):
        socket = await served.connect(Cookie=served.cookie(), Origin=f"http://{name}:{served.port}")
        assert (await heard(socket))["type"] == "hello"


async def test_another_sites_page_is_refused_before_the_handshake(served: Served) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", f"https://127.0.0.1:{served.port}", ""):
        headers = {"Cookie": served.cookie(), **({"Origin": origin} if origin else {})}
        with pytest.raises(InvalidStatus) as refused:
            await served.connect(**headers)
        assert refused.value.response.status_code == 403


async def test_who_is_not_signed_in_is_told_so(served: Served) -> None:
    for headers in ({"X-None": "1"}, {"Authorization": "Bearer nonsense"}, {"Cookie": "admint_session=nonsense"}):
        assert await closed(await served.connect(**headers)) == 4401


async def test_what_is_not_yours_is_not_there(served: Served) -> None:
    async with served.container.sessions.begin() as session:
        other = await users.create(session, "someone@example.org", "no hash")
    token, _ = await served.sign_ins.issue(other.id, "test")
    assert await closed(await served.connect(Authorization=f"Bearer {token}")) == 4404
    assert await closed(await served.connect("no_such_session")) == 4404
    assert await closed(await served.connect(query="?since=-1")) == 4400


async def test_a_sign_in_that_ends_ends_the_connection(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "RECHECK_S", 0.05)
    socket = await served.connect()
    assert (await heard(socket))["type"] == "hello"
    await served.sign_ins.revoke(served.auth_session_id)
    assert await closed(socket) == 4401


async def test_the_twenty_first_tab_is_refused_and_the_others_go_on(served: Served) -> None:
    tabs = [await served.connect() for _ in range(20)]
    for tab in tabs:
        assert (await heard(tab))["type"] == "hello"
    assert await closed(await served.connect()) == 4429
    await served.append("all")
    for tab in tabs:
        assert (await heard(tab))["payload"]["message"] == "all"
    await tabs.pop().close()
    async with asyncio.timeout(10):
        while served.app.state.sockets.counts[0] > 19:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (await heard(await served.connect()))["type"] == "hello"


NONSENSE: list[tuple[str | bytes, str]] = [
    ("no json", "not JSON"),
    ("[1]", "JSON object"),
    ("{}", "no type"),
    ('{"type": "sing", "id": "m"}', "no type"),
    ('{"type": "user_feedback", "payload": {"stage": "story"}}', "'id' is missing"),
    ('{"type": "user_feedback", "id": "", "payload": {"stage": "story"}}', "'id'"),
    ('{"type": "user_feedback", "id": "has space", "payload": {"stage": "story"}}', "'id'"),
    ('{"type": "user_feedback", "id": "m"}', "'payload' is missing"),
    (feedback(stage="lunch"), "'payload.stage'"),
    (feedback(scene_id="1"), "must be a whole number"),
    (feedback(scene_id=0), "'payload.scene_id'"),
    (feedback(mood="good"), "'payload.mood' is not known"),
    (feedback(message="x" * 5001), "'payload.message'"),
    (b"\x00\x01", "Binary"),
]


async def test_a_message_that_makes_no_sense_is_answered_and_harms_nothing(served: Served) -> None:
    socket, other = await served.connect(), await served.connect()
    assert (await heard(other))["type"] == "hello"
    for message, words in NONSENSE:
        await socket.send(message)
        error = await heard_of(socket, "error")
        assert (error["payload"]["code"], error["seq"]) == ("invalid_input", None)
        assert words in error["payload"]["message"]
        assert error["payload"]["hint"]
    await served.append("still here")
    for each in (socket, other):
        assert (await heard_of(each, "status_changed"))["payload"]["message"] == "still here"
    assert await served.stored() == ["status_changed"]


async def acknowledged(socket: ClientConnection, message_id: str) -> bool:
    """Return whether the message was a duplicate."""
    while (received := (await heard_of(socket, "message_received"))["payload"])["message_id"] != message_id:
        pass
    return bool(received["duplicate"])


@pytest.mark.ac("AC-2.5", "AC-3.4", "AC-3.5", "AC-5.8")
async def test_a_whole_ad_over_the_socket(served: Served) -> None:
    body = GenerateBody(prompt=PROMPT, session_id=SESSION_ID, config=ConfigBody(overrides=TINY))
    await served.container.commands.start(served.user_id, body)
    socket, other = await served.connect(), await served.connect()
    story = await heard_of(socket, "story_generated")
    assert story["payload"]["awaiting_approval"]
    await socket.send(feedback("asked", message="don't regenerate"))
    assert (await heard_of(socket, "feedback_acknowledged"))["payload"]["action"] == "unclear"
    for duplicate in (False, True):
        await socket.send(feedback("yes", action="approve", draft_digest=story["payload"]["draft_digest"]))
        assert await acknowledged(socket, "yes") is duplicate
    images = (await heard_of(other, "reference_images_ready"))["payload"]["images"]
    scenes = (await heard_of(other, "scenes_generated"))["payload"]
    while (await heard_of(other, "status_changed"))["payload"]["substage"] != "awaiting_approval":
        pass
    await socket.send(feedback("late", stage="story", action="approve"))
    assert (await heard_of(socket, "error"))["payload"]["code"] == "conflict"
    await socket.send(feedback("far", stage="scenes", scene_id=99, action="regenerate"))
    refusal = (await heard_of(socket, "error"))["payload"]
    assert refusal["code"] in {"invalid_input", "not_found"}, refusal
    approval = {"draft_digest": scenes["draft_digest"], "quote_digest": (scenes["quote"] or {}).get("digest", "")}
    await other.send(feedback("film", stage="scenes", action="approve", **approval))
    got = []
    while not got or got[-1]["type"] != "generation_complete":
        got.append(await heard(other))
    kinds = [each["type"] for each in got]
    clips = [each["payload"] for each in got if each["type"] == "video_complete"]
    assert {each["payload"]["clip_id"] for each in got if each["type"] == "video_progress"} == {1, 2}
    assert sorted(clip["clip_id"] for clip in clips) == [1, 2]
    addresses = [*(each["url"] for each in images), *(each["url"] for each in clips)]
    assert all(each.startswith("http") for each in [*addresses, got[-1]["payload"]["final_video_url"]])
    assert kinds.count("generation_complete") == 1
    stored = await served.stored()
    assert stored.count("user_message") == 3
    late = await served.connect()
    replayed = [(await heard(late)) for _ in range(len(stored) + 1)][1:]
    assert [each["seq"] for each in replayed] == list(range(1, len(stored) + 1))
    assert [each["type"] for each in replayed] == stored


async def test_heartbeats_are_answered(served: Served) -> None:
    socket = await served.connect()
    await socket.send('{"type": "heartbeat", "id": "beat"}')
    assert [(await heard(socket))["type"] for _ in range(3)] == ["hello", "heartbeat", "message_received"]
    await socket.send('{"type": "heartbeat"}')
    assert (await heard(socket))["type"] == "heartbeat"


async def test_a_word_nobody_waits_for_is_an_error_to_its_sender_alone(served: Served) -> None:
    socket, other = await served.connect(), await served.connect()
    assert (await heard(other))["type"] == "hello"
    await socket.send(feedback(action="approve"))
    assert (await heard_of(socket, "error"))["payload"]["code"] == "conflict"
    await socket.send(json.dumps({**json.loads(feedback("m2")), "generation_id": "no-such-generation"}))
    assert (await heard_of(socket, "error"))["payload"]["code"] in {"not_found", "invalid_input"}
    await served.append("next")
    assert (await heard(other))["payload"]["message"] == "next"


async def test_a_message_of_a_megabyte_ends_this_connection_only(served: Served) -> None:
    socket, other = await served.connect(), await served.connect()
    await socket.send(feedback(message="x" * 1_000_000))
    assert await closed(socket) == 1009
    assert (await heard(other))["type"] == "hello"


async def test_a_thousand_messages_in_a_second_leave_the_session_alive(served: Served) -> None:
    socket, other = await served.connect(), await served.connect()
    for seq in range(1000):
        await socket.send(feedback(f"m{seq}", action="approve"))
    limited = 0
    async with asyncio.timeout(20):
        while not limited:
            limited += (await heard_of(socket, "error"))["payload"]["code"] == "rate_limited"
    await served.append("alive")
    for each in (socket, other):
        assert (await heard_of(each, "status_changed"))["payload"]["message"] == "alive"
    assert await served.stored() == ["status_changed"]
    async with asyncio.timeout(20):
        while True:
            await socket.send('{"type": "heartbeat", "id": "again"}')
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.3):
                    await heard_of(socket, "message_received")
                    break
