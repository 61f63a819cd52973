"""A session's state: the database is the truth, the cache a copy that is never served late."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import NotFound
from app.db.models import Generation, Session
from app.db.repositories import events, generations, sessions, users
from app.db.session import read_factory, session_factory
from app.kit.ids import new_id
from app.ports.cache import Cache
from app.schemas.api import GenerationSnapshot, SessionSnapshot
from app.schemas.events import ErrorRaised, GenerationStarted
from app.services.session.session_storage import SessionStorage
from app.storage.cache_memory import MemoryCache
from app.storage.cache_redis import RedisCache
from tests.fixtures.db import SESSION_ID, add_generation
from tests.fixtures.valkey import Valkey

OWNER = users.LOCAL_USER_ID
KEY = f"session:{SESSION_ID}"
BACKEND = Path(__file__).parents[2]


class Builder:
    """Makes snapshots from the rows and counts."""

    def __init__(self) -> None:
        self.built = 0
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def __call__(self, session: AsyncSession, session_id: str, user_id: str) -> SessionSnapshot:
        self.built += 1
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        row = await sessions.require(session, session_id, user_id=user_id)
        rows = await generations.in_session(session, session_id, user_id=user_id)
        return SessionSnapshot(
            session_id=session_id,
            last_seq=row.seq,
            generations=[_view(each) for each in rows],
            conversation=[events.to_wire(each) for each in await events.since(session, session_id, 0, 500)],
            created_at=row.created_at,
            last_seen=row.last_seen,
        )


def _view(row: Generation) -> GenerationSnapshot:
    fields = ("id", "session_id", "group_id", "title", "prompt", "status", "substage", "current_stage", "framework")
    more = ("story_quality_score", "overall_quality_score", "favourite", "version", "story_text", "final_video_url")
    values = {name: getattr(row, name) for name in (*fields, *more, "created_at", "updated_at", "completed_at")}
    return GenerationSnapshot(**values, tags=row.tags or [], has_video=row.final_video_url is not None)


async def sign(snapshot: SessionSnapshot) -> SessionSnapshot:
    signed = [
        each.model_copy(update={"final_video_url": f"signed:{each.final_video_url}"}) for each in snapshot.generations
    ]
    return snapshot.model_copy(update={"generations": signed})


@dataclass
class World:
    """A database with one session, and stores on it as of different processes."""

    engine: AsyncEngine
    generation_id: str
    build: Builder = field(default_factory=Builder)

    def store(self, cache: Cache, pause_s: float = 0.01) -> SessionStorage:
        return SessionStorage(read_factory(self.engine), cache, self.build, sign, pause_s=pause_s)

    async def tell(self, message: str) -> None:
        """Commit a change of the generation and its event."""
        async with session_factory(self.engine).begin() as session:
            await events.append_event(
                session, SESSION_ID, self.generation_id, "error", ErrorRaised(code="test", message=message)
            )
            row = await generations.lock(session, self.generation_id)
            row.story_text = message


@pytest.fixture
async def world(db_engine: AsyncEngine) -> World:
    async with session_factory(db_engine).begin() as session:
        await users.ensure_local_user(session)
        generation_id = await add_generation(
            session, current_stage="story", story_text="Rain runs off.", final_video_url="generations/g/final.mp4"
        )
        started = GenerationStarted(prompt="A thermos for hikers", interactive=True)
        await events.append_event(session, SESSION_ID, generation_id, "generation_started", started)
    return World(db_engine, generation_id)


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    found: Cache = MemoryCache() if request.param == "memory" else RedisCache(request.getfixturevalue("valkey_url"))
    yield found
    await found.aclose()


@pytest.mark.ac("AC-5.5")
async def test_the_state_holds_stage_outputs_conversation_and_time(world: World, cache: Cache) -> None:
    store = world.store(cache)
    await world.tell("Filming waits.")
    built, kept = [await store.load(SESSION_ID, OWNER) for _ in range(2)]
    assert world.build.built == 1
    assert kept == built
    (generation,) = kept.generations
    assert (generation.current_stage, generation.story_text) == ("story", "Filming waits.")
    assert generation.final_video_url == "signed:generations/g/final.mp4"
    assert [(event.type, event.seq) for event in kept.conversation] == [("generation_started", 1), ("error", 2)]
    assert kept.last_seq == 2
    assert datetime.now(UTC) - kept.last_seen < timedelta(minutes=5)
    assert kept.created_at <= kept.last_seen


@pytest.mark.ac("AC-5.5")
async def test_every_change_is_copied_in_the_background_and_a_burst_once(world: World, cache: Cache) -> None:
    store = world.store(cache, pause_s=60)
    for number in range(5):
        await world.tell(str(number))
        store.changed(SESSION_ID)
    assert await cache.get(KEY) is None
    assert world.build.built == 0
    await store.aclose()
    assert b"signed:" not in (await cache.get(KEY) or b"signed:")
    assert world.build.built == 1
    assert (await world.store(cache).load(SESSION_ID, OWNER)).generations[0].story_text == "4"
    assert world.build.built == 1


async def test_a_change_while_copying_is_copied_again(world: World) -> None:
    cache = MemoryCache()
    store = world.store(cache)
    world.build.meanwhile = lambda: _called(store.changed, SESSION_ID)
    store.changed(SESSION_ID)
    await store.aclose()
    assert world.build.built == 2


async def _called(call: Callable[[str], None], argument: str) -> None:
    call(argument)


@pytest.mark.ac("AC-5.6")
@pytest.mark.parametrize(("hours", "rebuilt"), [(23.9, 0), (24.1, 1)])
async def test_who_returns_within_24_hours_finds_it_as_it_was(world: World, hours: float, rebuilt: int) -> None:
    seconds = 0.0
    cache = MemoryCache(now=lambda: seconds)
    left = await world.store(cache).load(SESSION_ID, OWNER)
    seconds = hours * 3600
    assert await world.store(cache).load(SESSION_ID, OWNER) == left
    assert world.build.built == 1 + rebuilt


@pytest.mark.parametrize("change", ["event", "title", "favourite", "deleted", "all deleted", "new generation"])
async def test_an_old_copy_is_never_served(world: World, cache: Cache, change: str) -> None:
    store = world.store(cache)
    before = await store.load(SESSION_ID, OWNER)
    async with session_factory(world.engine).begin() as session:
        if change == "event":
            await events.append_event(session, SESSION_ID, None, "error", ErrorRaised(code="x", message="y"))
        elif change == "deleted":
            await generations.soft_delete(session, world.generation_id, user_id=OWNER)
        elif change == "all deleted":
            await generations.soft_delete_all(session, user_id=OWNER)
        elif change == "new generation":
            await add_generation(session, "Another")
        else:
            values = {"title": "New", "favourite": True}
            await generations.edit(session, world.generation_id, {change: values[change]}, user_id=OWNER)
    after = await store.load(SESSION_ID, OWNER)
    assert after.model_dump(exclude={"last_seen"}) != before.model_dump(exclude={"last_seen"})
    assert world.build.built == 2


async def test_a_change_during_the_build_is_in_the_next_answer(world: World) -> None:
    store = world.store(MemoryCache())
    world.build.meanwhile = lambda: world.tell("meanwhile")
    first = await store.load(SESSION_ID, OWNER)
    second = await store.load(SESSION_ID, OWNER)
    assert first.last_seq in (1, 2)
    assert (second.last_seq, second.generations[0].story_text) == (2, "meanwhile")


async def test_seeing_a_session_is_told_without_building_it_anew(world: World, cache: Cache) -> None:
    store = world.store(cache)
    before = await store.load(SESSION_ID, OWNER)
    async with session_factory(world.engine).begin() as session:
        later = before.last_seen + timedelta(hours=3)
        await session.execute(update(Session).where(Session.id == SESSION_ID).values(last_seen=later))
    assert (await store.load(SESSION_ID, OWNER)).last_seen == later
    assert world.build.built == 1


async def test_only_the_owner_loads_it(world: World, cache: Cache) -> None:
    store = world.store(cache)
    await store.load(SESSION_ID, OWNER)
    for session_id, user_id in ((SESSION_ID, new_id()), ("session_none", OWNER)):
        with pytest.raises(NotFound, match=session_id):
            await store.load(session_id, user_id)


@pytest.mark.parametrize("spoil", [lambda kept: b"nonsense", lambda kept: kept[:-9], lambda kept: b"[1]\n{}"])
async def test_a_spoilt_copy_is_passed_over(world: World, cache: Cache, spoil: Callable[[bytes], bytes]) -> None:
    store = world.store(cache)
    right = await store.load(SESSION_ID, OWNER)
    await cache.set(KEY, spoil(await cache.get(KEY) or b""), timedelta(hours=1))
    assert await store.load(SESSION_ID, OWNER) == right
    assert world.build.built == 2


@pytest.mark.ac("AC-5.5")
async def test_without_valkey_loads_stay_right_and_commits_go_on(world: World, mortal_valkey: Valkey) -> None:
    cache = RedisCache(mortal_valkey.url)
    store = world.store(cache)
    for step in ("with", "killed", "without", "again"):
        if step == "killed":
            mortal_valkey.kill()
        elif step == "again":
            mortal_valkey.start()
        await world.tell(step)
        store.changed(SESSION_ID)
        found = await store.load(SESSION_ID, OWNER)
        assert found.generations[0].story_text == step
    await store.aclose()
    await cache.aclose()


async def test_a_refresh_that_fails_is_said_and_harms_nobody(
    world: World, db_session: AsyncSession, caplog: pytest.LogCaptureFixture
) -> None:
    store = world.store(MemoryCache())
    with caplog.at_level(logging.WARNING, "app.services"):
        store.changed("session_gone")
        await store.aclose()
    assert [record.message for record in caplog.records] == ["a session's snapshot was not kept"]
    store.changed(SESSION_ID)
    assert (await store.load(SESSION_ID, OWNER)).last_seq == 1


OTHER_PROCESS = """
import asyncio, sys
from app.db.repositories import events
from app.db.session import create_engine, session_factory
from app.schemas.events import ErrorRaised

async def main():
    engine = create_engine(sys.argv[1])
    async with session_factory(engine).begin() as session:
        await events.append_event(session, sys.argv[2], None, "error", ErrorRaised(code="x", message="elsewhere"))
    await engine.dispose()

asyncio.run(main())
"""


async def test_processes_see_each_others_changes(world: World, valkey_url: str) -> None:
    caches = [RedisCache(valkey_url) for _ in range(2)]
    here, there = map(world.store, caches)
    await here.load(SESSION_ID, OWNER)
    await there.load(SESSION_ID, OWNER)
    assert world.build.built == 1
    url = world.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", OTHER_PROCESS, url, SESSION_ID]
    await (await asyncio.create_subprocess_exec(*command, cwd=BACKEND)).wait()
    for store in (here, there):
        found = await store.load(SESSION_ID, OWNER)
        assert [event.payload.message for event in found.conversation[1:]] == ["elsewhere"]
    assert world.build.built == 2
    for cache in caches:
        await cache.aclose()
