"""The Durable and Engine ports over DBOS: each rule of docs/explanation/durable-engine.md has its test here."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dbos._datasource import AsyncSQLAlchemyDatasource
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Interrupted, MediaError
from app.db.session import create_engine
from app.durable.dbos_engine import DbosEngine, EngineOptions, QueuePlan
from app.kit.worker import run_job

QUEUES = (QueuePlan("sessions"), QueuePlan("media", per_worker=2))
Bodies = Callable[[DbosEngine], dict[str, Callable[[dict[str, Any]], Awaitable[Any]]]]


@asynccontextmanager
async def running(
    folder: Path, bodies: Bodies, keep: list[str] | None = None, drop: tuple[str, ...] = ()
) -> AsyncIterator[tuple[DbosEngine, list[str]]]:
    database = create_engine(f"sqlite+aiosqlite:///{folder / 'app.db'}")
    engine = DbosEngine(EngineOptions(f"sqlite:///{folder / 'engine.db'}", "test-0", 0.05, QUEUES), database)
    parked = await engine.launch(bodies(engine), keep, drop)
    try:
        yield engine, parked
    finally:
        await engine.shutdown()
        await database.dispose()


async def test_a_step_that_finished_is_never_run_again(tmp_path: Path) -> None:
    calls: list[str] = []
    begun = asyncio.Event()

    def bodies(engine: DbosEngine) -> dict[str, Any]:
        async def flow(_: dict[str, Any]) -> list[int]:
            async def one() -> int:
                calls.append("one")
                return 1

            first = await engine.step("one", one)
            begun.set()
            word = await engine.receive("go", 30)
            return [first, word]

        return {"flow": flow}

    async with running(tmp_path, bodies) as (engine, _):
        await engine.enqueue("flow", "w", "sessions", {})
        await begun.wait()
    async with running(tmp_path, bodies, keep=["w"]) as (engine, parked):
        await engine.send("w", "go", 2, "message-1")
        assert await engine.wait("w") == [1, 2]
        assert parked == []
    assert calls == ["one"]


async def test_rows_and_step_commit_together_or_not_at_all(tmp_path: Path) -> None:
    def bodies(engine: DbosEngine) -> dict[str, Any]:
        async def flow(argument: dict[str, Any]) -> int:
            async def write(session: Any) -> int:
                await session.execute(text("INSERT INTO rows VALUES (1)"))
                if argument["fail"]:
                    raise MediaError("no", hint="again")
                return 7

            return await engine.transact("write", write)

        return {"flow": flow}

    async with running(tmp_path, bodies) as (engine, _):
        async with engine._app_engine.begin() as connection:
            await connection.execute(text("CREATE TABLE rows (n INTEGER)"))
        await engine.enqueue("flow", "bad", "sessions", {"fail": True})
        with pytest.raises(MediaError, match="no"):
            await engine.wait("bad")
        await engine.enqueue("flow", "good", "sessions", {"fail": False})
        assert await engine.wait("good") == 7
        async with engine._app_engine.begin() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM rows")) == 1


async def test_an_error_keeps_its_class_message_and_hint_across_the_engine(tmp_path: Path) -> None:
    def bodies(engine: DbosEngine) -> dict[str, Any]:
        async def flow(_: dict[str, Any]) -> None:
            async def broken() -> None:
                raise MediaError("The clip is broken.", hint="Retry it.")

            await engine.step("broken", broken)

        return {"flow": flow}

    async with running(tmp_path, bodies) as (engine, _):
        await engine.enqueue("flow", "w", "sessions", {})
        with pytest.raises(MediaError) as caught:
            await engine.wait("w")
    assert (caught.value.message, caught.value.hint, caught.value.exit_code) == ("The clip is broken.", "Retry it.", 6)


async def test_a_message_sent_twice_arrives_once(tmp_path: Path) -> None:
    def bodies(engine: DbosEngine) -> dict[str, Any]:
        async def flow(_: dict[str, Any]) -> list[Any]:
            return [await engine.receive("go", 30), await engine.receive("go", 0.5)]

        return {"flow": flow}

    async with running(tmp_path, bodies) as (engine, _):
        await engine.enqueue("flow", "w", "sessions", {})
        await engine.send("w", "go", "yes", "same-key")
        await engine.send("w", "go", "yes", "same-key")
        assert await engine.wait("w") == ["yes", None]


@pytest.mark.parametrize("told", [{"keep": ["mine"]}, {"drop": ("theirs",)}], ids=["keep", "drop"])
async def test_unfinished_work_nobody_asked_for_is_parked_and_can_be_resumed(
    tmp_path: Path, told: dict[str, Any]
) -> None:
    started: list[str] = []
    waiting: list[str] = []
    both = asyncio.Event()

    def bodies(engine: DbosEngine) -> dict[str, Any]:
        async def flow(argument: dict[str, Any]) -> str:
            async def begin() -> str:
                started.append(argument["name"])
                return argument["name"]

            name = await engine.step("begin", begin)
            waiting.append(name)
            if len(waiting) == 2:
                both.set()
            await engine.receive("go", 30)
            return name

        return {"flow": flow}

    async with running(tmp_path, bodies) as (engine, _):
        for name in ("mine", "theirs"):
            await engine.enqueue("flow", name, "sessions", {"name": name})
        await both.wait()
    async with running(tmp_path, bodies, **told) as (engine, parked):
        assert parked == ["theirs"]
        await engine.send("mine", "go", 1, "m")
        assert await engine.wait("mine") == "mine"
        with pytest.raises(Interrupted, match="resume"):
            await engine.wait("theirs")
        await engine.enqueue("flow", "theirs", "sessions", {"name": "theirs"})
        await engine.send("theirs", "go", 1, "t")
        assert await engine.wait("theirs") == "theirs"
    assert sorted(started) == ["mine", "theirs"]


async def test_work_that_starts_while_the_engine_stops_is_kept_and_never_failed(tmp_path: Path) -> None:
    def bodies(engine: DbosEngine) -> dict[str, Any]:
        async def flow(argument: dict[str, Any]) -> int:
            async def one() -> int:
                return int(argument["n"])

            return await engine.step("one", one)

        return {"flow": flow}

    names = [f"w{n}" for n in range(40)]
    async with running(tmp_path, bodies) as (engine, _):
        for n, name in enumerate(names):
            await engine.enqueue("flow", name, "sessions", {"n": n})
    async with running(tmp_path, bodies) as (engine, _):
        assert await asyncio.gather(*(engine.wait(name) for name in names)) == list(range(40))


async def test_shutdown_waits_for_what_the_engine_tidies_up_after_a_body(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, calls = asyncio.Event(), list[str]()
    tidy = AsyncSQLAlchemyDatasource._delete_checkpoints_if_owner

    async def slow(source: AsyncSQLAlchemyDatasource, *arguments: str) -> bool:
        calls.append("begun")
        begun.set()
        try:
            await asyncio.sleep(1)
            return await tidy(source, *arguments)
        finally:
            calls.append("over")

    def bodies(engine: DbosEngine) -> dict[str, Any]:
        async def flow(_: dict[str, Any]) -> int:
            async def one(session: AsyncSession) -> int:
                return int((await session.execute(text("SELECT 1"))).scalar_one())

            return await engine.transact("one", one)

        return {"flow": flow}

    monkeypatch.setattr(AsyncSQLAlchemyDatasource, "_delete_checkpoints_if_owner", slow)
    async with running(tmp_path, bodies) as (engine, _):
        await engine.enqueue("flow", "w", "sessions", {})
        await begun.wait()
        await engine.shutdown()
        assert calls == ["begun", "over"]
    async with running(tmp_path, bodies) as (engine, _):
        assert await engine.wait("w") == 1


async def test_a_cancelled_run_stops_at_once_with_its_child_process(tmp_path: Path) -> None:
    begun = asyncio.Event()
    stopped: list[str] = []
    children: list[asyncio.subprocess.Process] = []

    def bodies(engine: DbosEngine) -> dict[str, Any]:
        async def flow(_: dict[str, Any]) -> None:
            async def render() -> None:
                job = asyncio.create_task(run_job("tests.test_contracts.test_durable:render_for_ever", {}))
                await asyncio.sleep(0)
                begun.set()
                try:
                    await job
                finally:
                    stopped.append("render")

            await engine.step("render", render)

        return {"flow": flow}

    start = asyncio.create_subprocess_exec

    async def remembered(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        children.append(await start(*arguments, **options))
        return children[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "create_subprocess_exec", remembered)
        async with running(tmp_path, bodies) as (engine, _):
            await engine.enqueue("flow", "w", "sessions", {})
            await begun.wait()
            await until(lambda: bool(children))
            await engine.cancel("w")
            assert stopped == ["render"]
            assert children[0].returncode == -signal.SIGKILL
            assert await engine.state("w") == "CANCELLED"
            with pytest.raises(Interrupted):
                await engine.wait("w")


def render_for_ever(_payload: dict[str, Any], _report: Any) -> dict[str, Any]:
    """A job of kit.worker that only a kill ends."""
    time.sleep(600)
    return {}


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if fact():
                return
            await asyncio.sleep(0.02)


def _crash_bodies(engine: DbosEngine, folder: Path, hold: bool) -> dict[str, Any]:
    """Six children two at a time; child 0 finishes first. With `hold`, child 3 kills the process."""

    async def child(argument: dict[str, Any]) -> str:
        async def film() -> str:
            number = argument["n"]
            with (folder / "filmed.log").open("a") as log:
                log.write(f"{number}\n")
            await asyncio.sleep(0.05 + 0.02 * ((number * 3) % 5))
            if hold and number == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            return f"clip-{number}"

        return await engine.step("film", film)

    async def parent(_: dict[str, Any]) -> list[str]:
        gate = asyncio.Semaphore(2)

        async def one(number: int) -> str:
            async with gate:
                return str(await engine.run_child("child", f"w:clip:{number}", "media", {"n": number}))

        return list(await asyncio.gather(*(one(number) for number in range(6))))

    return {"parent": parent, "child": child}


def _run_until_killed(folder: str) -> None:
    async def main() -> None:
        async with running(Path(folder), lambda e: _crash_bodies(e, Path(folder), hold=True)) as (engine, _):
            await engine.enqueue("parent", "w", "sessions", {})
            await engine.wait("w")

    asyncio.run(main())


async def test_gathered_children_keep_their_own_results_after_a_crash(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_run_until_killed, args=(str(tmp_path),))
    process.start()
    await asyncio.to_thread(process.join, 60)
    assert process.exitcode == -signal.SIGKILL
    before = (tmp_path / "filmed.log").read_text().split()
    async with running(tmp_path, lambda e: _crash_bodies(e, tmp_path, hold=False), keep=["w"]) as (engine, _):
        assert await engine.wait("w") == [f"clip-{number}" for number in range(6)]
    after = (tmp_path / "filmed.log").read_text().split()
    finished_before = set(before) - {"3"}
    again = [number for number in after[len(before) :] if number in finished_before]
    assert len(again) <= 1, f"only what was running beside clip 3 may run again, not {again}"


@pytest.mark.parametrize("point", ["before", "unrecorded", "after"])
def test_the_crash_hook_really_kills_at_the_named_point(tmp_path: Path, point: str) -> None:
    script = f"""
import asyncio, sys
from pathlib import Path
from app.db.session import create_engine
from app.durable.dbos_engine import DbosEngine, EngineOptions, QueuePlan
from app.kit.worker import run_job
async def main():
    d = Path({str(tmp_path)!r})
    e = DbosEngine(EngineOptions(f"sqlite:///{{d/'e.db'}}", "t", 0.05, (QueuePlan("sessions"),), "one:{point}"),
                   create_engine(f"sqlite+aiosqlite:///{{d/'a.db'}}"))
    async def flow(_):
        async def one():
            print("ran", flush=True)
        await e.step("one", one)
        print("recorded", flush=True)
    await e.launch({{"flow": flow}}, None)
    await e.enqueue("flow", "w", "sessions", {{}})
    await e.wait("w")
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == {"before": [], "unrecorded": ["ran"], "after": ["ran"]}[point]
