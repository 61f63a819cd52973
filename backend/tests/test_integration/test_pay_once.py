"""kill -9 on a real process that buys from the fake vendors over real HTTP: what was paid is what was wanted, or said.

A representative set; bench/pay_once walks the whole table.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from app.db.session import upgrade_database
from tests.fixtures.fakes import Fakes, rule
from tests.fixtures.paid_ad import IMPATIENT, run_paid, start_process

ROWS = "SELECT state, actual_micro_usd FROM provider_calls ORDER BY call_key"


def ledger(home: Path, url: str | None = None) -> list[tuple[str, Decimal | None]]:
    """(state, cost) of every paid call."""
    if url is None:
        with sqlite3.connect(home / "admint.db") as database:
            rows = database.execute(ROWS).fetchall()
    else:
        with psycopg.connect(url) as connection:
            rows = connection.execute(ROWS).fetchall()
    return [(state, None if cost is None else Decimal(cost) / 10**6) for state, cost in rows]


def states(home: Path) -> list[str]:
    """Return the states of every paid call, sorted."""
    return sorted(state for state, _ in ledger(home))


def wait_until(holds: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("crash", ["create:after", "download:before"])
def test_a_killed_purchase_goes_on_with_the_same_job(tmp_path: Path, fakes: Fakes, crash: str) -> None:
    killed = run_paid(fakes, tmp_path, "start", PAID_CRASH=crash)
    assert killed.killed, killed.stderr
    resumed = run_paid(fakes, tmp_path, "resume", killed.generation_id)
    assert resumed.code == 0, resumed.stderr
    assert len(fakes.log().paid) == 2
    assert ledger(tmp_path) == [("DONE", Decimal("0.4"))] * 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_while_the_vendor_answers_on_postgres_the_job_is_found_again(
    tmp_path: Path, fakes: Fakes, postgres_url: str
) -> None:
    """The vendor has accepted and says nothing; the process dies; the list then shows the job."""
    upgrade_database(postgres_url)
    fakes.script(rule("accepted_hang", nth=1))
    process = start_process(fakes, tmp_path, "start", DATABASE_URL=postgres_url)
    assert process.stdout is not None
    generation_id = process.stdout.readline().strip()
    wait_until(lambda: fakes.log().created == 2)  # an order that never arrived would rightly be asked about
    process.kill()
    process.communicate()
    resumed = run_paid(fakes, tmp_path, "resume", generation_id, DATABASE_URL=postgres_url)
    assert resumed.code == 0, resumed.stderr
    assert len(fakes.log().paid) == 2
    assert ledger(tmp_path, postgres_url) == [("DONE", Decimal("0.4"))] * 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_after_an_order_that_no_list_shows_nobody_orders_again(tmp_path: Path, fakes: Fakes) -> None:
    fakes.script(rule("accepted_hang", nth=1), "list_empty")
    process = start_process(fakes, tmp_path, "start", **IMPATIENT)
    assert process.stdout is not None
    generation_id = process.stdout.readline().strip()
    wait_until(lambda: fakes.log().created == 2 and {"SUBMITTED", "DONE"} & set(states(tmp_path)))
    process.kill()
    process.communicate()
    resumed = run_paid(fakes, tmp_path, "resume", generation_id, **IMPATIENT)
    assert resumed.code == 1, resumed.stderr
    assert len(fakes.log().paid) == 2, "the lost one and its neighbour"
    assert states(tmp_path) == ["DONE", "UNKNOWN"]
