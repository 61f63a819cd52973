"""Who listens to which session: the hub between the event log and connections. Knows no web framework.

Every client gets `hello`, then what it missed since `since`, then live events: each durable one exactly once, in
order. One feed a session and process serves all its clients; a slow client never holds up another.
Called by app/api/routes/websocket.py. Tests: tests/test_services/test_websocket_manager.py; bench: bench/events
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

from pydantic import BaseModel

from app.core.errors import InvalidInput, TooManyRequests
from app.schemas.events import SERVER_EVENT, TRANSIENT_TYPES, Hello, HelloEvent, ServerEvent
from app.services.session.client_queue import ClientQueue, Frame
from app.services.session.session_feed import FeedSources, SessionFeed

CLOSE_TRY_LATER = 1013
CLOSE_GOING_AWAY = 1001
CLOSE_BROKEN = 1011


class Client:
    """One connection's view of a session: iterate over it for text frames until it is closed.

    `closed` is done when it was given up; `close_code` and `close_reason` then say why.
    """

    def __init__(self, feed: SessionFeed, since: int, owner: str, capacity: int) -> None:
        self.feed = feed
        self.session_id = feed.session_id
        self.owner = owner
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.close_code = 1000
        self.close_reason = ""
        self._resumed = since <= feed.position
        self._position = since if self._resumed else 0
        self._queue = ClientQueue(capacity)
        self._told = 0

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield frames. Raises what reading the log raises."""
        yield self._hello()
        while not self.closed.done() and self._position < self.feed.position:
            frames, end = await self.feed.read(self._position)
            for replayed in frames:
                yield replayed.text
            if end <= self._position:
                break
            self._position = end
        # Nothing is awaited between the check above and joining: no event can fall in between.
        if not self.closed.done():
            self.feed.join(self)
        while (frame := await self._queue.get()) is not None:
            yield frame.text

    def offer(self, frame: Frame) -> None:
        """See session_feed.Listener."""
        if frame.seq is not None:
            if frame.seq <= self._position:
                return
            self._position = frame.seq
        if not self._queue.put(frame):
            self.close(CLOSE_TRY_LATER, "You read too slowly: connect again with ?since= your last seq.")

    def tell(self, event: ServerEvent) -> None:
        """Give a transient event to this client alone."""
        self._told += 1
        self._queue.put(Frame(event.model_dump_json(), key=("told", str(self._told))))

    def close(self, code: int, reason: str) -> None:
        """End the iteration. The first reason stays."""
        if not self.closed.done():
            self.close_code, self.close_reason = code, reason
            self.closed.set_result(None)
            self._queue.close()

    def _hello(self) -> str:
        payload = Hello(session_id=self.session_id, last_seq=self.feed.position, resumed=self._resumed)
        return HelloEvent(timestamp=self.feed.clock.now(), payload=payload).model_dump_json()


class WebSocketManager:
    """All clients of this process.

    Args:
        sources: The log, the bus and the signing of events.
        capacity: Messages that may wait for one client before it is closed.
        per_owner: Clients one owner may have at the same time.
    """

    def __init__(self, sources: FeedSources, *, capacity: int = 256, per_owner: int = 20) -> None:
        self._sources = sources
        self._capacity = capacity
        self._per_owner = per_owner
        self._feeds: dict[str, SessionFeed] = {}
        self._clients: set[Client] = set()
        self._owners: Counter[str] = Counter()

    @property
    def counts(self) -> tuple[int, int]:
        """How many clients and how many feeds there are."""
        return len(self._clients), len(self._feeds)

    async def attach(self, session_id: str, since: int = 0, *, owner: str = "") -> Client:
        """Return a client that starts after event number `since`. Detach it whatever happens.

        Raises:
            TooManyRequests: `owner` has as many clients as one may have.
        """
        if owner and self._owners[owner] >= self._per_owner:
            raise TooManyRequests(
                f"You have {self._per_owner} connections open, the most one user may have.",
                retry_after=5,
                hint="Close some of the tabs.",
            )
        self._owners[owner] += 1
        feed = self._feeds.setdefault(session_id, SessionFeed(session_id, self._sources))
        feed.users += 1
        try:
            await feed.start(self._crashed)
            if since > feed.position:
                await feed.catch_up()
        except BaseException:
            await self._release(feed, owner)
            raise
        client = Client(feed, since, owner, self._capacity)
        self._clients.add(client)
        return client

    async def detach(self, client: Client) -> None:
        """Forget a client; the session's feed ends with its last one. Twice is once."""
        if client not in self._clients:
            return
        self._clients.discard(client)
        client.close(1000, "")
        client.feed.leave(client)
        await self._release(client.feed, client.owner)

    async def send(self, session_id: str, message_type: str, payload: BaseModel | Mapping[str, Any]) -> None:
        """Send a transient message to all clients of a session, in every process.

        Raises:
            InvalidInput: The type is durable: append it to the log instead.
        """
        if message_type not in TRANSIENT_TYPES:
            raise InvalidInput(f"'{message_type}' events are durable.", hint="Append it to the session's log.")
        document = payload.model_dump(mode="json") if isinstance(payload, BaseModel) else dict(payload)
        message = {"type": message_type, "payload": document, "timestamp": self._sources.clock.now()}
        await self._sources.bus.publish(session_id, SERVER_EVENT.validate_python(message))

    async def close(self) -> None:
        """Close every client (the server stops) and end all feeds."""
        for client in tuple(self._clients):
            client.close(CLOSE_GOING_AWAY, "The server restarts: connect again with ?since= your last seq.")
            await self.detach(client)

    async def _release(self, feed: SessionFeed, owner: str) -> None:
        self._owners[owner] -= 1
        if self._owners[owner] <= 0:
            del self._owners[owner]
        feed.users -= 1
        if feed.users == 0:
            if self._feeds.get(feed.session_id) is feed:
                del self._feeds[feed.session_id]
            await feed.stop()

    def _crashed(self, feed: SessionFeed) -> None:
        """Let the clients of a feed that ended by itself come back to a new one."""
        if self._feeds.get(feed.session_id) is feed:
            del self._feeds[feed.session_id]
        for client in tuple(self._clients):
            if client.feed is feed:
                client.close(CLOSE_BROKEN, "Something failed: connect again with ?since= your last seq.")
