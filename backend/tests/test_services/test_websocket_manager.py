"""The hub: every durable event once and in order for every client, whatever the bus and the other clients do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from app.container import SystemClock
from app.core.errors import InvalidInput, StorageError, TooManyRequests
from app.db.models import SessionEvent
from app.db.repositories import events as event_log
from app.db.session import read_factory, session_factory
from app.events.memory import MemoryEventBus, QueueListener
from app.ports.events import Hint
from app.schemas import events as wire
from app.services.session.session_feed import FeedSources, FeedTimes
from app.services.session.websocket_manager import Client, WebSocketManager
from tests.fixtures.db import SESSION_ID

NOW = SystemClock().now()
QUICK = FeedTimes(poll_s=0.05, heartbeat_s=60, spacing_s=0.05)


async def unsigned(event: wire.ServerEvent) -> wire.ServerEvent:
    return event


def video_progress(clip: int, percent: int, generation_id: str | None = None) -> wire.VideoProgressEvent:
    payload = wire.VideoProgress(clip_id=clip, progress=percent, status="rendering")
    return wire.VideoProgressEvent(timestamp=NOW, generation_id=generation_id, payload=payload)


class Rig:
    """A manager over a real log and bus, and the writer's side."""

    def __init__(self, engine: AsyncEngine, generation_id: str, **options: Any) -> None:
        self.writes = session_factory(engine)
        self.generation_id = generation_id
        self.bus = MemoryEventBus()
        times, sign = options.pop("times", QUICK), options.pop("sign", unsigned)
        self.reads = read_factory(engine)
        self.manager = WebSocketManager(FeedSources(self.reads, self.bus, sign, SystemClock(), times), **options)
        self.tasks: list[asyncio.Task[None]] = []

    async def append(self, text: str = "", *, tell: bool = True) -> wire.ServerEvent:
        """Append a durable event; the hint may get lost."""
        payload = wire.StatusChanged(status="story", message=text)
        async with self.writes.begin() as session:
            seq = await event_log.append_event(
                session, SESSION_ID, self.generation_id, "status_changed", payload.model_dump(mode="json")
            )
        event = wire.StatusChangedEvent(timestamp=NOW, generation_id=self.generation_id, seq=seq, payload=payload)
        if tell:
            await self.bus.publish(SESSION_ID, event)
        return event

    async def append_many(self, count: int) -> None:
        """Append in one transaction; nobody is told."""
        async with self.writes.begin() as session:
            for number in range(count):
                payload = {"status": "story", "message": str(number)}
                await event_log.append_event(session, SESSION_ID, self.generation_id, "status_changed", payload)

    async def read(self, since: int = 0) -> tuple[Client, list[dict[str, Any]]]:
        """Attach a client that reads on its own; return what it gets, as it grows."""
        client = await self.manager.attach(SESSION_ID, since)
        got: list[dict[str, Any]] = []

        async def consume() -> None:
            async for text in client:
                got.append(json.loads(text))
            await self.manager.detach(client)

        self.tasks.append(asyncio.create_task(consume()))
        return client, got


@pytest.fixture
async def rig(db_engine: AsyncEngine, stored_generation: str) -> AsyncIterator[Callable[..., Rig]]:
    """Makes rigs; they end with the test."""
    made: list[Rig] = []

    def make(**options: Any) -> Rig:
        made.append(Rig(db_engine, stored_generation, **options))
        return made[-1]

    yield make
    for each in made:
        await each.manager.close()
        await asyncio.gather(*each.tasks)
        assert each.manager.counts == (0, 0)
        assert not each.bus.listens(SESSION_ID)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def seqs(got: list[dict[str, Any]]) -> list[int]:
    return [each["seq"] for each in got if each["seq"] is not None]


def kinds(got: list[dict[str, Any]]) -> list[str]:
    return [each["type"] for each in got]


async def test_hello_then_what_was_missed_then_live(rig: Callable[..., Rig]) -> None:
    r = rig()
    for number in range(3):
        await r.append(str(number), tell=False)
    _, got = await r.read(since=1)
    await until(lambda: len(got) == 3)
    await r.append("live")
    await until(lambda: len(got) == 4)
    assert got[0]["type"] == "hello"
    assert got[0]["payload"] == {"session_id": SESSION_ID, "last_seq": 3, "resumed": True}
    assert got[0]["seq"] is None
    assert [(each["seq"], each["payload"]["message"]) for each in got[1:]] == [(2, "1"), (3, "2"), (4, "live")]


async def test_a_client_from_another_world_starts_from_nothing(rig: Callable[..., Rig]) -> None:
    r = rig()
    await r.append("a", tell=False)
    _, got = await r.read(since=99)
    await until(lambda: len(got) == 2)
    assert got[0]["payload"]["resumed"] is False
    assert seqs(got) == [1]


