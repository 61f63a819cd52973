"""Loudness and true peak agree with the standard's own reference and with libavfilter's ebur128."""

from __future__ import annotations

import av
import numpy as np
import pytest
from av.filter import Graph

from app.kit.media.loudness import fast_length, integrated_loudness, true_peak
from app.kit.media.sound import RATE, Sound, silence
from tests.fixtures.media import sine


def stereo(mono: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Sound:
    return np.repeat(mono[:, None], 2, axis=1)


def reference_loudness(sound: Sound) -> float:
    """Integrated loudness by libavfilter."""
    graph = Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="stereo", time_base=None)
    meter, sink = graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    value = float("nan")
    frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="flt", layout="stereo")
    frame.sample_rate = RATE
    graph.push(frame)
    graph.push(None)
    while True:
        try:
            value = float(graph.pull().metadata["lavfi.r128.I"])
        except (av.EOFError, av.BlockingIOError):
            return value


@pytest.mark.parametrize("frequency", [60.0, 997.0, 6000.0])
def test_tones_measure_as_libavfilter_says(frequency: float) -> None:
    tone = stereo(sine(frequency, 3 * RATE, level=0.1))
    assert integrated_loudness(tone) == pytest.approx(reference_loudness(tone), abs=0.11)


def test_the_standard_reference_tone() -> None:
    """BS.1770: a full-scale 997 Hz sine in one channel reads -3.01 LUFS; in both, 3 dB more."""
    tone = sine(997, 3 * RATE, level=1.0)
    one = np.stack([tone, np.zeros_like(tone)], axis=1)
    assert integrated_loudness(one) == pytest.approx(-3.01, abs=0.05)
    assert integrated_loudness(stereo(tone)) == pytest.approx(0.0, abs=0.05)


def test_silence_between_does_not_count() -> None:
    tone = stereo(sine(997, 4 * RATE, level=0.1))
    gapped = np.concatenate([tone, silence(4 * RATE)])
    assert integrated_loudness(gapped) == pytest.approx(integrated_loudness(tone), abs=0.3)
    assert integrated_loudness(gapped) == pytest.approx(reference_loudness(gapped), abs=0.11)


def test_silence_has_no_loudness() -> None:
    assert integrated_loudness(silence(RATE)) == float("-inf")
    assert integrated_loudness(silence(100)) == float("-inf")
    assert true_peak(silence(RATE)) == float("-inf")


def test_a_peak_between_samples_is_seen() -> None:
    turn = 2 * np.pi * (np.arange(RATE) / 4) + np.pi / 4
    wave = np.sin(turn).astype(np.float32) * np.hanning(RATE).astype(np.float32)
    assert np.abs(wave).max() == pytest.approx(0.707, abs=0.001)
    assert true_peak(stereo(wave)) == pytest.approx(0.0, abs=0.1)


def test_fast_lengths() -> None:
    assert [fast_length(n) for n in (1, 7, 11, 97, 1_440_001)] == [1, 8, 12, 100, 1_440_000 + 18_000]
