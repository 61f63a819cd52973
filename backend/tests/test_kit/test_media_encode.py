"""Reshaping brings any clip into a given size, rate and length, with one header for all."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from app.core.errors import InvalidInput
from app.kit.media.encode import Shape, reshape
from app.kit.media.facts import probe
from app.providers.local_video.encode import ClipWriter
from app.providers.local_video.planes import Planes
from tests.fixtures.media import ClipSpec, decoded_frames, write_clip


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001), Fraction(60)])
def test_any_rate_becomes_the_asked_one(tmp_path: Path, rate: Fraction) -> None:
    source = write_clip(tmp_path / "a.mp4", ClipSpec(rate=rate, frames=round(rate)))
    reshape(source, tmp_path / "b.mp4", Shape(160, 90, Fraction(30)), 30)
    video = probe(tmp_path / "b.mp4").video
    assert video is not None
    assert (video.frames, video.rate, video.constant_rate) == (30, Fraction(30), True)


def test_a_short_source_holds_its_last_picture(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", ClipSpec(frames=5))
    reshape(source, tmp_path / "b.mp4", Shape(160, 90, Fraction(10)), 9)
    frames = [picture.astype(int) for _, picture in decoded_frames(tmp_path / "b.mp4")]
    assert len(frames) == 9
    assert np.abs(frames[8] - frames[4]).mean() < 3
    assert np.abs(frames[4] - frames[3]).mean() > 5


def test_a_re_encoded_clip_shares_the_local_renderers_header(tmp_path: Path) -> None:
    """So that one foreign clip among rendered ones costs one re-encode, not all."""
    with ClipWriter(tmp_path / "own.mp4", (160, 90), 10) as writer:
        for _ in range(8):
            writer.write(Planes(np.full((90, 160), 90, np.uint8), np.full((45, 80, 2), 128, np.uint8)))
    own = probe(tmp_path / "own.mp4").video
    assert own is not None
    source = write_clip(tmp_path / "a.mp4", ClipSpec(size=(320, 180), rate=Fraction(25), frames=20))
    reshape(source, tmp_path / "b.mp4", Shape.of(own), 8)
    other = probe(tmp_path / "b.mp4").video
    assert other is not None
    assert other.extradata_digest == own.extradata_digest
    assert (other.color_space, other.color_primaries, other.color_range) == (6, 1, 1)


def test_a_file_without_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"not a video at all" * 50)
    with pytest.raises(InvalidInput):
        reshape(tmp_path / "a.mp4", tmp_path / "b.mp4", Shape(160, 90, Fraction(10)), 8)
