"""Every kind of file comes out as upright 8-bit pictures with times, or with the reason why not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from app.core.errors import MediaError
from app.providers.scoring_embedded.frames import Pictures
from tests.fixtures.media import ClipSpec, moving, sine, write_clip

SIZE = (96, 64)


def write(path: Path, codec: str, pixels: str, times: list[int], size: tuple[int, int] = SIZE) -> Path:
    """Write pictures at `times` (in 1/100 s) in any codec and pixel format."""
    paint = moving(size)
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream(codec, rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.time_base = stream.codec_context.time_base = Fraction(1, 100)
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(paint(number), format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = time, Fraction(1, 100)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def read(path: Path) -> list[tuple[float, tuple[int, ...], tuple[int, ...]]]:
    with Pictures(path) as pictures:
        return [(picture.time, picture.luma.shape, picture.bgr.shape) for picture in pictures]


@pytest.mark.parametrize(
    ("codec", "pixels"), [("libx264", "yuv420p"), ("libx264", "yuv420p10le"), ("ffv1", "yuva420p"), ("ffv1", "bgra")]
)
def test_every_pixel_format_becomes_8_bits(tmp_path: Path, codec: str, pixels: str) -> None:
    path = write(tmp_path / "clip.mkv", codec, pixels, [0, 4, 8, 12])
    assert read(path) == [(time / 100, (64, 96), (64, 96, 3)) for time in (0, 4, 8, 12)]
    with Pictures(path) as pictures:
        luma = next(iter(pictures)).luma
    assert 16 <= int(luma.min()) < int(luma.max()) <= 235
    assert np.std(luma) > 10


def test_times_are_the_files_own_not_the_number_of_the_picture(tmp_path: Path) -> None:
    found = read(write(tmp_path / "clip.mkv", "libx264", "yuv420p", [0, 4, 40, 44, 90]))
    assert [time for time, *_ in found] == pytest.approx([0, 0.04, 0.4, 0.44, 0.9])


def test_odd_sizes_are_kept(tmp_path: Path) -> None:
    assert read(write(tmp_path / "clip.mkv", "ffv1", "yuv444p", [0, 4], (97, 53)))[0][1:] == ((53, 97), (53, 97, 3))


def test_a_turned_file_is_read_upright(tmp_path: Path) -> None:
    plain = write_clip(tmp_path / "plain.mp4", ClipSpec(size=SIZE, frames=3))
    turned = tmp_path / "turned.mp4"
    data = bytearray(plain.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    quarter = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000]
    data[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in quarter)
    turned.write_bytes(data)
    assert [shape for _, *shape in read(turned)] == [[(96, 64), (96, 64, 3)]] * 3


@pytest.mark.parametrize("frames", [0, 1])
def test_a_file_of_no_or_one_picture_has_nothing_to_score(tmp_path: Path, frames: int) -> None:
    path = write_clip(tmp_path / "short.mp4", ClipSpec(size=SIZE, frames=frames, tone=440 if frames == 0 else None),
                      sound=sine(440, 4800) if frames == 0 else None)  # fmt: skip
    with pytest.raises(MediaError) as caught:
        read(path)
    assert caught.value.hint


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with pytest.raises(MediaError, match="only sound"):
        read(path)


@pytest.mark.parametrize("damage", ["truncated", "scrambled", "text", "empty", "absent"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    whole = write_clip(tmp_path / "whole.mp4", ClipSpec(size=SIZE, frames=20)).read_bytes()
    middle = bytearray(whole)
    start = whole.index(b"mdat") + 300
    middle[start : start + 1500] = np.random.default_rng(0).integers(0, 256, 1500).astype(np.uint8).tobytes()
    data = {"truncated": whole[: len(whole) // 2], "scrambled": bytes(middle), "text": b"no video", "empty": b""}
    path = tmp_path / "damaged.mp4"
    if damage in data:
        path.write_bytes(data[damage])
    with pytest.raises(MediaError) as caught:
        read(path)
    assert caught.value.hint
