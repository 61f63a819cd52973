"""One suite over every event bus: in-process, Postgres NOTIFY, Valkey pub/sub."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from app.core.errors import ConfigError
from app.core.settings import Settings
from app.events.bus import build_bus
from app.events.memory import MemoryEventBus
from app.events.postgres import PostgresEventBus
from app.events.redis import RedisEventBus
from app.events.relay import MAX_BYTES, encode
from app.ports.events import EventBus, Heard, Hint
from app.schemas.events import (
    ErrorEvent,
    ErrorRaised,
    HeartbeatEvent,
    ProgressUpdate,
    ProgressUpdateEvent,
    ServerEvent,
)
from tests.fixtures.valkey import Valkey

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BACKEND = Path(__file__).parents[2]
OTHER_PROCESS = """
import asyncio, sys
from datetime import UTC, datetime
from app.core.settings import Settings
from app.events.bus import build_bus
from app.schemas.events import ErrorEvent, ErrorRaised

async def main():
    bus = build_bus(Settings(_env_file=None))
    heard = bus.listen("s")
    await anext(heard)
    print("ready", flush=True)
    while (event := await anext(heard)).seq == 0:
        pass
    print("heard", event.payload.message, flush=True)
    for seq in (2, 3, 4):
        payload = ErrorRaised(code="answer", message="x" * 9000 if seq == 3 else "grüße")
        await bus.publish("s", ErrorEvent(timestamp=datetime.now(UTC), seq=seq, payload=payload))
    await bus.aclose()

