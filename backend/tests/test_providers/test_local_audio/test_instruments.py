"""Instruments begin and end without clicks, in tune."""

from __future__ import annotations

import numpy as np
import pytest

from app.kit.media.sound import RATE
from app.providers.local_audio import instruments


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_notes_start_and_end_at_zero() -> None:
    sounds = [
        instruments.pluck(72, 0.5, 0.5),
        instruments.bass(40, 0.5, 0.4),
        instruments.kick(0.4),
        instruments.snare(0.4, rng()),
        instruments.noise_hit(0.09, 4500, 9000, 0.02, rng()),
        *instruments.accent((60, 64, 67)),
    ]
    for sound in sounds:
        assert sound.dtype == np.float32
        assert abs(float(sound[0])) < 0.01
        assert abs(float(sound[-1])) < 0.01


@pytest.mark.parametrize("note", [57, 69, 81])
def test_a_pluck_is_in_tune(note: int) -> None:
    sound = instruments.pluck(note, 0.2, 1.0)
    spectrum = np.abs(np.fft.rfft(sound, 4 * RATE))
    assert int(np.argmax(spectrum)) / 4 == pytest.approx(instruments.hertz(note), rel=0.01)


def test_a_pad_loops_without_a_seam() -> None:
    loop = instruments.pad_loop((48, 60, 64, 67), 0.4, 0.8, rng())
    steps = np.abs(np.diff(loop, axis=0))
    assert np.abs(loop[0] - loop[-1]).max() <= steps.max()
    assert np.abs(loop).max() == pytest.approx(1.0, abs=1e-3)
    assert not np.allclose(loop[:, 0], loop[:, 1])


def test_a_rise_grows_towards_its_end() -> None:
    sound = instruments.rise(0.9, rng())
    quarters = [float(np.square(part).mean()) for part in np.array_split(sound, 4)]
    assert quarters == sorted(quarters)
