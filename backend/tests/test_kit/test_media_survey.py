"""The survey tells moving from still, black from dark, and sound from silence, at any size."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from app.core.errors import InvalidInput, MediaError
from app.kit.media.survey import levels, runs, survey
from tests.fixtures.media import ClipSpec, moving, plain, sine, still, write_clip


@pytest.mark.parametrize(("size", "rate"), [((320, 180), Fraction(10)), ((640, 360), Fraction(30))])
def test_moving_and_still_are_told_apart(tmp_path: Path, size: tuple[int, int], rate: Fraction) -> None:
    spec = ClipSpec(size=size, rate=rate, frames=int(3 * rate))
    move = survey(write_clip(tmp_path / "m.mp4", spec, moving(size)))
    hold = survey(write_clip(tmp_path / "s.mp4", spec, still(size)))
    assert len(move.times) == len(hold.times) == 30
    assert min(move.drift[2:]) > 0.1
    assert max(hold.drift) < 0.001
    assert move.duration == pytest.approx(3.0)


def test_a_slow_zoom_counts_as_moving(tmp_path: Path) -> None:
    """Two percent in three seconds: hardly anything from look to look, plain against one second before."""
    size = (320, 180)
    base = moving(size)(0)

    def zoomed(number: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
        factor = 1 + 0.02 * number / 30
        rows = ((np.arange(180) - 90) / factor + 90).round().astype(int).clip(0, 179)
        columns = ((np.arange(320) - 160) / factor + 160).round().astype(int).clip(0, 319)
        return base[rows][:, columns]

    found = survey(write_clip(tmp_path / "z.mp4", ClipSpec(size=size, frames=30), zoomed))
    assert np.median(found.drift) > 0.01


def test_a_cut_is_not_motion(tmp_path: Path) -> None:
    size = (320, 180)
    first, second = still(size, 1), still(size, 2)
    path = write_clip(tmp_path / "c.mp4", ClipSpec(size=size, frames=30), lambda n: (first if n < 15 else second)(n))
    found = survey(path)
    assert max(found.moved) > 0.5
    assert max(found.drift) < 0.001


def test_black_is_seen_and_dark_text_is_not_black(tmp_path: Path) -> None:
    size = (320, 180)
    dark = plain(size, 8)(0).copy()
    dark[80:100, 60:260] = 230
    assert min(survey(write_clip(tmp_path / "b.mp4", ClipSpec(size=size), plain(size, 2))).black) == 1
    assert max(survey(write_clip(tmp_path / "d.mp4", ClipSpec(size=size), lambda _: dark)).black) < 0.97


def test_sound_is_measured(tmp_path: Path) -> None:
    loud = survey(write_clip(tmp_path / "a.mp4", ClipSpec(tone=440)))
    none = survey(write_clip(tmp_path / "b.mp4", ClipSpec()))
    assert loud.loudness == pytest.approx(-12, abs=1.5)
    assert loud.sound_duration == pytest.approx(2.0, abs=0.03)
    assert (none.loudness, none.levels) == (None, [])


def test_levels_are_rms_per_window() -> None:
    tone = np.repeat(sine(1000, 4800, level=1.0)[:, None], 2, axis=1)
    assert levels(np.concatenate([tone, np.zeros_like(tone)])) == pytest.approx([-3.01, -3.01, -120, -120], abs=0.05)


def test_runs() -> None:
    assert runs([True, False, False, True, True]) == [(0, 1), (3, 5)]
    assert runs([]) == []


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing" * 99)
    with pytest.raises(InvalidInput):
        survey(tmp_path / "a.mp4")


def test_damage_inside_the_film_is_an_error_not_a_guess(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", ClipSpec(frames=30, options={"preset": "veryfast", "crf": "10"}))
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + 3000
    data[at : at + 600] = bytes(600)
    path.write_bytes(bytes(data))
    with pytest.raises(MediaError, match="can't be decoded"):
        survey(path)
