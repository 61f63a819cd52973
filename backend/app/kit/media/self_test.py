"""Can this machine make a film? Three frames and a tone, encoded and read back, in a process of its own.

Run by `admint doctor` through kit/worker.py, so that a broken codec takes nothing else down.
Tests: tests/test_cli/test_doctor.py
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from app.core.errors import MediaError
from app.kit.media.facts import probe

ENCODERS = ("libx264", "aac")
_FRAMES, _SIDE, _RATE = 3, 64, 48_000


def self_test_job(_payload: dict[str, Any], _report: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Worker job: encode and probe. Returns `frames` and `missing` encoders. Raises MediaError."""
    missing = [name for name in ENCODERS if not _has_encoder(name)]
    if missing:
        return {"missing": missing, "frames": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "self-test.mp4"
        try:
            _encode(path)
        except av.FFmpegError as error:
            raise MediaError(f"Three frames could not be encoded: {error}.", hint="Install AdMint again.") from error
        found = probe(path)
    return {"missing": [], "frames": found.video.frames if found.video else 0}


def _has_encoder(name: str) -> bool:
    try:
        av.codec.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        return False
    return True


def _encode(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as output:
        video = output.add_stream("libx264", rate=Fraction(10), options={"preset": "ultrafast"})
        video.width = video.height = _SIDE
        video.pix_fmt = "yuv420p"
        audio = output.add_stream("aac", rate=_RATE, layout="stereo")
        for number in range(_FRAMES):
            picture = np.full((_SIDE * 3 // 2, _SIDE), 40 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            output.mux(video.encode(frame))
        sound = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        sound.sample_rate, sound.pts = _RATE, 0
        output.mux(audio.encode(sound))
        output.mux(video.encode(None))
        output.mux(audio.encode(None))
