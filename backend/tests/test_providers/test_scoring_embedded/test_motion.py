"""What changes between pictures is measured as it was made: shifts, light, bends, and VBench's own flicker."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.providers.scoring_embedded.frames import Picture, Plane
from app.providers.scoring_embedded.motion import GRID, SMALL, MotionMeter, mean_error, without_camera

STEP = 0.04


def scene(shift: float = 0.0, light: float = 1.0) -> Plane:
    """A smooth texture of 320 x 180, moved right by `shift` pixels."""
    noise = np.random.default_rng(3).normal(110, 90, (180, 400)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5) * 3 - 220
    matrix = np.array([[1, 0, shift - 40], [0, 1, 0]], np.float32)
    moved = np.asarray(cv2.warpAffine(soft, matrix, (320, 180)))
    return np.clip(16 + (moved.clip(30, 200) - 16) * light, 16, 235).astype(np.uint8)


def metered(planes: list[Plane]) -> MotionMeter:
    meter = MotionMeter()
    for number, plane in enumerate(planes):
        meter.add(Picture(number * STEP, plane, np.repeat(plane[..., None], 3, axis=2)))
    return meter


def test_a_shift_of_the_whole_picture_is_its_camera_motion() -> None:
    pairs = metered([scene(0), scene(2), scene(4)]).motion.pairs
    assert [pair.step for pair in pairs] == pytest.approx([STEP, STEP])
    for pair in pairs:
        assert pair.global_x * SMALL == pytest.approx(2, abs=0.3)
        assert pair.global_y * SMALL == pytest.approx(0, abs=0.2)
        assert abs(pair.gain) < 0.01


def test_light_is_told_from_motion() -> None:
    brighter, moved = (metered([scene(), other]).motion.pairs[0].gain for other in (scene(0, 1.1), scene(3)))
    assert brighter == pytest.approx(np.log(1.1), abs=0.02)
    assert abs(moved) < 0.01


def test_flicker_is_the_mean_absolute_error_at_full_size() -> None:
    first, second = scene(), scene(5)
    exact = np.abs(first.astype(float) - second).mean()
    assert metered([first, second]).motion.pairs[0].flicker == pytest.approx(exact, abs=1e-9)
    assert mean_error(first, first) == 0


def test_the_cameras_part_is_taken_out_and_a_bend_stays() -> None:
    rows, columns = np.mgrid[-1 : 1 : GRID[0] * 1j, -1 : 1 : GRID[1] * 1j]
    zoom = np.dstack([0.01 * columns + 0.004, 0.01 * rows - 0.002]).astype(np.float32)
    texture = np.full(GRID, 5.0, np.float32)
    assert np.abs(without_camera(zoom, texture)).max() < 1e-4
    bend = np.dstack([0.01 * np.sin(6 * rows), np.zeros(GRID)]).astype(np.float32)
    assert np.abs(without_camera(zoom + bend, texture)).max() > 0.004


def test_nothing_is_measured_across_a_gap() -> None:
    meter = metered([scene(), scene(1)])
    meter.skip()
    meter.add(Picture(1.0, scene(40), np.zeros((180, 320, 3), np.uint8)))
    assert len(meter.motion.pairs) == 1
    assert len(meter.motion.between(0.0, 1.0).pairs) == 1
    assert meter.motion.between(0.5, 1.0).pairs == []
