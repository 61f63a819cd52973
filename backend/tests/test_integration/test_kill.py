"""SIGKILL at every crash point. After each, the ad goes on from the last finished step and comes out right, once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.kit.media.facts import probe
from tests.fixtures.tiny_ad import BACKEND, run_process


def steps_of(home: Path) -> list[str]:
    """The recorded steps of every workflow, in the order they finished; each is a crash point."""
    with sqlite3.connect(home / "engine.db") as database:
        rows = database.execute(
            "SELECT function_name FROM operation_outputs WHERE function_name NOT LIKE 'DBOS.%'"
            " ORDER BY completed_at_epoch_ms"
        )
        return [row[0] for row in rows]


def final_of(home: Path, generation_id: str) -> Path:
    finals = list((home / "media" / "generations" / generation_id).glob("final-*.mp4"))
    assert len(finals) == 1, finals
    return finals[0]


def clips_of(home: Path) -> dict[str, tuple[int, int]]:
    """Every stored clip with what changes when it is written again."""
    found = {}
    for path in home.glob("media/generations/*/clips/*.mp4"):
        stat = path.stat()
        found[path.name] = (stat.st_ino, stat.st_mtime_ns)
    return found


def assert_right(home: Path, generation_id: str) -> None:
    facts = probe(final_of(home, generation_id))
    assert facts.video is not None
    assert facts.audio is not None
    assert (facts.video.width, facts.video.height, facts.video.frames) == (320, 180, 20)
    with sqlite3.connect(home / "admint.db") as database:
        assert database.execute("SELECT status FROM generations").fetchall() == [("completed",)]
        numbers = [row[0] for row in database.execute("SELECT seq FROM session_events ORDER BY seq")]
        assert numbers == list(range(1, len(numbers) + 1))
        completions = database.execute("SELECT count(*) FROM session_events WHERE type = 'generation_complete'")
        assert completions.fetchone() == (1,)


@pytest.fixture(scope="module")
def crash_points(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    home = tmp_path_factory.mktemp("clean")
    done = run_process(home, "start")
    assert done.code == 0, done.stderr
    assert_right(home, done.generation_id)
    return steps_of(home)


def test_every_stage_has_crash_points(crash_points: list[str]) -> None:
    kinds = {name.split(".")[0] for name in crash_points}
    assert {
        "run",
        "story",
        "reference",
        "references",
        "scene",
        "scenes",
        "storyboard",
        "clip",
        "stitch",
        "final",
    } <= kinds
    assert len(crash_points) == len(set(crash_points)) > 30


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("point", ["before", "unrecorded"])
def test_one_ad_survives_a_kill_at_every_step_in_turn(tmp_path: Path, crash_points: list[str], point: str) -> None:
    """The same ad is killed at each step, one after the other, and still comes out right and only once.

    Killed after a step's record is killed before the next step, so two points cover all three.
    """
    ended = run_process(tmp_path, "start", crash_at=f"{crash_points[0]}:{point}")
    assert ended.killed, ended.stderr
    generation_id = ended.generation_id
    finished: dict[str, tuple[int, int]] = {}
    for name in crash_points[1:]:
        ended = run_process(tmp_path, "resume", generation_id, crash_at=f"{name}:{point}")
        assert ended.killed or ended.code == 0, f"{name}: {ended.stderr}"
        now = clips_of(tmp_path)
        assert all(now[clip] == stamp for clip, stamp in finished.items()), f"a finished clip was made again at {name}"
        finished = now
        if ended.code == 0:
            break
    if ended.code != 0:
        ended = run_process(tmp_path, "resume", generation_id)
        assert ended.code == 0, ended.stderr
    assert_right(tmp_path, generation_id)
    assert clips_of(tmp_path).items() >= finished.items()


def test_nothing_of_a_killed_run_lives_on(tmp_path: Path) -> None:
    environment = {**os.environ, "ADMINT_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fixtures.tiny_ad", "start"],
        cwd=BACKEND,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    deadline = time.monotonic() + 60
    while len(group_of(process.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(group_of(process.pid)) >= 2, "no worker was ever started"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 2
    while group_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert group_of(process.pid) == []


def group_of(pgid: int) -> list[int]:
    """Pids of the processes of a group, zombies left out."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == pgid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_a_second_run_never_starts_the_first_ones_work(tmp_path: Path, crash_points: list[str]) -> None:
    first = run_process(tmp_path, "start", crash_at="references.save:before")
    assert first.killed, first.stderr
    second = run_process(tmp_path, "start")
    assert second.code == 0, second.stderr
    with sqlite3.connect(tmp_path / "admint.db") as database:
        rows = dict(database.execute("SELECT id, status || '/' || coalesce(substage, '') FROM generations"))
    assert rows[first.generation_id.replace("-", "")] == "references/interrupted"
    assert rows[second.generation_id.replace("-", "")] == "completed/"
    assert not (tmp_path / "media" / "generations" / first.generation_id / "clips").exists()
    resumed = run_process(tmp_path, "resume", first.generation_id)
    assert resumed.code == 0, resumed.stderr


def test_two_processes_take_turns(tmp_path: Path) -> None:
    async def both() -> list[int]:
        runs = (asyncio.to_thread(run_process, tmp_path, "start") for _ in range(2))
        return [ended.code for ended in await asyncio.gather(*runs)]

    assert asyncio.run(both()) == [0, 0]
