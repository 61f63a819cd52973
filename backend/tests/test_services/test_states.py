"""The table of what may be done: over every state there can be, nobody is stuck and no door contradicts another."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from app.schemas.unified_pipeline import StageName, Status, Substage
from app.services.unified_pipeline.states import Action, allowed, phase_of

State = tuple[str, str | None, str | None, str | None]
STATES: list[State] = list(
    product(get_args(Status), (None, *get_args(Substage)), (None, *get_args(StageName)), (None, "pause", "cancel"))
)
AT_A_GATE = {"approve", "refine", "regenerate"}
OF_SCENES = {"regenerate_scene"}
FILMED = {"edit_scene", "reorder_scenes", "retry_clip", "upgrade"}


def phase(state: State) -> str:
    return phase_of(state[0], state[1])


def test_the_table_covers_every_state() -> None:
    assert len(STATES) == 7 * 9 * 5 * 3
    assert {phase(state) for state in STATES} == {"queued", "working", "waiting", "stopped", "failed", "completed"}
    for state in STATES:
        may = allowed(*state)
        assert len(set(may)) == len(may)
        assert set(may) <= set(get_args(Action))


def test_something_can_always_be_done_but_while_a_cancel_takes_effect() -> None:
    stuck = [state for state in STATES if not allowed(*state)]
    assert stuck
    assert all(phase(state) in {"queued", "working"} and state[3] == "cancel" for state in stuck)


def test_words_are_for_gates_alone() -> None:
    for state in STATES:
        waits = phase(state) == "waiting"
        assert set(allowed(*state)) >= AT_A_GATE if waits else AT_A_GATE.isdisjoint(allowed(*state))
        rewritable = waits and state[2] == "scenes"
        assert OF_SCENES.isdisjoint(allowed(*state)) is not rewritable


def test_scenes_change_at_their_gate_or_when_they_are_filmed() -> None:
    for state in STATES:
        rests = phase(state) in {"stopped", "failed"}
        at_the_gate = phase(state) == "waiting" and state[2] == "scenes"
        filmed = phase(state) == "completed" or (rests and state[2] == "videos")
        assert ("edit_scene" in allowed(*state)) is (at_the_gate or filmed)
        assert ("retry_clip" in allowed(*state)) is filmed


def test_what_rests_is_resumed_and_what_runs_is_paused_never_both() -> None:
    for state in STATES:
        may, runs = allowed(*state), phase(state) in {"queued", "working"}
        assert ("pause" in may) is (runs and state[3] is None)
        assert ("resume" in may) is (phase(state) in {"stopped", "failed"} or (runs and state[3] == "pause"))


def test_a_cancelled_a_failed_and_a_finished_ad_are_not_cancelled_again() -> None:
    for state in STATES:
        if state[1] == "cancelled" or phase(state) in {"failed", "completed"}:
            assert "cancel" not in allowed(*state)
        elif phase(state) in {"waiting", "stopped"}:
            assert "cancel" in allowed(*state)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (("pending", None), "queued"),
        (("pending", "cancelled"), "stopped"),
        (("story", None), "working"),
        (("videos", "stitching"), "working"),
        (("scenes", "awaiting_approval"), "waiting"),
        (("videos", "paused"), "stopped"),
        (("failed", "needs_retry"), "failed"),
        (("completed", None), "completed"),
    ],
)
def test_phases(state: tuple[str, str | None], expected: str) -> None:
    assert phase_of(*state) == expected


def test_a_finished_ad_offers_exactly_what_makes_another_film() -> None:
    assert set(allowed("completed", None, None)) == FILMED
