"""A queue whose places are shared out: over all together, to each user, and what an older AdMint left on it.

The same on SQLite and Postgres; limits over several processes: tests/test_integration/test_slots.py
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.db.session import create_engine
from app.durable.dbos_engine import DbosEngine
from app.durable.options import EngineOptions, QueuePlan

LIMIT = 5


class Studio:
    """Clips on the queue `remote` that last until they are let go; `begun` names them in the order of their start."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.peak = 0
        self._open: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Condition()

    async def clip(self, argument: dict[str, Any]) -> str:
        name: str = argument["name"]
        self._open[name] = asyncio.Event()
        self.begun.append(name)
        self.peak = max(self.peak, len(self._open))
        await self._tell()
        try:
            await self._open[name].wait()
        finally:
            del self._open[name]
            await self._tell()
        return name

    async def let_go(self, name: str) -> None:
        """End a clip, and wait until it has."""
        self._open[name].set()
        await self.until(lambda: name not in self._open)

    async def until(self, fact: Callable[[], bool]) -> None:
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(fact)

    def of(self, user: str) -> list[str]:
        """Return the user's clips that are under way."""
        return [name for name in self._open if name.startswith(user)]

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def working(url: str, folder: Path, studio: Studio, per_user: int | None) -> AsyncIterator[DbosEngine]:
    """An engine whose `remote` has five places; everything that is left there goes on."""
    system = url if url.startswith("postgresql") else f"sqlite:///{folder / 'engine.db'}"
    database = create_engine(url)
    plans = (QueuePlan("sessions"), QueuePlan("remote", overall=LIMIT, per_share=per_user))
    engine = DbosEngine(EngineOptions(system, "test-0", 0.05, plans), database)
    await engine.launch({"clip": studio.clip}, None)
    try:
        yield engine
    finally:
        await engine.shutdown()
        await database.dispose()


async def queue(engine: DbosEngine, user: str, count: int) -> list[str]:
    names = [f"{user}{number}" for number in range(count)]
    for name in names:
        await engine.enqueue("clip", name, "remote", {"name": name}, user)
    return names


async def test_who_is_alone_gets_every_place(database_url: str, tmp_path: Path) -> None:
    studio = Studio()
    async with working(database_url, tmp_path, studio, LIMIT) as engine:
        names = await queue(engine, "a", LIMIT + 1)
        await studio.until(lambda: len(studio.of("a")) == LIMIT)
        await studio.let_go(studio.begun[0])
        await studio.until(lambda: len(studio.begun) == len(names))
        assert studio.peak == LIMIT


async def test_who_floods_the_queue_leaves_places_to_others(database_url: str, tmp_path: Path) -> None:
    studio = Studio()
    async with working(database_url, tmp_path, studio, 3) as engine:
        await queue(engine, "a", 12)
        await studio.until(lambda: len(studio.of("a")) == 3)
        await queue(engine, "b", 3)
        await studio.until(lambda: len(studio.of("b")) == 2)
        assert len(studio.begun) == LIMIT, "nothing of a's had to end before b's began"
        await studio.let_go(studio.begun[0])
        await studio.until(lambda: len(studio.begun) == LIMIT + 1)
        assert studio.peak == LIMIT


async def test_where_one_may_take_all_places_a_free_one_is_drawn_by_lot(database_url: str, tmp_path: Path) -> None:
    studio = Studio()
    async with working(database_url, tmp_path, studio, LIMIT) as engine:
        await queue(engine, "a", 40)
        await studio.until(lambda: len(studio.of("a")) == LIMIT)
        await queue(engine, "b", 1)
        while not any(name.startswith("b") for name in studio.begun):
            assert len(studio.begun) < 40, "b waited for all of a's"  # of 35 draws: one run in 10^10
            count = len(studio.begun)
            await studio.let_go(studio.of("a")[0])
            await studio.until(lambda count=count: len(studio.begun) > count)  # type: ignore[misc]
        assert studio.peak == LIMIT


@pytest.mark.parametrize("state", ["queued", "under way", "parked"])
async def test_what_an_older_admint_left_without_a_share_goes_on(database_url: str, tmp_path: Path, state: str) -> None:
    older, studio = Studio(), Studio()
    async with working(database_url, tmp_path, older, None) as engine:
        names = await queue(engine, "a", LIMIT + 1)
        await older.until(lambda: len(older.of("a")) == LIMIT)
        wanted = {"queued": names[-1], "under way": names[0], "parked": names[0]}[state]
        if state == "parked":
            await engine.cancel(wanted)
        assert not await asyncio.to_thread(_shares, engine)
    async with working(database_url, tmp_path, studio, 2) as engine:
        if state == "parked":
            await engine.enqueue("clip", wanted, "remote", {"name": wanted}, "a")
        while wanted not in studio.begun:
            await studio.until(lambda: bool(studio.of("a")))
            await studio.let_go(studio.of("a")[0])
        assert studio.peak <= 4, "two of nobody's, two of a's"


def _shares(engine: DbosEngine) -> list[str]:
    table = sa.table("workflow_status", sa.column("queue_partition_key"))
    database = engine._outside.database
    table.schema = None if database.dialect.name == "sqlite" else "dbos"
    with database.connect() as connection:
        rows = connection.execute(sa.select(table.c.queue_partition_key)).scalars().all()
    return [row for row in rows if row is not None]
