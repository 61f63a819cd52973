"""Several processes on one Postgres: slots, limits over all of them, a worker that dies and comes back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.container import open_container
from app.core.errors import AdMintError, ConfigError, Conflict, NotFound
from app.core.settings import Settings
from app.db.repositories import generations
from app.db.session import create_engine, upgrade_database
from app.durable.dbos_client import DbosClientEngine
from app.durable.dbos_engine import DbosEngine
from app.durable.options import EngineOptions
from app.durable.places import Places
from app.durable.slots import take_slot
from app.schemas.unified_pipeline import GenerationRequest
from tests.fixtures.executors import CLIPS, LIMIT, Executor, bodies, queues
from tests.fixtures.tiny_ad import PROMPT, TINY

Clips = list[tuple[str, int, int]]


@contextmanager
def executors() -> Iterator[list[Executor]]:
    """A list whose processes are ended with the test."""
    started: list[Executor] = []
    try:
        yield started
    finally:
        for each in started:
            each.end(signal.SIGKILL)


@asynccontextmanager
async def client(url: str) -> AsyncIterator[DbosClientEngine]:
    engine = DbosClientEngine(EngineOptions(url, "", 0.05, queues()))
    await engine.launch({}, None)
    try:
        yield engine
    finally:
        await engine.shutdown()


def clips_of(folder: Path) -> Clips:
    """(word, clip, pid) as logged, oldest first."""
    log = folder / "clips.log"
    lines = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
    return [(word, int(clip), int(pid)) for _, word, clip, pid in lines]


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if fact():
                return
            await asyncio.sleep(0.05)


def peak_of(log: Clips) -> int:
    running = peak = 0
    for word, _, _ in log:
        running += 1 if word == "begin" else -1
        peak = max(peak, running)
    return peak


def ended(log: Clips) -> list[int]:
    return sorted(clip for word, clip, _ in log if word == "end")


async def test_a_limit_over_all_workers_is_never_exceeded(postgres_url: str, tmp_path: Path) -> None:
    with executors() as workers:
        workers += [Executor("clips", postgres_url, str(tmp_path), "1") for _ in range(3)]  # one clip each at a time
        names = [await asyncio.to_thread(worker.ready) for worker in workers]
        assert sorted(names) == ["worker-0", "worker-1", "worker-2"]
        async with client(postgres_url) as api:
            await api.enqueue("ad", "w", "sessions", {"id": "w"})
            await api.enqueue("ad", "w", "sessions", {"id": "w"})
            assert await api.wait("w") == [f"clip-{n}" for n in range(CLIPS)]
            assert await api.state("w") == "SUCCESS"
            assert sorted(await api.runs("w")) == ["w", *(f"w:clip:{n}" for n in range(CLIPS))]
        assert [worker.end() for worker in workers] == [0, 0, 0]
    log = clips_of(tmp_path)
    assert ended(log) == list(range(CLIPS))
    assert peak_of(log) == LIMIT
    assert len({pid for _, _, pid in log}) >= 2


async def test_a_killed_worker_comes_back_under_its_slot_and_finishes_once(postgres_url: str, tmp_path: Path) -> None:
    with executors() as workers:
        workers.append(Executor("clips", postgres_url, str(tmp_path), ADMINT_EXECUTOR_ID="worker-a"))
        assert await asyncio.to_thread(workers[0].ready) == "worker-a"
        async with client(postgres_url) as api:
            await api.enqueue("ad", "w", "sessions", {"id": "w"})
            await until(lambda: len(ended(clips_of(tmp_path))) >= LIMIT)
            workers[0].end(signal.SIGKILL)
            before = clips_of(tmp_path)
            assert await api.state("w") == "PENDING"
            workers += [Executor("clips", postgres_url, str(tmp_path), ADMINT_EXECUTOR_ID=f"worker-{n}") for n in "ab"]
            assert await asyncio.to_thread(workers[1].ready) == "worker-a"
            assert await api.wait("w") == [f"clip-{n}" for n in range(CLIPS)]
    after = ended(clips_of(tmp_path))
    again = [clip for clip in set(after) if after.count(clip) > 1]
    assert sorted(set(after)) == list(range(CLIPS))
    assert len(again) <= LIMIT, "only a clip whose record the kill prevented may be filmed again"
    assert len(ended(before)) >= LIMIT


def test_a_name_that_is_taken_is_refused_and_free_again_after_a_kill(postgres_url: str, tmp_path: Path) -> None:
    upgrade_database(postgres_url)
    env = {"DATABASE_URL": postgres_url, "ADMINT_EXECUTOR_ID": "studio", "ADMINT_HOME": str(tmp_path)}
    with executors() as processes:
        processes.append(Executor("hold", "worker", **env))
        assert processes[0].ready() == "studio"
        processes.append(Executor("hold", "server", **env))
        refusal = processes[1].ready()
        assert refusal.startswith("conflict: ADMINT_EXECUTOR_ID is 'studio'")
        assert processes[1].process.wait(timeout=30) == Conflict.exit_code
        processes[0].end(signal.SIGKILL)
        processes.append(Executor("hold", "server", **env))
        assert processes[2].ready() == "studio"
        assert processes[2].end() == 0


def test_slots_are_numbered_by_role_and_given_back(postgres_url: str) -> None:
    first, second, run = (take_slot(postgres_url, role) for role in ("worker", "worker", "run"))
    assert [slot.name for slot in (first, second, run)] == ["worker-0", "worker-1", "run-0"]
    first.release()
    again = take_slot(postgres_url, "worker")
    assert again.name == "worker-0"
    for slot in (again, second, run):
        slot.release()


@pytest.mark.parametrize("kind", ["api", "worker"])
async def test_sqlite_has_one_process(tmp_path: Path, kind: Any) -> None:
    with pytest.raises(ConfigError, match="needs Postgres") as caught:
        async with open_container(Settings(home=tmp_path), kind):
            pass
    assert "admint serve" in caught.value.hint


def _cut_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory'"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


async def test_a_slot_whose_connection_was_cut_is_taken_back(postgres_url: str) -> None:
    slot = take_slot(postgres_url, "worker")
    lost: list[AdMintError] = []
    guard = asyncio.create_task(slot.guard(lost.append, check_s=0.05))
    _cut_connections(postgres_url)
    async with asyncio.timeout(20):
        while True:  # while it is cut the name is free for a moment, so look for the holder, not for the name
            await asyncio.sleep(0.2)
            if await asyncio.to_thread(_is_held, postgres_url):
                break
    assert not guard.done()
    assert lost == []
    guard.cancel()
    slot.release()


def _is_held(url: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchone()
    return row == (1,)


async def test_an_executor_that_lost_its_slot_to_another_stops_working(postgres_url: str, tmp_path: Path) -> None:
    database = create_engine(postgres_url)
    slot = take_slot(postgres_url, "worker")
    engine = DbosEngine(EngineOptions(postgres_url, slot.name, 0.05, queues()), database, slot)
    await engine.launch(bodies(engine, tmp_path), None)
    for ad in ("u", "v", "w", "x", "y"):  # more than it can film before it notices
        await engine.enqueue("ad", ad, "sessions", {"id": ad})
    waiting = [asyncio.create_task(engine.wait(ad)) for ad in ("u", "v", "w", "x", "y")]
    await until(lambda: bool(clips_of(tmp_path)))
    async with asyncio.timeout(30):
        _cut_connections(postgres_url)
        thief = await asyncio.to_thread(take_slot, postgres_url, "worker", slot.name)
        assert isinstance(await engine.broken(), Conflict)
        refusals = await asyncio.gather(*waiting, return_exceptions=True)
    assert any("another process took the slot worker-0" in str(each) for each in refusals)
    await engine.shutdown()
    filmed = clips_of(tmp_path)
    await asyncio.sleep(1)
    assert clips_of(tmp_path) == filmed, "nothing goes on unguarded"
    thief.release()
    await database.dispose()


async def test_a_run_beside_a_worker_parks_and_takes_nothing_of_it_and_shares_its_limit(
    postgres_url: str, tmp_path: Path
) -> None:
    with executors() as workers:
        workers.append(Executor("clips", postgres_url, str(tmp_path)))
        assert await asyncio.to_thread(workers[0].ready) == "worker-0"
        database = create_engine(postgres_url)
        async with client(postgres_url) as api:
            await api.enqueue("ad", "theirs", "sessions", {"id": "theirs"})
            await until(lambda: bool(clips_of(tmp_path)))
            slot = await asyncio.to_thread(take_slot, postgres_url, "run")
            run = DbosEngine(EngineOptions(postgres_url, slot.name, 0.05, queues(), private=True), database, slot)
            assert await run.launch(bodies(run, tmp_path), ()) == []
            await run.enqueue("ad", "mine", "sessions", {"id": "mine"})
            clips = [f"clip-{n}" for n in range(CLIPS)]
            assert await asyncio.gather(run.wait("mine"), api.wait("theirs")) == [clips, clips]
            where = {each.workflow_id: each.executor_id for each in api.client.list_workflows()}
        await run.shutdown()
        await asyncio.to_thread(slot.release)
        await database.dispose()
    assert peak_of(clips_of(tmp_path)) == LIMIT
    assert {name for run_id, name in where.items() if run_id.startswith("mine")} == {"run-0"}
    assert {name for run_id, name in where.items() if run_id.startswith("theirs")} == {"worker-0"}


async def test_a_place_is_held_through_a_cut_connection_and_free_after_the_end(postgres_url: str) -> None:
    mine, theirs = Places(postgres_url, 0.05), Places(postgres_url, 0.05)
    async with asyncio.timeout(60):
        async with mine.one("remote", 2):
            await asyncio.to_thread(_cut_connections, postgres_url)
            async with mine.one("remote", 2):  # found the cut, and took the first one back with it
                waiting = asyncio.create_task(_in_and_out(theirs))
                await asyncio.wait([waiting], timeout=0.5)
                assert not waiting.done()
                stopped = asyncio.create_task(_in_and_out(theirs))
                await asyncio.sleep(0)
                stopped.cancel()
        await waiting
        assert (await asyncio.gather(stopped, return_exceptions=True))[0] is not None
        async with mine.one("remote", 1):
            pass
    mine.close()
    theirs.close()


async def _in_and_out(places: Places) -> None:
    async with places.one("remote", 2):
        pass


async def test_what_a_dead_run_left_is_parked_by_the_next_launch(postgres_url: str, tmp_path: Path) -> None:
    database = create_engine(postgres_url)
    for number in (1, 0):  # the first is `run-1`, so that the next launch, `run-0`, finds another's work
        slot = await asyncio.to_thread(take_slot, postgres_url, "run", f"run-{number}")
        run = DbosEngine(EngineOptions(postgres_url, slot.name, 0.05, queues(), private=True), database, slot)
        parked = await run.launch(bodies(run, tmp_path), ("w",))
        if number == 0:
            assert set(parked) >= {"w"}
            assert await run.state("w") == "CANCELLED"
        await run.enqueue("ad", "w", "sessions", {"id": "w"})
        if number == 1:
            await until(lambda: bool(clips_of(tmp_path)))
        else:
            assert await run.wait("w") == [f"clip-{n}" for n in range(CLIPS)]
        await run.shutdown()
        await asyncio.to_thread(slot.release)
    await database.dispose()


async def test_the_api_queues_an_ad_and_a_worker_makes_it(postgres_url: str, tmp_path: Path) -> None:
    upgrade_database(postgres_url)
    settings = Settings(home=tmp_path, database_url_override=postgres_url, queue_poll_s=0.05)
    async with open_container(settings, "api") as api:
        response = await api.orchestrator.generate(GenerationRequest(prompt=PROMPT, config=TINY))
        run = response.generation_id
        await asyncio.sleep(0.5)
        assert await api.engine.state(run) == "ENQUEUED", "an api process executes nothing"
        with executors() as workers:
            workers.append(Executor("hold", "worker", DATABASE_URL=postgres_url, ADMINT_HOME=str(tmp_path)))
            assert await asyncio.to_thread(workers[0].ready) == "worker-0"
            await api.engine.wait(run)
            assert workers[0].end() == 0
        async with api.reads() as session:
            assert (await generations.require(session, run)).status == "completed"


async def test_a_server_goes_on_with_what_a_run_was_interrupted_in(postgres_url: str, tmp_path: Path) -> None:
    upgrade_database(postgres_url)
    settings = Settings(home=tmp_path, database_url_override=postgres_url, queue_poll_s=0.05)
    async with open_container(settings, "run") as first:
        response = await first.orchestrator.generate(GenerationRequest(prompt=PROMPT, config=TINY))
        generation_id = response.generation_id
        async with asyncio.timeout(30):
            state = ""
            while state != "PENDING":
                await asyncio.sleep(0.05)
                state = await first.engine.state(generation_id)
    async with open_container(settings, "server") as server:
        await server.engine.wait(await server.latest_run(generation_id))
        async with server.reads() as session:
            history = await generations.history(session, generation_id)
    assert "interrupted" in {each.substage for each in history}
    assert history[-1].status == "completed"


async def test_a_run_that_nobody_knows_is_not_found(postgres_url: str) -> None:
    async with client(postgres_url) as api:
        with pytest.raises(NotFound):
            await api.state("nothing")