async def test_a_client_that_is_ahead_of_the_feed_is_not_from_another_world(rig: Callable[..., Rig]) -> None:
    r = rig(times=FeedTimes(poll_s=60))
    await r.append("a")
    _, first = await r.read()
    await until(lambda: seqs(first) == [1])
    await r.append("not told", tell=False)
    _, second = await r.read(since=2)
    await until(lambda: len(second) == 1 and seqs(first) == [1, 2])
    assert second[0]["payload"] == {"session_id": SESSION_ID, "last_seq": 2, "resumed": True}


@pytest.mark.parametrize("lost", [0.0, 0.3])
async def test_no_gap_and_no_double_at_the_seam_while_events_are_appended(rig: Callable[..., Rig], lost: float) -> None:
    r = rig()
    await r.append_many(250)
    connected: list[list[dict[str, Any]]] = []

    async def write() -> None:
        for number in range(125):
            await asyncio.gather(*(r.append(tell=(number * 2 + i) % 10 >= lost * 10) for i in range(2)))

    writing = asyncio.create_task(write())
    while not writing.done():
        for since in (0, 17, 240):
            connected.append((await r.read(since))[1])
        await asyncio.sleep(0.1)
    await writing
    await until(lambda: all(got and seqs(got)[-1:] == [500] for got in connected))
    assert len(connected) >= 3
    for place, got in enumerate(connected):
        assert seqs(got) == list(range((0, 17, 240)[place % 3] + 1, 501))


async def test_the_log_is_read_in_pages_and_a_deleted_generation_leaves_no_hang(rig: Callable[..., Rig]) -> None:
    r = rig()
    await r.append_many(450)
    async with r.writes.begin() as session:
        await session.execute(delete(SessionEvent).where(SessionEvent.seq.between(150, 449)))
    _, got = await r.read()
    await until(lambda: seqs(got)[-1:] == [450])
    assert seqs(got) == [*range(1, 150), 450]
    async with r.writes.begin() as session:
        await session.execute(delete(SessionEvent))
    _, late = await r.read()
    await r.append("after")
    await until(lambda: seqs(late) == [451] and seqs(got)[-1] == 451)


async def test_lost_hints_are_found_by_looking(rig: Callable[..., Rig]) -> None:
    r = rig()
    _, got = await r.read()
    await until(lambda: len(got) == 1)
    for _ in range(3):
        await r.append(tell=False)
    await until(lambda: seqs(got) == [1, 2, 3])


async def test_hints_out_of_order_twice_or_without_content_bring_the_log(rig: Callable[..., Rig]) -> None:
    r = rig(times=FeedTimes(poll_s=60))
    _, got = await r.read()
    await until(lambda: len(got) == 1)
    events = [await r.append(str(number), tell=False) for number in range(4)]
    for place in (2, 1, 0, 2):
        await r.bus.publish(SESSION_ID, events[place])
    await until(lambda: seqs(got) == [1, 2, 3, 4])
    await r.append(tell=False)
    r.bus.deliver(SESSION_ID, Hint(SESSION_ID, 5))
    await until(lambda: seqs(got) == [1, 2, 3, 4, 5])
    await r.append(tell=False)
    r.bus.hint_all()
    await until(lambda: seqs(got) == [1, 2, 3, 4, 5, 6])
    assert kinds(got)[1:] == ["status_changed"] * 6


async def test_a_slow_client_is_closed_and_fifty_others_get_everything(rig: Callable[..., Rig]) -> None:
    r = rig(capacity=32)
    quick = [(await r.read())[1] for _ in range(50)]
    slow = await r.manager.attach(SESSION_ID)
    frames = aiter(slow)
    await anext(frames)
    last_read = asyncio.ensure_future(anext(frames))
    await until(lambda: all(quick))
    for _ in range(40):
        await r.append()
    await until(lambda: all(seqs(got) == list(range(1, 41)) for got in quick))
    assert json.loads(await last_read)["seq"] == 1
    assert slow.closed.done()
    assert slow.close_code == 1013
    assert "since" in slow.close_reason
    await r.manager.detach(slow)
    _, again = await r.read(since=0)
    await until(lambda: seqs(again) == list(range(1, 41)))


async def test_a_burst_longer_than_the_queue_does_not_close_a_client_that_reads(rig: Callable[..., Rig]) -> None:
    r = rig(capacity=16)
    readers = [(await r.read())[1] for _ in range(5)]
    await until(lambda: all(readers))
    await r.append_many(500)
    await until(lambda: all(len(seqs(got)) == 500 for got in readers))


