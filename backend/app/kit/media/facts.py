"""What a media file is: codec, size, timing, colour, sound. Read by stitching, checks and adoption.

Every value is read from the file, never from its name. Tests: tests/test_kit/test_media_facts.py
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from app.core.errors import InvalidInput, MediaError

T = TypeVar("T")
_PARSE_ONLY = {"skip_loop_filter": "all", "skip_idct": "all", "err_detect": "explode"}
"""Decode every coded block but draw nothing: finds a broken bitstream at a fraction of the cost."""


@dataclass(frozen=True)
class VideoFacts:
    """One video stream. Colour values are the numeric ISO 23091 tags; times are seconds."""

    codec: str
    profile: str
    extradata_digest: str
    width: int
    height: int
    pixel_format: str
    color_primaries: int
    color_transfer: int
    color_space: int
    color_range: int
    sample_aspect: Fraction
    rate: Fraction
    time_base: Fraction
    frames: int
    start: float
    duration: float
    constant_rate: bool
    reorder: int
    """How many frames a packet can come before its turn to be shown (0 without B-frames)."""


@dataclass(frozen=True)
class AudioFacts:
    """One audio stream. `duration` is seconds of sound presented (encoder priming excluded)."""

    codec: str
    sample_rate: int
    layout: str
    start: float
    duration: float


@dataclass(frozen=True)
class MediaFacts:
    """A file's first video and first audio stream; either may be absent, not both."""

    format: str
    size: int
    comment: str
    video: VideoFacts | None
    audio: AudioFacts | None


@contextlib.contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a file for reading. Raises InvalidInput when it is missing or no readable media file."""
    try:
        container = av.open(str(path), mode="r")
    except FileNotFoundError as error:
        raise InvalidInput(f"There is no media file {path.name}.") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise InvalidInput(
            f"{path.name} is not a readable media file ({_reason(error)}).",
            hint="It is empty, cut off or damaged: make or upload it again.",
        ) from error
    try:
        yield container
    except av.FFmpegError as error:
        raise MediaError(
            f"{path.name} can't be decoded ({_reason(error)}).", hint="The file is damaged: make it again."
        ) from error
    finally:
        container.close()


def claimed_duration(path: Path) -> float:
    """Return the length a file's header claims, in seconds; 0 when it says nothing or is no media file."""
    try:
        with open_media(path) as container:
            return max(0.0, (container.duration or 0) / av.time_base)
    except (InvalidInput, MediaError):
        return 0.0


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)


def video_of(container: InputContainer, name: str) -> VideoStream:
    """Return the first video stream. Raises InvalidInput when there is none."""
    if not container.streams.video:
        raise InvalidInput(f"{name} has no video in it.", hint="Give a video file.")
    return container.streams.video[0]


def probe(path: Path) -> MediaFacts:
    """Read a file's facts by walking its packets; nothing is decoded.

    Raises:
        InvalidInput: missing, unreadable or without video and audio.
        MediaError: it holds fewer video frames than its header says (cut off).
    """
    with open_media(path) as container:
        video = container.streams.video[0] if container.streams.video else None
        audio = container.streams.audio[0] if container.streams.audio else None
        if video is None and audio is None:
            raise InvalidInput(f"{path.name} holds neither video nor sound.", hint="Give a video or audio file.")
        timing = _walk(container, [s for s in (video, audio) if s is not None])
        return MediaFacts(
            format=container.format.name,
            size=path.stat().st_size,
            comment=container.metadata.get("comment", ""),
            video=_video_facts(video, timing[video.index], path) if video else None,
            audio=_audio_facts(audio, timing[audio.index]) if audio else None,
        )


def _walk(container: InputContainer, streams: list[VideoStream | AudioStream]) -> dict[int, list[tuple[int, int]]]:
    """Return (pts, duration) in file order, by stream index."""
    timing: dict[int, list[tuple[int, int]]] = {stream.index: [] for stream in streams}
    for packet in container.demux(streams):
        if packet.size and packet.pts is not None:
            timing[packet.stream_index].append((packet.pts, packet.duration or 0))
    return timing


def _video_facts(stream: VideoStream, timing: list[tuple[int, int]], path: Path) -> VideoFacts:
    if not timing or (stream.frames and len(timing) < stream.frames):
        raise MediaError(
            f"{path.name} is cut off: {len(timing)} of {stream.frames} frames are there.", hint="Make it again."
        )
    context = stream.codec_context
    base = Fraction(_known(stream.time_base))
    shown = sorted(pts for pts, _ in timing)
    rate = Fraction(stream.average_rate or stream.guessed_rate or 1)
    return VideoFacts(
        codec=context.name,
        profile=context.profile or "",
        extradata_digest=hashlib.sha256(context.extradata or b"").hexdigest(),
        width=context.width,
        height=context.height,
        pixel_format=str(context.pix_fmt),
        color_primaries=int(context.color_primaries),
        color_transfer=int(context.color_trc),
        color_space=int(context.colorspace),
        color_range=int(context.color_range),
        sample_aspect=Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        rate=rate,
        time_base=base,
        frames=len(timing),
        start=float(shown[0] * base),
        duration=float((shown[-1] - shown[0]) * base + 1 / rate),
        constant_rate=_is_constant(shown, base, rate),
        reorder=_reorder_depth([pts for pts, _ in timing]),
    )


def _is_constant(shown: list[int], base: Fraction, rate: Fraction) -> bool:
    """True when every frame is within an eighth of a frame (or one tick) of the even grid."""
    step = 1 / rate / base
    tolerance = max(Fraction(1), step / 8)
    return all(abs(pts - shown[0] - index * step) <= tolerance for index, pts in enumerate(shown))


def _reorder_depth(decode_order: list[int]) -> int:
    rank = {pts: index for index, pts in enumerate(sorted(decode_order))}
    return max(0, *(index - rank[pts] for index, pts in enumerate(decode_order)))


def _audio_facts(stream: AudioStream, timing: list[tuple[int, int]]) -> AudioFacts:
    base = Fraction(_known(stream.time_base))
    context = stream.codec_context
    first = max(0, timing[0][0]) if timing else 0
    last = timing[-1][0] + timing[-1][1] if timing else 0
    return AudioFacts(
        codec=context.name,
        sample_rate=context.sample_rate,
        layout=context.layout.name,
        start=float(first * base),
        duration=float((last - first) * base),
    )


def _known(value: T | None) -> T:
    if value is None:
        raise MediaError("A stream has no time base.", hint="The file is damaged: make it again.")
    return value


def verify_decodes(path: Path, *, thorough: bool = False) -> int:
    """Decode all video and sound; return the number of video frames.

    Args:
        path: The file.
        thorough: Also reconstruct the pictures (about twice the time); the default parses every coded block.

    Raises:
        InvalidInput: not a readable media file.
        MediaError: some packet does not decode.
    """
    frames = 0
    with open_media(path) as container:
        streams = [*container.streams.video[:1], *container.streams.audio[:1]]
        for stream in streams:
            if not thorough and stream.type == "video":
                cast(VideoStream, stream).codec_context.options = _PARSE_ONLY
                cast(VideoStream, stream).codec_context.thread_count = 2
        for packet in container.demux(streams):
            decoded = packet.decode()
            if packet.stream.type == "video":
                frames += len(decoded)
    return frames
