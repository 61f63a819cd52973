"""A healthy change goes somewhere, a fault goes back and forth; repeats, cards and cuts are told from calm."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from app.providers.scoring_embedded.fading import Fade
from app.providers.scoring_embedded.motion import GRID, Beat, Motion, Pair
from app.providers.scoring_embedded.steadiness import (
    DRIFT_S,
    back_and_forth,
    body,
    colour_drift,
    dissolve,
    find_cuts,
    frozen,
    pops,
    repeats,
    steadiness,
    trusted,
    wobble,
)

STEP = 0.04
CALM = Pair(
    time=0.0,
    step=STEP,
    flicker=3.0,
    change=4.0,
    residual=2.0,
    gain=0.0,
    global_x=0.001,
    global_y=0.0,
    zoom=0.0,
    roll=0.0,
    fastest=0.01,
    histogram=0.002,
    cells=np.full(GRID, 2.0, np.float32),
)
TEXTURE = np.full(GRID, 5.0, np.float32)


def beat(number: int, x: float = 0.0, tint: tuple[float, float] = (0.0, 0.0)) -> Beat:
    return Beat(number * 0.12, 0.12, np.full((*GRID, 2), x, np.float32), TEXTURE, 0.4, tint)


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
    turning = [beat(number, 0.004 * math.cos(number)) for number in range(12)]
    assert wobble(turning) > 10 * wobble([beat(number, 0.004) for number in range(12)])
    assert wobble([beat(0, 0.1)]) == 0
    assert trusted(turning) == turning
    assert trusted([replace(each, unexplained=0.9) for each in turning]) == []


def test_a_camera_that_breathes_or_rolls_shakes_and_one_that_zooms_in_does_not() -> None:
    there_and_back = {number: 0.004 * (-1) ** number for number in range(40)}
    shaking = [steadiness(Motion(pairs(40, **{way: there_and_back})), [])["camera_shake"] for way in ("zoom", "roll")]
    onward = steadiness(Motion(pairs(40, zoom=dict.fromkeys(range(40), 0.004))), [])["camera_shake"]
    assert min(shaking) > 0.05 > 0.001 > onward


def test_colour_that_goes_somewhere_is_drift_and_colour_that_stays_is_none() -> None:
    turning = [beat(number, tint=(0.02, -0.01)) for number in range(20)]
    assert colour_drift(turning, []) == pytest.approx(20 * 0.0005**0.5)
    assert colour_drift(turning, [10 * 0.12]) == pytest.approx(10 * 0.0005**0.5)
    assert colour_drift([beat(number) for number in range(20)], []) == colour_drift([], []) == 0


def test_a_long_shot_may_turn_with_the_sun() -> None:
    slow = [beat(number, tint=(0.001, 0.0)) for number in range(600)]
    assert colour_drift(slow, []) == pytest.approx(0.001 * round(DRIFT_S / 0.12))


def test_nothing_is_compared_across_a_cut() -> None:
    jump = beat(10, tint=(1.0, -1.0))
    motion = Motion(pairs(40), beats=[beat(9), jump, beat(11)])
    cut = next(index for index, pair in enumerate(motion.pairs) if pair.time > jump.time - 0.05)
    assert steadiness(motion, [])["colour_drift"] > 1
    assert steadiness(motion, [cut])["colour_drift"] == 0


def test_the_half_that_dissolves_most_counts_and_a_cut_is_no_dissolve() -> None:
    fades = [Fade(number * 0.12, 0.48, share) for number, share in enumerate([0, 0, 0, 0, 0.2, 0.3])]
    assert dissolve(fades, []) == pytest.approx(0.5 / 3)
    assert dissolve(fades, [0.4]) == 0
    assert dissolve([], []) == 0


def test_what_appears_at_once_pops_and_what_moves_on_does_not() -> None:
    calm, jump = CALM.cells, CALM.cells.copy()
    jump[2, 3:6] = 60
    once = [replace(pair, cells=jump if number == 20 else calm) for number, pair in enumerate(pairs(40))]
    moving = [replace(pair, cells=jump) for pair in pairs(40)]
    assert pops(once) == pytest.approx(3 / 96 / (40 * STEP))
    assert pops(moving) == pops(pairs(2)) == 0


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
