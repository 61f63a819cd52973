"""H.264 the way this house writes it, and bringing a foreign clip into a given shape.

Stitching calls it for clips that differ. Tests: tests/test_kit/test_media_encode.py
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
from av.filter import Graph
from av.video.stream import VideoStream

from app.core.errors import MediaError
from app.kit.media.facts import VideoFacts, open_media, video_of

X264_OPTIONS = {"preset": "veryfast", "crf": "20", "x264-params": "open-gop=0:keyint=60:min-keyint=12:scenecut=40"}
"""The same as the local renderer writes, so that a re-encoded clip can share its header and packets can be copied."""
_MATRIX = {1: "bt709", 5: "bt601", 6: "bt601", 9: "bt2020"}
_UNSPECIFIED = 2


@dataclass(frozen=True)
class Shape:
    """What a clip must look like to be joined without re-encoding."""

    width: int
    height: int
    rate: Fraction
    color_primaries: int = _UNSPECIFIED
    color_transfer: int = _UNSPECIFIED
    color_space: int = _UNSPECIFIED
    color_range: int = 0

    @classmethod
    def of(cls, video: VideoFacts) -> Shape:
        """Return the shape of a clip; sides are rounded up to even numbers."""
        return cls(
            width=video.width + video.width % 2,
            height=video.height + video.height % 2,
            rate=video.rate,
            color_primaries=video.color_primaries,
            color_transfer=video.color_transfer,
            color_space=video.color_space,
            color_range=video.color_range,
        )


def reshape(source: Path, target: Path, shape: Shape, frames: int) -> None:
    """Re-encode a clip's pictures into `shape`: scaled to fit, padded with black, even rate, exactly `frames`.

    A source that ends early holds its last picture. Sound is left out.

    Raises:
        InvalidInput: unreadable or without video.
        MediaError: it does not decode.
    """
    with open_media(source) as container, av.open(str(target), mode="w", format="mp4") as output:
        stream = _new_stream(output, shape)
        last: av.VideoFrame | None = None
        count = 0
        for frame in _shaped(container, source.name, shape):
            if count == frames:
                break
            last, count = frame, count + 1
            output.mux(_encoded(stream, frame, count - 1, shape))
        if last is None:
            raise MediaError(f"{source.name} has no picture in it.", hint="Make it again.")
        for index in range(count, frames):
            output.mux(_encoded(stream, last, index, shape))
        output.mux(stream.encode(None))


def _new_stream(output: av.container.OutputContainer, shape: Shape) -> VideoStream:
    stream = output.add_stream("libx264", rate=shape.rate, options=dict(X264_OPTIONS))
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = shape.width, shape.height, "yuv420p"
    context.time_base = 1 / shape.rate
    context.color_primaries = shape.color_primaries
    context.color_trc = shape.color_transfer
    context.colorspace = shape.color_space
    context.color_range = shape.color_range
    return stream


def _encoded(stream: VideoStream, frame: av.VideoFrame, index: int, shape: Shape) -> list[av.Packet[VideoStream]]:
    frame.pts = index
    frame.time_base = 1 / shape.rate
    frame.pict_type = av.video.frame.PictureType.NONE
    return stream.encode(frame)


def _shaped(container: av.container.InputContainer, name: str, shape: Shape) -> Iterator[av.VideoFrame]:
    stream = video_of(container, name)
    graph = _graph(stream, shape)
    for frame in container.decode(stream):
        graph.vpush(frame)
        yield from _drained(graph)
    graph.vpush(None)
    yield from _drained(graph)


def _drained(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return


def _graph(stream: VideoStream, shape: Shape) -> Graph:
    graph = Graph()
    matrix = _MATRIX.get(shape.color_space)
    size = f"w={shape.width}:h={shape.height}"
    chain = [
        ("scale", "w=iw*sar:h=ih"),
        ("fps", f"fps={shape.rate}:start_time=0"),
        (
            "scale",
            f"{size}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bicubic"
            + (f":out_color_matrix={matrix}" if matrix else ""),
        ),
        ("pad", f"{size}:x=-1:y=-1:color=black"),
        ("setsar", "1"),
        ("format", "pix_fmts=yuv420p"),
    ]
    steps = [graph.add_buffer(template=stream), *(graph.add(name, args) for name, args in chain)]
    steps.append(graph.add("buffersink"))
    for before, after in pairwise(steps):
        before.link_to(after)
    graph.configure()
    return graph
