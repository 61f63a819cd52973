"""The next run of a generation: which one it is, where it stands, and what it is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import NotFound
from app.db.repositories import generations
from app.db.session import read_factory, session_factory
from app.db.types import utcnow
from app.kit.ids import new_id
from app.services.unified_pipeline.runs import Runs, roots, run_id
from tests.fixtures.db import add_generation

GATE = {"stage": "story", "draft_digest": "d", "quote": None}


class Queue:
    """An engine that notes what is queued; `known` is the state of every run, null when there is none."""

    def __init__(self, known: str | None = None) -> None:
        self.known = known
        self.queued: list[tuple[str, dict[str, Any]]] = []

    async def enqueue(
        self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any], share: str = ""
    ) -> None:
        assert (workflow, queue) == ("ad", "sessions")
        self.queued.append((workflow_id, argument))

    async def state(self, workflow_id: str) -> str:
        if self.known is None:
            raise NotFound("There is no such run.")
        return self.known


class Bus:
    """Nobody listens."""

    async def publish(self, session_id: str, event: Any) -> None:
        assert event.seq is not None


async def go_on(
    engine: AsyncEngine, known: str | None, columns: dict[str, Any], **more: Any
) -> tuple[Any, Queue, list[dict[str, Any]]]:
    """Go on with a generation that has these columns; return its row, the queue and what was queued."""
    async with session_factory(engine).begin() as session:
        generation_id = await add_generation(session, **columns)
    queue = Queue(known)
    services = SimpleNamespace(bus=Bus(), clock=SimpleNamespace(now=utcnow), reads=read_factory(engine))
    runs = Runs(session_factory(engine), cast("Any", queue), cast("Any", services))
    run = await runs.go_on(generation_id, **more)
    async with session_factory(engine)() as session:
        row = await generations.lock(session, generation_id)
        session.expunge(row)
    assert [each for each, _ in queue.queued] == [run] == [await runs.latest(generation_id)]
    assert (row.substage, row.control) == ("interrupted", None)
    return row, queue, [argument for _, argument in queue.queued]


@pytest.mark.parametrize(
    ("columns", "known", "run"),
    [
        ({"status": "pending"}, None, 1),
        ({"status": "pending", "substage": "cancelled", "control": "cancel"}, "ERROR", 2),
        ({"status": "story", "substage": "interrupted"}, "CANCELLED", 1),
        ({"status": "story", "substage": "interrupted"}, None, 1),
        ({"status": "story", "substage": "interrupted"}, "ERROR", 2),
        ({"status": "videos", "substage": "paused", "control": "pause"}, "ERROR", 2),
        ({"status": "failed", "substage": "needs_retry"}, "ERROR", 2),
    ],
)
async def test_a_run_that_can_go_on_does_and_one_that_ended_has_a_next(
    db_engine: AsyncEngine, columns: dict[str, Any], known: str | None, run: int
) -> None:
    row, _, [argument] = await go_on(db_engine, known, columns)
    assert (row.run, argument) == (run, {"generation_id": row.id, "run": run})


@pytest.mark.parametrize(
    ("columns", "more", "expected"),
    [
        ({"status": "failed"}, {}, ("pending", None)),
        ({"status": "failed", "current_stage": "reference_images"}, {}, ("references", "reference_images")),
        ({"status": "scenes", "substage": "paused", "current_stage": "scenes"}, {}, ("scenes", "scenes")),
        ({"status": "completed"}, {"more": {"start_at": "videos"}}, ("videos", "videos")),
    ],
)
async def test_it_stands_at_the_stage_it_goes_on_with(
    db_engine: AsyncEngine, columns: dict[str, Any], more: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    row, _, _ = await go_on(db_engine, "SUCCESS", columns, **more)
    assert (row.status, row.current_stage) == expected


async def test_a_next_run_opens_its_own_gate_and_the_same_one_keeps_it(db_engine: AsyncEngine) -> None:
    left = {"status": "story", "substage": "interrupted", "current_stage": "story", "gate": GATE}
    assert (await go_on(db_engine, "CANCELLED", left))[0].gate == GATE
    assert (await go_on(db_engine, "CANCELLED", left, fresh=True))[0].gate is None


async def test_what_a_run_was_told_is_kept_while_it_goes_on(db_engine: AsyncEngine) -> None:
    told = {"start_at": "videos", "only": [2]}
    left = {"status": "videos", "substage": "interrupted", "run": 3, "run_args": told}
    row, _, [argument] = await go_on(db_engine, "CANCELLED", left)
    assert argument == {"generation_id": row.id, "run": 3, **told}


def test_ids_of_runs_and_what_they_are_runs_of() -> None:
    one, two = new_id(), new_id()
    assert (run_id(one, 1), run_id(one, 12)) == (one, f"{one}:r12")
    assert roots([one, f"{two}:r2", f"{one}:clip:1:t1", f"{one}:reference:2"]) == [one, two]
