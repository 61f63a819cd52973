"""`/ws/{session_id}?since=N`: a session's events out, the user's words in (spec "WebSocket Interactive Communication").

Signed in by cookie (then the Origin must be our own) or by bearer token. Close codes: 4400 `since` is no number,
4401 not signed in (any more), 4403 another site's page, 4404 no such session of yours, 4429 too many connections,
1009 message too large, 1013 read too slowly (come back with `since`). Tests: tests/test_api/test_websocket.py
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.api.deps import container_of, identify, sign_ins_of
from app.api.origin import same_origin
from app.api.sign_ins import User
from app.api.socket_intake import Intake
from app.container import Container
from app.core.errors import AdMintError, NotFound, TooManyRequests, Unauthorized
from app.core.logging import add_context
from app.db.repositories import sessions
from app.schemas.events import ServerEvent
from app.services.session.session_feed import FeedSources
from app.services.session.websocket_manager import CLOSE_BROKEN, Client, WebSocketManager
from app.services.unified_pipeline.snapshots import sign_event

logger = logging.getLogger(__name__)
router = APIRouter(tags=["websocket"])
MAX_MESSAGE_BYTES = 256 * 1024
RECHECK_S = 60.0
_CLOSING_S = 5.0
_LOCAL_NAMES = ("127.0.0.1", "localhost")


@dataclass
class _Refused(Exception):
    code: int
    reason: str


def make_manager(container: Container) -> WebSocketManager:
    """Return the process's hub; create_app keeps it as `app.state.sockets`."""

    async def sign(event: ServerEvent) -> ServerEvent:
        return await sign_event(event, container.links)

    return WebSocketManager(FeedSources(container.reads, container.bus, sign, container.services.clock))


@router.websocket("/ws/{session_id}")
async def follow(websocket: WebSocket, session_id: str) -> None:
    """Serve one connection until one side ends it."""
    add_context(session_id=session_id)
    manager = cast(WebSocketManager, websocket.app.state.sockets)
    try:
        user = await _admit(websocket, session_id)
        client = await manager.attach(session_id, _since(websocket), owner=user.id)
    except _Refused as refused:
        await _refuse(websocket, refused)
        return
    except TooManyRequests as error:
        await _refuse(websocket, _Refused(4429, error.message))
        return
    try:
        await websocket.accept()
        await _serve(websocket, client, user)
    finally:
        await manager.detach(client)


async def _admit(websocket: WebSocket, session_id: str) -> User:
    """Return who connects to a session of theirs. Raises _Refused."""
    try:
        user = await identify(websocket)
    except Unauthorized as error:
        raise _Refused(4401, error.message) from error
    container = container_of(websocket)
    if user.via == "cookie" and not _our_page(websocket, container):
        raise _Refused(4403, "This connection was not opened by AdMint's own page.")
    try:
        async with container.reads() as session:
            await sessions.require(session, session_id, user_id=user.id)
    except NotFound as error:
        raise _Refused(4404, "There is no such session.") from error
    return user


def _our_page(websocket: WebSocket, container: Container) -> bool:
    """True when the Origin is exactly ours; on one's own machine its two names are the same place."""
    settings = container.settings
    if same_origin(websocket.scope, settings) is True:
        return True
    server = websocket.scope.get("server")
    port = server[1] if server else settings.port
    origin = websocket.headers.get("origin", "").lower()
    return settings.auth == "local" and origin in {f"http://{name}:{port}" for name in _LOCAL_NAMES}


def _since(websocket: WebSocket) -> int:
    """Return the last number the client has. Raises _Refused."""
    given = websocket.query_params.get("since") or "0"
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise _Refused(4400, "since must be the seq of the last event you have, or be left out.")
    return int(given)


async def _refuse(websocket: WebSocket, refused: _Refused) -> None:
    """Close with a reason: a browser tells a page the code only after the handshake; another site's gets none."""
    if refused.code != 4403:
        await websocket.accept()
    await _close(websocket, refused.code, refused.reason)


async def _serve(websocket: WebSocket, client: Client, user: User) -> None:
    container = container_of(websocket)
    intake = Intake(user.id, client.session_id, container.commands, container.services.clock, client.tell)
    tasks = {
        asyncio.create_task(_write(websocket, client)),
        asyncio.create_task(_read(websocket, client, intake)),
    }
    try:
        while not (await asyncio.wait({*tasks, client.closed}, timeout=RECHECK_S, return_when="FIRST_COMPLETED"))[0]:
            await _recheck(websocket, client, user)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    broken = next((each for each in ended if isinstance(each, Exception)), None)
    if broken is not None:
        client.close(CLOSE_BROKEN, "Something failed: connect again with ?since= your last seq.")
        logger.error("a socket failed", exc_info=broken)
    await _close(websocket, client.close_code, client.close_reason)


async def _recheck(websocket: WebSocket, client: Client, user: User) -> None:
    """Close the client of a sign-in that was ended; while that can't be known, ask again later."""
    try:
        if not await sign_ins_of(websocket).still_stands(user):
            client.close(4401, "This sign-in was ended.")
    except (AdMintError, SQLAlchemyError):
        logger.warning("a sign-in can't be checked now", exc_info=True)


async def _write(websocket: WebSocket, client: Client) -> None:
    async for text in client:
        try:
            await websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            # RuntimeError is the server's word for a connection that it is closing itself (no answer to its pings).
            return


async def _read(websocket: WebSocket, client: Client, intake: Intake) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        if len(text if text is not None else message.get("bytes") or b"") > MAX_MESSAGE_BYTES:
            client.close(1009, f"A message may have {MAX_MESSAGE_BYTES // 1024} KiB.")
            return
        await intake.take(text)


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    """Close if it still is open; a client that reads nothing gets no chance to hold us."""
    if WebSocketState.DISCONNECTED in (websocket.client_state, websocket.application_state):
        return
    with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
        async with asyncio.timeout(_CLOSING_S):
            await websocket.close(code, reason)
