"""Scores beside the real pipeline: they land by themselves, once, through kills and restarts, in nobody's way."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import scripted_scorer
from tests.fixtures.executors import Executor
from tests.fixtures.pipeline import OpenPipeline
from tests.fixtures.scoring import Script, all_scored, filmed_ad, rows_of, scores_sent, view_of
from tests.fixtures.server import OpenServer

MADE = ("video_complete", "generation_complete")


@pytest.mark.timeout(300)
@pytest.mark.ac("AC-4.3", "AC-4.4", "AC-4.5", "AC-4.6", "AC-4.8")
async def test_what_the_pipeline_makes_is_scored_unless_it_is_told_not_to(
    open_pipeline: OpenPipeline, scripted: Script
) -> None:
    scripted()
    async with open_pipeline() as pipeline:
        started = await pipeline.start()
        await pipeline.finish(started.generation_id)
        await all_scored(pipeline.container, started.generation_id)
        events = await pipeline.events(started.session_id)
        told = [event.payload for event in events if event.type == "vbench_score"]
        assert sorted((score.clip_id or 9, score.overall_score) for score in told) == [(1, 91.0), (2, 74.0), (9, 82.5)]
        assert told[-1].clip_id is None, "the film's score comes last"
        assert [e.payload.scoring for e in events if e.type in MADE] == [True, True, True]
        view = await view_of(pipeline.container, started.generation_id)
        assert sorted(view.scores, key=str) == sorted(told, key=str)
        rows = await rows_of(pipeline.container, started.generation_id)
        assert rows[0].dimensions is not None
        assert rows[0].dimensions["measured"].keys() >= {"sharpness", "static"}
        quiet = await pipeline.start(vbench_enabled=False)
        await pipeline.finish(quiet.generation_id)
        events = await pipeline.events(quiet.session_id)
        assert [e.payload.scoring for e in events if e.type in MADE] == [False, False, False]
        assert await pipeline.container.engine.runs(f"{quiet.generation_id}:score:") == []
        view = await view_of(pipeline.container, quiet.generation_id)
        assert (view.status, view.scores, view.scoring) == ("completed", [], [])


async def test_what_an_earlier_process_left_unscored_is_scored_by_the_next_server(
    open_pipeline: OpenPipeline, open_server: OpenServer, scripted: Script, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    scripted(hang=[1], log=str(log))
    async with open_pipeline() as pipeline:
        generation_id, session_id = await filmed_ad(pipeline.container)
        await pipeline.container.scoring.go_on()
        await until(lambda: log.exists())
    scripted()
    async with open_pipeline() as pipeline:  # another run: parks what it was not asked for
        assert await pipeline.container.scoring.depth() == (0, 0)
        assert (await view_of(pipeline.container, generation_id)).scoring == [1, 2, None]
    async with open_server() as served:
        await all_scored(served.container, generation_id)
        sent = await scores_sent(served.container, session_id)
        assert [each.overall_score for each in sent] == [91.0, 74.0, 82.5]


async def test_a_killed_server_scores_on_after_its_restart_and_says_each_score_once(
    open_pipeline: OpenPipeline, tmp_path: Path
) -> None:
    async with open_pipeline() as pipeline:
        await filmed_ad(pipeline.container)
    home = tmp_path / "home"
    for point in ("score.clip.1.measure:unrecorded", "score.clip.2.save:unrecorded"):
        killed = scoring_server(home, ADMINT_CRASH_AT=point)
        assert killed.process.wait(timeout=60) == -signal.SIGKILL
        killed.end()
    again = scoring_server(home)
    try:
        await until(lambda: len(told(home)) >= 3)
    finally:
        again.end()
    assert told(home) == [("1", 91.0), ("2", 74.0), ("null", 82.5)]
    with sqlite3.connect(home / "admint.db") as database:
        (overall,) = database.execute("SELECT overall_quality_score FROM generations").fetchone()
        (rows,) = database.execute("SELECT count(*) FROM quality_metrics WHERE overall_score IS NOT NULL").fetchone()
    assert (overall, rows) == (82.5, 3)


def scoring_server(home: Path, **environment: str) -> Executor:
    """Start a server's container in a process of its own, with the scripted scorer."""
    more = {"ADMINT_HOME": str(home), "ADMINT_SCORER": "embedded", scripted_scorer.SCRIPT: "{}"}
    return Executor("hold", "server", through=("tests.fixtures.scripted_scorer",), **more, **environment)


def told(home: Path) -> list[tuple[str, float]]:
    """Return the scores the log holds, oldest first: scene and number."""
    with sqlite3.connect(home / "admint.db") as database:
        return database.execute(
            "SELECT coalesce(json_extract(payload, '$.clip_id'), 'null') || '',"
            " json_extract(payload, '$.overall_score') FROM session_events WHERE type = 'vbench_score' ORDER BY seq"
        ).fetchall()


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while True:
            if holds():
                return
            await asyncio.sleep(0.1)
