"""One suite over every event bus."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from app.events.memory import MemoryEventBus
from app.schemas.events import HeartbeatEvent, ProgressUpdate, ProgressUpdateEvent

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def progress(message: str) -> ProgressUpdateEvent:
    return ProgressUpdateEvent(timestamp=NOW, payload=ProgressUpdate(stage="videos", message=message))


async def test_every_listener_of_the_session_hears_it_and_no_other() -> None:
    bus = MemoryEventBus()
    heard: dict[str, list[str]] = {"a": [], "b": [], "other": []}

    async def listen(name: str, session_id: str) -> None:
        async for event in bus.listen(session_id):
            heard[name].append(event.type)

    tasks = [asyncio.create_task(listen(n, s)) for n, s in (("a", "s"), ("b", "s"), ("other", "t"))]
    await asyncio.sleep(0)
    await bus.publish("s", HeartbeatEvent(timestamp=NOW))
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert heard == {"a": ["heartbeat"], "b": ["heartbeat"], "other": []}
    await bus.publish("s", HeartbeatEvent(timestamp=NOW))


async def test_a_listener_that_never_reads_does_not_hold_the_publisher_and_keeps_the_newest() -> None:
    bus = MemoryEventBus()
    slow = bus.listen("s")
    first = asyncio.ensure_future(anext(slow))
    await asyncio.sleep(0)
    for number in range(3000):
        await bus.publish("s", progress(str(number)))
    await first
    kept = [(await anext(slow)) for _ in range(1000)]
    assert isinstance(kept[-1], ProgressUpdateEvent)
    assert int(kept[-1].payload.message) > 2900
    await slow.aclose()
