"""A picture that dissolves into another is told from one that moves, fades, cuts or stands still."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.providers.scoring_embedded.fading import Fade, FadeMeter
from app.providers.scoring_embedded.frames import Plane

STEP = 0.12


def scene(seed: int, shift: float = 0.0) -> Plane:
    """A soft texture of 320 x 180, another one for each seed, moved right by `shift` pixels."""
    grain = np.random.default_rng(seed).normal(0, 1, (180, 420)).astype(np.float32)
    soft = cv2.GaussianBlur(grain, (0, 0), 6)
    matrix = np.array([[1, 0, shift - 50], [0, 1, 0]], np.float32)
    moved = np.asarray(cv2.warpAffine(soft / soft.std(), matrix, (320, 180)))
    return np.clip(120 + 40 * moved, 16, 235).astype(np.uint8)


def shares(planes: list[Plane]) -> list[float]:
    meter = FadeMeter()
    found = [meter.add(number * STEP, plane) for number, plane in enumerate(planes)]
    assert found[:4] == [None] * 4
    return [fade.share for fade in found if fade is not None]


def test_a_morph_fades_and_the_span_is_told() -> None:
    blend = [np.asarray(cv2.addWeighted(scene(1), 1 - k / 8, scene(2), k / 8, 0), np.uint8) for k in range(9)]
    assert min(shares(blend)) > 0.15
    meter = FadeMeter()
    fades = [meter.add(number * STEP, plane) for number, plane in enumerate(blend)]
    assert isinstance(fades[4], Fade)
    assert (fades[4].time, fades[4].span) == pytest.approx((0.48, 0.48))


@pytest.mark.parametrize("what", ["moves", "fades to black", "is cut", "stands still"])
def test_what_is_no_dissolve(what: str) -> None:
    planes = {
        "moves": [scene(1, 3.0 * k) for k in range(9)],
        "fades to black": [np.asarray(16 + (scene(1) - 16.0) * (1 - k / 10), np.uint8) for k in range(9)],
        "is cut": [scene(1)] * 4 + [scene(2)] * 5,
        "stands still": [scene(1)] * 9,
    }[what]
    assert max(shares(planes)) < 0.02
