"""Any film as frames of a given size and rate: scaled to fill, the rest cut off, in the house's colours.

Called by app/providers/local_video/overlay.py. Tests: tests/test_kit/test_media_cover.py
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
from av.filter import Graph
from av.video.stream import VideoStream

from app.kit.media.facts import open_media, video_of


def covering_frames(path: Path, size: tuple[int, int], fps: int) -> Iterator[av.VideoFrame]:
    """Yield the film's frames: `size` (width, height; even), `fps` a second, yuv420p, BT.601 matrix, studio range.

    Raises:
        InvalidInput: unreadable or without video.
        MediaError: it does not decode.
    """
    with open_media(path) as container:
        stream = video_of(container, path.name)
        graph = _graph(stream, size, fps)
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


def _graph(stream: VideoStream, size: tuple[int, int], fps: int) -> Graph:
    width, height = size
    graph = Graph()
    chain = [
        ("scale", "w=iw*sar:h=ih"),
        ("fps", f"fps={fps}:start_time=0"),
        (
            "scale",
            f"w={width}:h={height}:force_original_aspect_ratio=increase:force_divisible_by=2:flags=bicubic"
            ":out_color_matrix=bt601:out_range=tv",
        ),
        ("crop", f"w={width}:h={height}"),
        ("setsar", "1"),
        ("format", "pix_fmts=yuv420p"),
    ]
    steps = [graph.add_buffer(template=stream), *(graph.add(name, args) for name, args in chain)]
    steps.append(graph.add("buffersink"))
    for before, after in pairwise(steps):
        before.link_to(after)
    graph.configure()
    return graph
