"""Decodes a video once, picture by picture, upright, with presentation times. Every way a file can be unfit ends here.

Called by measure.py. Tests: tests/test_providers/test_scoring_embedded/test_frames.py
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from app.core.errors import MediaError

Plane = NDArray[np.uint8]
MIN_FRAMES = 2
_PLANAR = frozenset({"yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "yuvj444p", "nv12", "gray"})
_FULL_RANGE = 2
_TO_VIDEO_RANGE = np.clip(np.rint(16 + np.arange(256) * 219 / 255), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Picture:
    """One upright picture, `time` seconds after the first.

    `luma` (height, width) is in video range, 16-235; `bgr` is (height, width, 3); both uint8.
    """

    time: float
    luma: Plane
    bgr: Plane


class Pictures:
    """Iterates over a file's pictures. Raises MediaError when there is nothing to score or the file is broken."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.duration = 0.0
        self.interval = 1 / 25
        self._declared = 0

    def __enter__(self) -> Pictures:
        try:
            self._container = av.open(str(self._path), options={"err_detect": "explode"})
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise _broken("The file can't be opened as a video.") from error
        streams = self._container.streams.video
        if not streams:
            self._container.close()
            raise _broken("The file has no picture, only sound.")
        self._stream: VideoStream = streams[0]
        self._stream.codec_context.thread_count = 1
        self._stream.codec_context.options = {"err_detect": "explode"}
        self._read_times()
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def _read_times(self) -> None:
        stream = self._stream
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        self.interval = float(1 / rate)
        self._declared = stream.frames
        if stream.duration and stream.time_base:
            self.duration = float(stream.duration * stream.time_base)
        elif self._container.duration:
            self.duration = self._container.duration / av.time_base

    def __iter__(self) -> Iterator[Picture]:
        seen, start = 0, 0.0
        for frame in self._decoded():
            time = seen * self.interval if frame.time is None else frame.time
            start = time if seen == 0 else start
            yield _picture(frame, time - start)
            seen += 1
        if seen < MIN_FRAMES:
            raise _broken("The video has fewer than two pictures.")
        if seen < 0.98 * self._declared:
            raise _broken(f"The file ends early: {seen} of {self._declared} pictures.")

    def _decoded(self) -> Iterator[VideoFrame]:
        try:
            for frame in self._container.decode(self._stream):
                if frame.is_corrupt:
                    raise _broken("A picture in the file is damaged.")
                yield frame
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise _broken("The file can't be decoded to its end.") from error


def _picture(frame: VideoFrame, time: float) -> Picture:
    turns = round(frame.rotation / 90) % 4
    luma, bgr = _luma(frame), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    if turns:
        luma, bgr = np.rot90(luma, turns).copy(), np.rot90(bgr, turns).copy()
    return Picture(time, luma, bgr)


def _luma(frame: VideoFrame) -> Plane:
    """The decoder's own Y plane, neither scaled nor smoothed; other formats are brought to 8 bits first."""
    full = frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj")
    if frame.format.name not in _PLANAR:
        frame, full = frame.reformat(format="yuv420p"), False
    plane: Any = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    luma = rows[: frame.height, : frame.width]
    return np.asarray(cv2.LUT(luma, _TO_VIDEO_RANGE), np.uint8) if full else np.ascontiguousarray(luma)


def _broken(message: str) -> MediaError:
    return MediaError(message, hint="Check that the file plays, or make the clip again.")
