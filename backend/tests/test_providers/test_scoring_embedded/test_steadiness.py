"""A healthy change goes somewhere, a fault goes back and forth; repeats, cards and cuts are told from calm."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from app.providers.scoring_embedded.motion import GRID, Beat, Motion, Pair
from app.providers.scoring_embedded.steadiness import (
    back_and_forth,
    body,
    find_cuts,
    frozen,
    repeats,
    steadiness,
    trusted,
    wobble,
)

STEP = 0.04
CALM = Pair(0.0, STEP, 3.0, 4.0, 2.0, 0.0, 0.001, 0.0, 0.01, 0.002)


def pairs(count: int, **changes: dict[int, float]) -> list[Pair]:
    """`count` calm steps; `change={3: 0.0}` sets one field of the fourth."""
    made = [replace(CALM, time=(number + 1) * STEP) for number in range(count)]
    for name, values in changes.items():
        for number, value in values.items():
            made[number] = replace(made[number], **{name: value})
    return made


def test_a_fade_is_no_flicker() -> None:
    times = np.arange(50) * STEP
    fade = np.full((50, 1), 0.05)
    there_and_back = fade * np.where(np.arange(50) % 2, 1, -1)[:, None]
    assert back_and_forth(fade, times) == pytest.approx(0, abs=1e-9)
    assert back_and_forth(there_and_back, times) == pytest.approx(0.05 / STEP, rel=0.1)
    assert back_and_forth(fade[:1], times[:1]) == 0


def test_wobble_is_what_returns_not_what_travels() -> None:
    texture = np.full(GRID, 5.0, np.float32)

    def beats(x: list[float]) -> list[Beat]:
        return [Beat(i * 0.12, 0.12, np.full((*GRID, 2), value, np.float32), texture, 0.4) for i, value in enumerate(x)]

    turning = [0.004 * math.cos(i) for i in range(12)]
    assert wobble(beats(turning)) > 10 * wobble(beats([0.004] * 12))
    assert wobble(beats([0.1])) == 0
    assert len(trusted(beats(turning), [0.3])) == 11
    assert trusted([replace(beat, unexplained=0.9) for beat in beats(turning)], []) == []


def test_repeated_pictures_are_counted_only_in_the_middle_of_motion() -> None:
    assert repeats(pairs(40)) == 0
    assert repeats(pairs(40, change=dict.fromkeys(range(5, 35, 5), 0.0))) == pytest.approx(6 / 40)
    slowing = {number: 4.0 * 0.7**number for number in range(40)}
    assert repeats(pairs(40, change=slowing)) == 0


def test_a_gap_in_the_timestamps_is_lost_time() -> None:
    assert repeats(pairs(20, step={4: 10 * STEP})) == pytest.approx(8.5 / 29)


def test_frozen_counts_long_runs_only() -> None:
    assert frozen(pairs(40, change=dict.fromkeys(range(20), 0.0))) == pytest.approx(0.5)
    assert frozen(pairs(40, change=dict.fromkeys(range(5), 0.0))) == 0
    assert frozen([]) == 0


def test_a_cut_stands_out_from_its_neighbours() -> None:
    jump = {"residual": {20: 40.0}, "histogram": {20: 0.1}}
    assert find_cuts(pairs(40, **jump)) == [20]
    assert find_cuts(pairs(40, residual=dict.fromkeys(range(40), 40.0), histogram=dict.fromkeys(range(40), 0.1))) == []


def test_a_still_card_behind_a_cut_is_no_part_of_the_body() -> None:
    still = dict.fromkeys(range(10), 0.0)
    jump = {"residual": {10: 40.0}, "histogram": {10: 0.1}}
    start, end = body(pairs(40, change=still, **jump))
    assert (start, end) == pytest.approx((11 * STEP, 40 * STEP))
    assert body(pairs(40, change=still))[0] == 0
    closing = dict.fromkeys(range(31, 40), 0.0)
    jump = {"residual": {30: 40.0}, "histogram": {30: 0.1}}
    assert body(pairs(40, change=closing, **jump)) == pytest.approx((0, 30 * STEP))


def test_every_signal_is_a_number_even_for_a_clip_without_motion() -> None:
    still = [replace(pair, change=0.0, flicker=0.0, residual=0.0, global_x=0.0, fastest=0.0) for pair in pairs(30)]
    found = steadiness(Motion(pairs=still), [])
    assert all(math.isfinite(value) for value in found.values())
    assert (found["temporal_flickering"], found["frozen"], found["misfit"]) == (1.0, 1.0, 0.0)
