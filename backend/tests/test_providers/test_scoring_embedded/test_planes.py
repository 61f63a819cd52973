"""Shrinking averages and never enlarges; a warp undoes the shift that its flow tells."""

from __future__ import annotations

import numpy as np
import pytest

from app.providers.scoring_embedded.planes import gradient, shrink, warp


def test_shrinking_averages_and_leaves_small_pictures_alone() -> None:
    checks = np.indices((90, 640)).sum(axis=0).astype(np.uint8) % 2 * 200
    assert shrink(checks, 320).shape == (45, 320)
    assert set(np.unique(shrink(checks, 320))) == {100}
    assert shrink(checks[:, :100], 320).shape == (90, 100)
    assert shrink(np.dstack([checks] * 3), 320).shape == (45, 320, 3)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_a_warp_undoes_a_shift(channels: tuple[int, ...]) -> None:
    first = np.random.default_rng(1).integers(0, 255, (40, 60, *channels), np.uint8)
    second = np.roll(first, 2, axis=1)
    flow = np.dstack([np.full((40, 60), 2.0), np.zeros((40, 60))]).astype(np.float32)
    assert (warp(second, flow)[:, :58] == first[:, :58]).all()


def test_a_slope_is_measured_in_grey_levels_a_pixel() -> None:
    ramp = np.tile(np.arange(0, 120, 3, np.uint8), (20, 1))
    assert gradient(ramp)[5, 5:30] == pytest.approx(3)
