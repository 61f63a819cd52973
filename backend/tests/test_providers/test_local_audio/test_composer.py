"""The bed as a listener gets it: exact length, right loudness, no clicks, accents on cuts, silent last sample."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from app.kit.media.loudness import block_loudness, integrated_loudness, true_peak
from app.kit.media.sound import RATE, Sound
from app.providers.local_audio.composer import compose
from app.schemas.providers import AudioRequest
from app.schemas.story import Tone

CUTS = [3.0, 7.0]


def bed(mood: str = "neutral", **changes: object) -> Sound:
    request = {"duration_s": 10, "cuts": CUTS, "mood": mood, "seed": 4, **changes}
    return compose(AudioRequest.model_validate(request))


@pytest.mark.parametrize("mood", get_args(Tone))
def test_every_mood_is_as_loud_as_agreed_and_never_clips(mood: str) -> None:
    sound = bed(mood)
    assert sound.shape == (10 * RATE, 2)
    assert -18.0 <= integrated_loudness(sound) <= -16.0
    assert true_peak(sound) < -1.0
    assert block_loudness(sound)[:60].min() > -35
    assert abs(float(sound[-1].max())) < 1e-4


@pytest.mark.parametrize("duration", [1.0, 2.5, 6.006, 29.97])
def test_the_length_is_exact(duration: float) -> None:
    assert len(bed(duration_s=duration, cuts=[duration / 2])) == round(duration * RATE)


def click_ratio(sound: Sound) -> float:
    """How far the sharpest bend stands out from the 5 ms before and after it, whichever is livelier."""
    bend = np.abs(np.diff(sound.mean(axis=1), n=2)).astype(np.float64)
    power = np.concatenate([[0.0], np.cumsum(bend**2)])
    places = np.arange(260, len(bend) - 260)
    before = np.sqrt((power[places - 8] - power[places - 248]) / 240)
    after = np.sqrt((power[places + 248] - power[places + 8]) / 240)
    return float((bend[places] / (np.maximum(before, after) + 2e-4)).max())


@pytest.mark.parametrize("mood", ["calm", "bold", "epic", "playful"])
def test_there_are_no_clicks_and_a_planted_one_would_be_found(mood: str) -> None:
    sound = bed(mood)
    assert click_ratio(sound) < 12
    sound[200_000:] += 0.15
    assert click_ratio(sound) > 12


def test_accents_sound_on_the_cuts() -> None:
    """Low energy right after a cut is well above that right before it."""
    low = np.fft.rfft(bed("epic").mean(axis=1))
    low[(70 * 10) :] = 0
    rumble = np.square(np.fft.irfft(low, 10 * RATE))
    for cut in CUTS:
        at = round(cut * RATE)
        assert rumble[at : at + RATE // 4].mean() > 2 * rumble[at - RATE // 4 : at - RATE // 50].mean()


def test_the_ending_rings_out() -> None:
    blocks = block_loudness(bed("warm"))
    assert blocks[-1] < blocks[-12] - 8


def test_the_same_request_gives_the_same_samples() -> None:
    assert np.array_equal(bed(), bed())
    assert not np.array_equal(bed(), bed(seed=5))


def test_left_and_right_differ_but_sum_to_mono_safely() -> None:
    sound = bed("premium")
    sides = float(np.corrcoef(sound[:, 0], sound[:, 1])[0, 1])
    assert 0.2 < sides < 0.999
