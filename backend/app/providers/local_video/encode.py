"""Writing a clip: planar frames in, H.264 MP4 out, always with the same parameters so that clips can be joined.

x264 veryfast crf 20, one thread, closed GOP, yuv420p, no audio, faststart; tags: matrix BT.601 (what planes.py
computes), primaries and transfer BT.709, studio range. Used by render.py and bench/local_clip.
Tests: tests/test_providers/test_local_video/test_encode.py
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.stream import VideoStream

from app.kit.media.encode import X264_OPTIONS
from app.providers.local_video.planes import Bytes, Planes

_BT709, _SMPTE170M, _STUDIO = 1, 6, 1


class ClipWriter:
    """Encodes frames of one size in order. Use as a context manager; the file is whole after it closes."""

    def __init__(self, path: Path, size: tuple[int, int], fps: int, comment: str = "") -> None:
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._container.metadata["comment"] = comment
        self._stream = self._add_stream(size, fps)
        self._count = 0
        self._fps = fps

    def _add_stream(self, size: tuple[int, int], fps: int) -> VideoStream:
        stream = self._container.add_stream("libx264", rate=Fraction(fps), options=dict(X264_OPTIONS))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, fps)
        context = stream.codec_context
        context.time_base = Fraction(1, fps)
        context.thread_count = 1
        context.color_primaries, context.color_trc = _BT709, _BT709
        context.colorspace, context.color_range = _SMPTE170M, _STUDIO
        return stream

    def write(self, planes: Planes) -> None:
        """Encode the next frame."""
        frame = av.VideoFrame(self._stream.width, self._stream.height, "yuv420p")
        _fill(frame, 0, planes.y)
        _fill(frame, 1, planes.uv[..., 0])
        _fill(frame, 2, planes.uv[..., 1])
        frame.pts, frame.time_base = self._count, Fraction(1, self._fps)
        self._count += 1
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def __enter__(self) -> ClipWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                for packet in self._stream.encode(None):
                    self._container.mux(packet)
        finally:
            self._container.close()


def _fill(frame: av.VideoFrame, index: int, source: Bytes) -> None:
    plane = frame.planes[index]
    view = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    np.copyto(view[:, : plane.width], source)
