from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from app.kit.media.facts import probe
from app.providers.local_video.encode import ClipWriter
from app.providers.local_video.planes import blank


def test_frames_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    picture = blank(160, 96)
    with ClipWriter(path, (160, 96), 25, "a comment") as writer:
        for number in range(30):
            picture.y[:] = 16 + number * 7
            picture.uv[..., 0], picture.uv[..., 1] = 90, 170
            writer.write(picture)
    assert probe(path).comment == "a comment"
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]
    assert [round(float(frame[:96].mean())) for frame in frames] == pytest.approx(
        [16 + 7 * n for n in range(30)], abs=2
    )
    chroma = frames[10][96:].reshape(2, 48, 80)
    assert np.allclose(chroma.mean(axis=(1, 2)), [90, 170], atol=2)


def test_groups_of_pictures_are_closed_and_short(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    rng = np.random.default_rng(1)
    picture = blank(160, 96)
    with ClipWriter(path, (160, 96), 30) as writer:
        for _ in range(130):
            picture.y[:] = rng.integers(60, 90, picture.y.shape, np.uint8)
            writer.write(picture)
    with av.open(str(path)) as container:
        keys = [n for n, packet in enumerate(p for p in container.demux(video=0) if p.size) if packet.is_keyframe]
    assert keys[0] == 0
    assert max(b - a for a, b in zip(keys, [*keys[1:], 130], strict=True)) <= 60


def _fails_after_a_frame(path: Path) -> None:
    with ClipWriter(path, (160, 96), 30) as writer:
        writer.write(blank(160, 96))
        raise ValueError("stop")


def test_a_failed_write_leaves_the_error_to_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stop"):
        _fails_after_a_frame(tmp_path / "clip.mp4")