async def test_progress_is_at_most_four_a_second_and_the_last_one_arrives(rig: Callable[..., Rig]) -> None:
    r = rig(times=FeedTimes(poll_s=60))
    tabs = [(await r.read())[1] for _ in range(3)]
    await until(lambda: all(tabs))
    for percent in range(100):
        for clip in (1, 2):
            await r.bus.publish(SESSION_ID, video_progress(clip, percent, r.generation_id))
    await until(lambda: all(len(got) == 5 for got in tabs))
    for got in tabs:
        found = [(each["payload"]["clip_id"], each["payload"]["progress"]) for each in got[1:]]
        assert found == [(1, 0), (2, 0), (1, 99), (2, 99)]
    async with r.reads() as session:
        assert await event_log.since(session, SESSION_ID, 0) == []


async def test_each_event_is_signed_once_for_all_clients(rig: Callable[..., Rig]) -> None:
    signed: list[int | None] = []

    async def sign(event: wire.ServerEvent) -> wire.ServerEvent:
        signed.append(event.seq)
        return event.model_copy(update={"payload": wire.StatusChanged(status="story", message="signed")})

    r = rig(sign=sign)
    tabs = [(await r.read())[1] for _ in range(8)]
    await until(lambda: all(tabs))
    await r.append("plain")
    await until(lambda: all(len(got) == 2 for got in tabs))
    assert signed == [1]
    assert all(got[1]["payload"]["message"] == "signed" for got in tabs)


async def test_a_signer_that_fails_for_a_while_costs_nothing(rig: Callable[..., Rig]) -> None:
    failures = iter([True, True, True])

    async def sign(event: wire.ServerEvent) -> wire.ServerEvent:
        if next(failures, False):
            raise StorageError("The store is away.")
        return event

    r = rig(sign=sign)
    _, got = await r.read()
    await until(lambda: len(got) == 1)
    await r.append()
    await r.append()
    await until(lambda: seqs(got) == [1, 2])


async def test_a_bus_that_gives_up_is_asked_again(rig: Callable[..., Rig]) -> None:
    class Breaking(MemoryEventBus):
        left = 2

        def listen(self, session_id: str) -> QueueListener:
            listener = super().listen(session_id)
            if self.left:
                self.left -= 1
                self.deliver(session_id, "not an event")  # type: ignore[arg-type]
            return listener

    r = rig()
    r.manager._sources.__dict__["bus"] = r.bus = Breaking()
    _, got = await r.read()
    await r.append(tell=False)
    await until(lambda: seqs(got) == [1] and r.bus.left == 0)
    while "video_progress" not in kinds(got):
        await r.bus.publish(SESSION_ID, video_progress(1, 5))
        await asyncio.sleep(0.01)


async def test_a_feed_that_fails_sends_its_clients_back(rig: Callable[..., Rig]) -> None:
    async def sign(event: wire.ServerEvent) -> wire.ServerEvent:
        raise ZeroDivisionError

    r = rig(sign=sign)
    client, got = await r.read()
    await until(lambda: len(got) == 1)
    await r.append(tell=False)
    await until(client.closed.done)
    assert client.close_code == 1011
    await until(lambda: r.manager.counts == (0, 0))


async def test_heartbeats_come_by_themselves(rig: Callable[..., Rig]) -> None:
    r = rig(times=FeedTimes(poll_s=60, heartbeat_s=0.05))
    _, got = await r.read()
    await until(lambda: kinds(got).count("heartbeat") >= 2)


async def test_service_messages_reach_every_tab_and_durable_ones_are_refused(rig: Callable[..., Rig]) -> None:
    r = rig()
    tabs = [(await r.read())[1] for _ in range(2)]
    await until(lambda: all(tabs))
    await r.manager.send(SESSION_ID, "progress_update", wire.ProgressUpdate(stage="videos", message="Soon."))
    await until(lambda: all(kinds(got) == ["hello", "progress_update"] for got in tabs))
    with pytest.raises(InvalidInput, match="durable"):
        await r.manager.send(SESSION_ID, "status_changed", {"status": "story"})


async def test_a_feed_ends_with_its_last_client_and_begins_again(rig: Callable[..., Rig]) -> None:
    r = rig()
    first, second = await r.manager.attach(SESSION_ID), await r.manager.attach(SESSION_ID)
    assert r.manager.counts == (2, 1)
    await r.manager.detach(first)
    await r.manager.detach(first)
    assert r.manager.counts == (1, 1)
    await r.manager.detach(second)
    assert r.manager.counts == (0, 0)
    await r.append("while away")
    _, got = await r.read()
    await until(lambda: seqs(got) == [1])


async def test_one_owner_has_so_many_clients_and_no_more(rig: Callable[..., Rig]) -> None:
    r = rig(per_owner=2)
    clients = [await r.manager.attach(SESSION_ID, owner="u") for _ in range(2)]
    with pytest.raises(TooManyRequests):
        await r.manager.attach("another", owner="u")
    await r.manager.detach(clients.pop())
    clients.append(await r.manager.attach(SESSION_ID, owner="u"))
    for client in clients:
        await r.manager.detach(client)
