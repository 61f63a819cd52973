"""Writes a bench clip as H.264, twice where a defect asks for it. Called by run.py."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from defects import Clip, Frame


def write(clip: Clip, path: Path) -> Path:
    """Write `clip` to `path` (x264 veryfast, one thread, no sound)."""
    frames = clip.frames
    if clip.crushed:
        rough = path.with_suffix(".rough.mp4")
        _encode(frames, clip.fps, clip.crushed, rough)
        with av.open(str(rough)) as container:
            frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
        rough.unlink()
    _encode(frames, clip.fps, clip.crf, path)
    return path


def _encode(frames: list[Frame], fps: float, crf: int, path: Path) -> None:
    options = {"crf": str(crf), "preset": "veryfast", "threads": "1"}
    with av.open(str(path), "w", format="mp4") as output:
        stream: Any = output.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001), options=options)
        stream.height, stream.width = (side // 2 * 2 for side in frames[0].shape[:2])
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            even = frame[: stream.height, : stream.width]
            output.mux(stream.encode(av.VideoFrame.from_ndarray(even.copy(), format="bgr24")))
        output.mux(stream.encode(None))
