"""The two servers of the socket bench, each in a process of its own: ours, and the bare floor under it.

`servers.py ours|peer` prints its port (ours also a token), then at each line `N` on standard input tells all sockets
event N and prints when it was committed (seconds of the monotonic clock, which all processes share). Started by run.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import uvicorn

SESSION = "bench"
Tell = Callable[[int], Awaitable[float]]


@contextlib.asynccontextmanager
async def running(app: Any) -> AsyncIterator[int]:
    """Serve on any port, as `admint serve` does."""
    config = uvicorn.Config(
        app, port=0, ws="websockets-sansio", ws_per_message_deflate=False, log_config=None, lifespan="off", backlog=4096
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
    await task


async def obey(tell: Tell, **about: Any) -> None:
    """Do what run.py says until it has no more."""
    print(json.dumps(about), flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps({"at": await tell(int(line))}), flush=True)


async def ours() -> None:
    """AdMint's whole server on SQLite: sign-in, middlewares, route, hub, log, bus."""
    from app.container import open_container
    from app.core.settings import Settings
    from app.db.repositories import events, sessions, users
    from app.main import create_app
    from app.schemas.events import StatusChanged, StatusChangedEvent
    from app.services.session.session_feed import FeedSources
    from app.services.session.websocket_manager import WebSocketManager
    from app.services.unified_pipeline.snapshots import sign_event

    with tempfile.TemporaryDirectory() as home:
        async with open_container(Settings(ADMINT_HOME=home), "server") as container:
            app = create_app(container)
            # One user stands for all thousand: the limit of connections a user is the only thing taken away.
            sources = FeedSources(
                container.reads,
                container.bus,
                lambda event: sign_event(event, container.links),
                container.services.clock,
            )
            app.state.sockets = WebSocketManager(sources, per_owner=100_000)
            async with container.sessions.begin() as session:
                user_id = (await users.ensure_local_user(session)).id
                await sessions.ensure(session, SESSION, user_id)
            token, _ = await app.state.sign_ins.issue(user_id, "bench")

            async def tell(number: int) -> float:
                payload = StatusChanged(status="videos", message=f"bench {number}; " + "x" * 120)
                async with container.sessions.begin() as session:
                    seq = await events.append_event(session, SESSION, None, "status_changed", payload)
                at = time.monotonic()
                await container.bus.publish(
                    SESSION, StatusChangedEvent(timestamp=datetime.now(UTC), seq=seq, payload=payload)
                )
                return at

            async with running(app) as port:
                await obey(tell, port=port, token=token)


async def peer() -> None:
    """Nothing but a loop over connections: no log, no order, no replay, one slow client holds up all."""
    sends: set[Callable[[dict[str, Any]], Awaitable[None]]] = set()

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": '{"type":"hello"}'})
        sends.add(send)
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            sends.discard(send)

    async def tell(number: int) -> float:
        message = {
            "type": "status_changed",
            "generation_id": None,
            "seq": number,
            "timestamp": datetime.now(UTC).isoformat(),
            "payload": {"status": "videos", "substage": None, "message": f"bench {number}; " + "x" * 120},
        }
        at = time.monotonic()
        text = json.dumps(message)
        for send in sends:
            await send({"type": "websocket.send", "text": text})
        return at

    async with running(app) as port:
        await obey(tell, port=port, token="")


if __name__ == "__main__":
    import uvloop

    uvloop.run({"ours": ours, "peer": peer}[sys.argv[1]]())
