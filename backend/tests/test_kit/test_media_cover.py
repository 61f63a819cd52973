"""A film of any shape as frames that fill another: size, rate, and what is cut away."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from app.core.errors import InvalidInput
from app.kit.media.cover import covering_frames
from tests.fixtures.film import bars


@pytest.mark.parametrize(("size", "fps"), [((160, 90), 30), ((90, 160), 30), ((120, 120), 25), ((320, 180), 24)])
def test_frames_fill_the_size_at_the_rate(tmp_path: Path, size: tuple[int, int], fps: int) -> None:
    frames = list(covering_frames(bars(tmp_path / "film.mp4"), size, fps))

    assert {(frame.width, frame.height, frame.format.name) for frame in frames} == {(*size, "yuv420p")}
    assert len(frames) == fps  # the film lasts a second


def test_the_middle_is_kept_and_the_sides_are_cut_away(tmp_path: Path) -> None:
    """The film has a dark left, a grey middle and a bright right third; a square keeps the middle."""
    frame = next(covering_frames(bars(tmp_path / "film.mp4"), (90, 90), 24))

    luma = _luma(frame)
    assert 100 < float(luma[:, 25:65].mean()) < 150
    assert float(luma[:, :8].mean()) < 90
    assert float(luma[:, -8:].mean()) > 160


def _luma(frame: av.VideoFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def test_what_is_no_film_is_told(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"<html>")

    with pytest.raises(InvalidInput, match=r"film\.mp4"):
        next(covering_frames(tmp_path / "film.mp4", (90, 90), 24))
