"""Sound is read, placed, mixed and written without clicks or drift."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from app.core.errors import InvalidInput
from app.kit.media import sound
from tests.fixtures.media import ClipSpec, sine, write_clip


def stereo(mono: np.ndarray[tuple[int], np.dtype[np.float32]]) -> sound.Sound:
    return np.repeat(mono[:, None], 2, axis=1)


def test_any_rate_and_layout_is_read_as_48k_stereo(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", ClipSpec(frames=20, tone=441, sample_rate=44_100, layout="mono"))
    heard, start = sound.read_sound(path)
    assert heard.shape[1] == 2
    assert abs(len(heard) - 2 * sound.RATE) < 2200
    assert start == pytest.approx(0, abs=0.001)
    spectrum = np.abs(np.fft.rfft(heard[: sound.RATE, 0]))
    assert int(np.argmax(spectrum)) == pytest.approx(441, abs=1)


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no sound"):
        sound.read_sound(write_clip(tmp_path / "a.mp4", ClipSpec()))


def test_wav_round_trip_is_exact_to_the_dither(tmp_path: Path) -> None:
    tone = stereo(sine(440, 4800))
    sound.write_wav(tmp_path / "a.wav", tone)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth(), file.getnframes()) == (
            48_000,
            2,
            2,
            4800,
        )
    heard, _ = sound.read_sound(tmp_path / "a.wav")
    assert np.abs(heard - tone).max() < 2.5 / 32768


def test_placing_keeps_the_length_and_fades_the_edges() -> None:
    tone = stereo(np.ones(48_000, np.float32))
    late = sound.placed(tone, 0.5, 48_000)
    assert len(late) == 48_000
    assert late[:24_000].max() == 0
    assert late[24_000].max() == 0
    assert late[24_000 + 400].max() == pytest.approx(1, abs=0.01)
    assert late[-1].max() == pytest.approx(0, abs=1e-6)
    early = sound.placed(stereo(np.arange(48_000, dtype=np.float32)), -0.25, 48_000)
    assert early[1000, 0] == 13_000
    assert early[36_000:].max() == 0


def test_the_bed_ducks_under_clip_sound_only() -> None:
    bed = stereo(sine(100, 3 * 48_000, level=0.2))
    piece = stereo(sine(1000, 48_000, level=0.2))
    total = sound.mixed(bed, [(48_000, piece)])
    spectrum = np.abs(np.fft.rfft(total[60_000:84_000, 0])) / 12_000
    assert spectrum[50] == pytest.approx(0.1, abs=0.01)
    assert spectrum[500] == pytest.approx(0.2, abs=0.01)
    assert np.array_equal(total[:40_000], bed[:40_000])
    assert np.array_equal(sound.mixed(bed, [(48_000, sound.silence(48_000))]), bed)


def test_a_loud_mix_is_turned_down_below_the_ceiling() -> None:
    loud = stereo(sine(100, 48_000, level=0.9))
    assert np.abs(sound.mixed(loud, [(0, loud)])).max() <= 10 ** (-1.5 / 20) + 1e-6