asyncio.run(main())
"""


def progress(message: str) -> ProgressUpdateEvent:
    return ProgressUpdateEvent(timestamp=NOW, payload=ProgressUpdate(stage="videos", message=message))


def durable(seq: int, message: str = "") -> ErrorEvent:
    return ErrorEvent(timestamp=NOW, seq=seq, payload=ErrorRaised(code="test", message=message))


@dataclass
class Server:
    """What buses connect to; `away` takes it away for a while. Null where there is none."""

    kind: str
    url: str = ""
    away: Callable[[], object] | None = None
    buses: list[EventBus] = field(default_factory=list)
    connected: list[EventBus] = field(default_factory=list)

    def bus(self) -> EventBus:
        kinds: dict[str, Callable[[str], EventBus]] = {"postgres": PostgresEventBus, "redis": RedisEventBus}
        self.buses.append(kinds[self.kind](self.url) if self.url else MemoryEventBus())
        return self.buses[-1]

    async def two(self) -> tuple[EventBus, EventBus]:
        """Two buses as of two processes; where there is no server, the same one twice."""
        first = self.bus()
        return first, (self.bus() if self.url else first)

    async def heard_by(self, bus: EventBus, session_id: str = "s") -> AsyncIterator[Heard]:
        """A listener that hears other buses already: the first of a bus is told when it does."""
        listener = bus.listen(session_id)
        if self.url and bus not in self.connected:
            self.connected.append(bus)
            assert await anext(listener) == Hint(session_id)
        return listener


@asynccontextmanager
async def _server(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    server = Server(kind)
    if kind == "postgres":
        server.url = request.getfixturevalue("postgres_url")
        server.away = lambda: _postgres_away(server.url)
    elif kind == "redis":
        mortal: Valkey = request.getfixturevalue("mortal_valkey")
        server.url, server.away = mortal.url, lambda: _valkey_away(mortal)
    yield server
    for bus in server.buses:
        await bus.aclose()


@pytest.fixture(params=["memory", "postgres", "redis"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with _server(request.param, request) as found:
        yield found


@pytest.fixture(params=["postgres", "redis"])
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with _server(request.param, request) as found:
        yield found


@contextmanager
def _postgres_away(url: str) -> Iterator[None]:
    """All connections are cut and none is let in, as in a restart."""
    name = url.removeprefix("postgresql://postgres@/").partition("?")[0]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@contextmanager
def _valkey_away(valkey: Valkey) -> Iterator[None]:
    valkey.kill()
    yield
    valkey.start()


async def messages(listener: AsyncIterator[Heard], count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        heard = await anext(listener)
        if not isinstance(heard, Hint):
            assert isinstance(heard, ProgressUpdateEvent | ErrorEvent)
            found.append(heard.payload.message)
    return found


async def test_every_listener_of_the_session_hears_it_and_no_other(server: Server) -> None:
    here, there = await server.two()
    first, second, other = [await server.heard_by(bus, s) for bus, s in ((here, "s"), (there, "s"), (there, "t"))]
    await here.publish("s", progress("for s"))
    await here.publish("t", progress("for t"))
    assert await messages(first, 1) == ["for s"]
    assert await messages(second, 1) == ["for s"]
    assert await messages(other, 1) == ["for t"]


async def test_a_session_is_heard_in_the_order_it_was_told(server: Server) -> None:
    here, there = await server.two()
    listeners = [await server.heard_by(bus) for bus in (here, there)]
    told = [f"{number} – größer" for number in range(500)]
    for number, message in enumerate(told):
        await here.publish("s", durable(number + 1, message) if number % 3 else progress(message))
        if number % 50 == 0:
            await asyncio.sleep(0)
    for listener in listeners:
        assert await messages(listener, 500) == told


async def test_a_publisher_hears_itself_once(server: Server) -> None:
    bus, _ = await server.two()
    listener = await server.heard_by(bus)
    echo = await server.heard_by(server.bus() if server.url else bus)
    for message in ("a", "b"):
        await bus.publish("s", progress(message))
        await messages(echo, 1)
    await bus.publish("s", progress("c"))
    assert await messages(listener, 3) == ["a", "b", "c"]


async def test_a_listener_that_never_reads_holds_nobody_and_keeps_the_newest(server: Server) -> None:
    here, there = await server.two()
    slow, quick = await server.heard_by(there), await server.heard_by(there)
    for number in range(3000):
        await here.publish("s", progress(str(number)))
        if number % 100 == 0:
            await messages(quick, 1)
    while (await messages(quick, 1)) != ["2999"]:
        pass
    kept = await messages(slow, 1000)
    assert int(kept[-1]) > 2900


async def test_who_listens_from_now_on_hears_nothing_older(server: Server) -> None:
    here, there = await server.two()
    early = await server.heard_by(there)
    await here.publish("s", progress("old"))
    assert await messages(early, 1) == ["old"]
    late = await server.heard_by(there)
    await here.publish("s", progress("new"))
    assert await messages(late, 1) == ["new"]


async def test_closing_ends_a_listener_and_then_the_bus(server: Server) -> None:
    bus = server.bus()
    left, stayed = bus.listen("s"), bus.listen("s")
    waiting = asyncio.ensure_future(_rest(left))
    await left.aclose()
    assert not [heard for heard in await waiting if not isinstance(heard, Hint)]
    await bus.publish("s", progress("one"))
    await bus.aclose()
    rest = await _rest(stayed)
    assert [heard.payload.message for heard in rest if isinstance(heard, ProgressUpdateEvent)] == ["one"]


async def _rest(listener: AsyncIterator[Heard]) -> list[Heard]:
    return [heard async for heard in listener]


async def test_a_dropped_listener_leaves_nothing_behind() -> None:
    bus = MemoryEventBus()
    listener = bus.listen("s")
    assert bus.listens("s")
    del listener
    gc.collect()
    assert not bus.listens("s")


async def test_what_is_too_large_to_travel_becomes_a_hint_and_transient_ones_are_lost(shared: Server) -> None:
    here, there = await shared.two()
    near, far = await shared.heard_by(here), await shared.heard_by(there)
    large = "ü" * MAX_BYTES
    for event in (durable(7, large), progress(large), durable(8, "small")):
        await here.publish("s", event)
    assert await messages(near, 3) == [large, large, "small"]
    assert await anext(far) == Hint("s", 7)
    assert await messages(far, 1) == ["small"]


@pytest.mark.parametrize("letter", ["x", "ü", "\\", "\x00", "🙂"])
def test_no_message_reaches_the_limit_of_postgres(letter: str) -> None:
    sizes = []
    for count in range(800, 7200, 7):
        event: ServerEvent = durable(2**31, letter * count)
        sizes.append(len((encode("x" * 36, "ü" * 64, event) or "").encode()))
    assert max(sizes) < MAX_BYTES
    assert min(sizes) < 600


async def test_an_event_of_a_newer_version_becomes_a_hint(shared: Server) -> None:
    here, there = await shared.two()
    far = await shared.heard_by(there)
    unknown = durable(9).model_copy(update={"type": "not_yet_known"})
    await here.publish("s", unknown)
    assert await anext(far) == Hint("s", 9)


async def test_processes_hear_each_other(shared: Server) -> None:
    bus = shared.bus()
    listener = await shared.heard_by(bus)
    variable = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}[shared.kind]
    environment = {**os.environ, variable: shared.url, "ADMINT_EVENT_BUS": shared.kind}
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OTHER_PROCESS), cwd=BACKEND, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"ready\n"
    await bus.publish("s", durable(1, "grüße"))
    assert (await other.stdout.readline()).decode() == "heard grüße\n"
    found = [await anext(listener) for _ in range(4)]
    assert [heard.seq for heard in found] == [1, 2, 3, 4]
    assert [isinstance(heard, Hint) for heard in found] == [False, False, True, False]
    assert await other.wait() == 0


async def test_after_a_restart_of_the_server_it_works_again_and_says_that_something_may_be_lost(
    shared: Server, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = await shared.two()
    near, far = await shared.heard_by(here), await shared.heard_by(there)
    await here.publish("s", durable(1, "before"))
    assert await messages(far, 1) == ["before"]
    assert shared.away is not None
    with caplog.at_level(logging.WARNING, "app.events"), shared.away():
        await asyncio.sleep(0)
        for number in range(2000):
            await here.publish("s", progress(str(number)))
        assert await messages(near, 100)
        await asyncio.sleep(0.5)
    said = [record.message for record in caplog.records if "can't be" in record.message]
    assert sorted(said) == ["events can't be sent to other processes", *["other processes can't be heard"] * 2]
    while await anext(far) != Hint("s"):
        pass
    await here.publish("s", progress("after"))
    while await messages(far, 1) != ["after"]:
        pass


async def test_a_server_that_is_not_there_costs_a_publisher_nothing() -> None:
    nowhere: list[EventBus] = [
        PostgresEventBus("postgresql://nobody@127.0.0.1:1/none"),
        RedisEventBus("redis://127.0.0.1:1/0"),
    ]
    for bus in nowhere:
        listener = bus.listen("s")
        await bus.publish("s", HeartbeatEvent(timestamp=NOW))
        assert await anext(listener) == HeartbeatEvent(timestamp=NOW)
        await bus.aclose()


def test_the_setting_names_the_bus() -> None:
    postgres, redis = "postgresql://localhost/admint", "redis://localhost/0"
    chosen: list[tuple[Settings, type]] = [
        (Settings(_env_file=None), MemoryEventBus),
        (Settings(_env_file=None, redis_url=redis), MemoryEventBus),
        (Settings(_env_file=None, database_url_override=postgres), PostgresEventBus),
        (Settings(_env_file=None, database_url_override=postgres, event_bus="memory"), MemoryEventBus),
        (Settings(_env_file=None, redis_url=redis, event_bus="redis"), RedisEventBus),
    ]
    for settings, kind in chosen:
        assert type(build_bus(settings)) is kind
    with pytest.raises(ConfigError, match="SQLite"):
        build_bus(Settings(_env_file=None, event_bus="postgres"))
    with pytest.raises(ConfigError, match="REDIS_URL is not set"):
        build_bus(Settings(_env_file=None, event_bus="redis"))
    with pytest.raises(ConfigError, match="REDIS_URL is not an address"):
        build_bus(Settings(_env_file=None, event_bus="redis", redis_url="http://nowhere"))
