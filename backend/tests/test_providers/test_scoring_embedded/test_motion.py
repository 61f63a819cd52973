"""What changes between pictures is measured as it was made: shifts, light, bends, and VBench's own flicker."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.providers.scoring_embedded.frames import Picture, Plane
from app.providers.scoring_embedded.motion import GRID, SMALL, Beat, MotionMeter, mean_error, without_camera

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


def test_a_zoom_and_a_roll_are_told_from_a_shift() -> None:
    def turned(angle: float, scale: float) -> Plane:
        matrix = cv2.getRotationMatrix2D((160, 90), angle, scale)
        return np.asarray(cv2.warpAffine(scene(), matrix, (320, 180), borderMode=cv2.BORDER_REFLECT), np.uint8)

    zoomed, rolled, shifted = (
        metered([scene(), each]).motion.pairs[0] for each in (turned(0, 1.02), turned(1, 1), scene(2))
    )
    assert zoomed.zoom == pytest.approx(0.02 / 4, rel=0.2)
    assert abs(rolled.roll) == pytest.approx(np.deg2rad(1) / 4, rel=0.2)
    assert max(abs(zoomed.roll), abs(rolled.zoom), abs(shifted.zoom), abs(shifted.roll)) < 0.0006


def test_colour_is_told_from_light() -> None:
    def tint(gains: tuple[float, float, float]) -> tuple[float, float]:
        meter = MotionMeter()
        for number, gain in enumerate(((1.0, 1.0, 1.0), gains)):
            bgr = np.repeat(scene()[..., None], 3, axis=2) * np.array(gain)
            meter.add(Picture(number * 0.2, scene(), bgr.clip(0, 255).astype(np.uint8)))
        return meter.motion.beats[0].tint

    assert tint((0.9, 1.0, 1.1)) == pytest.approx((np.log(1.1), np.log(0.9)), abs=0.015)
    assert tint((0.8, 0.8, 0.8)) == pytest.approx((0, 0), abs=0.015)


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


def test_what_reaches_out_of_a_stretch_is_no_part_of_it() -> None:
    motion = metered([scene(number) for number in range(40)]).motion
    inside = motion.between(0.41, 1.2)
    for each in (*inside.beats, *inside.misfits, *inside.fades):
        assert each.time - (each.step if isinstance(each, Beat) else each.span) >= 0.4
    assert all(len(part) for part in (inside.pairs, inside.beats, inside.misfits, inside.fades))
    assert len(inside.beats) < len(motion.beats)
