"""Real media at a low price: clips that play and pictures that open, each marked with a hash of its prompt.

A clip is a few encoded pictures, repeated: their packets are copied, so its length costs nothing. Sound is shared.
Called by fakes/predictions.py. Tests: tests/test_fakes/test_media.py.
"""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FPS = 24
LOOP = 14
"""Pictures that are encoded for a clip of any length; no part of a second, or a look every second would see a still."""
RATE = 48_000
_BIT_RATE = 64_000
_BASE = Fraction(1, FPS)
_ENCODER = {"preset": "ultrafast", "crf": "28", "g": str(LOOP), "bf": "0", "threads": "1", "x264-params": "scenecut=0"}
LINES = {"720p": 720, "1080p": 1080}
SIDES = {"1K": 1024, "2K": 2048, "4K": 4096}


@dataclass(frozen=True)
class ClipShape:
    """What a clip looks like from outside. `mark` is shown in the picture and colours it."""

    width: int
    height: int
    seconds: float
    mark: str
    audio: bool = True


def mark_of(prompt: str) -> str:
    """Return the eight characters that stand for a prompt in its pictures."""
    return hashlib.sha256(prompt.encode()).hexdigest()[:8]


def clip_size(aspect_ratio: str, resolution: str, scale: float) -> tuple[int, int]:
    """Return width and height, even, of a clip: 1280x720 for 16:9 at 720p."""
    across, down = (int(part) for part in aspect_ratio.split(":"))
    short = LINES[resolution] * scale
    width, height = (short * across / down, short) if across >= down else (short, short * down / across)
    return _even(width), _even(height)


def picture_size(aspect_ratio: str, resolution: str, scale: float) -> tuple[int, int]:
    """Return width and height of a picture with about as many pixels as a square of that resolution."""
    across, down = (int(part) for part in aspect_ratio.split(":"))
    side = SIDES[resolution] * scale
    stretch = (across / down) ** 0.5
    return _even(side * stretch), _even(side / stretch)


def _even(length: float) -> int:
    return max(16, round(length / 2) * 2)


@lru_cache(maxsize=64)
def clip(shape: ClipShape) -> bytes:
    """Return an MP4: H.264 at 24 pictures a second, AAC stereo unless silent, exactly `seconds` long."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        video: Any = output.add_stream("libx264", rate=FPS, options=_ENCODER)
        video.width, video.height, video.pix_fmt, video.time_base = shape.width, shape.height, "yuv420p", _BASE
        audio: Any = output.add_stream("aac", rate=RATE, layout="stereo", bit_rate=_BIT_RATE) if shape.audio else None
        packets = _loop(video, shape)
        for number in range(round(shape.seconds * FPS)):
            data, key = packets[number % LOOP]
            output.mux(_packet(data, number, 1, video, key=key))
        for data, at, length in _hum(shape.seconds) if shape.audio else ():
            output.mux(_packet(data, at, length, audio, key=True))
    return buffer.getvalue()


def _packet(data: bytes, at: int, length: int, stream: Any, *, key: bool) -> Any:
    packet: Any = av.Packet(data)
    packet.pts = packet.dts = at
    packet.duration, packet.is_keyframe, packet.stream = length, key, stream
    packet.time_base = Fraction(1, RATE) if stream.type == "audio" else _BASE
    return packet


def _loop(video: Any, shape: ClipShape) -> list[tuple[bytes, bool]]:
    """Encode the pictures that are repeated: a block that crosses the picture and comes back in where it left."""
    canvas = np.asarray(_canvas(shape.width, shape.height, shape.mark))
    block = max(8, shape.width // 6)
    band = slice(shape.height * 3 // 4, shape.height * 7 // 8)
    packets = []
    for number in range(LOOP):
        picture = canvas.copy()
        columns = (np.arange(block) + number * shape.width // LOOP) % shape.width
        picture[band, columns] = 255 - picture[band, columns]
        frame: Any = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, _BASE
        packets += video.encode(frame)
    packets += video.encode(None)
    return [(bytes(packet), packet.is_keyframe) for packet in packets]


@lru_cache(maxsize=16)
def _hum(seconds: float) -> tuple[tuple[bytes, int, int], ...]:
    """Return a soft tone as encoded packets: bytes, time stamp and duration in samples."""
    encoder: Any = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE, "stereo", "fltp", _BIT_RATE
    encoder.time_base = Fraction(1, RATE)
    samples = round(seconds * RATE)
    tone: NDArray[np.float32] = (0.1 * np.sin(2 * np.pi * 220 * np.arange(samples) / RATE)).astype(np.float32)
    frame: Any = av.AudioFrame.from_ndarray(np.stack([tone, tone]), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    pieces = av.AudioFifo()
    pieces.write(frame)
    packets = []
    while (piece := pieces.read(1024, partial=True)) is not None:
        packets += encoder.encode(piece)
    packets += encoder.encode(None)
    return tuple((bytes(packet), packet.pts, packet.duration) for packet in packets)


@lru_cache(maxsize=64)
def picture(width: int, height: int, mark: str, form: str) -> bytes:
    """Return a PNG, or a JPEG when `form` is jpg."""
    buffer = io.BytesIO()
    image = _canvas(width, height, mark)
    if form == "png":
        image.save(buffer, "PNG", compress_level=1)
    else:
        image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _canvas(width: int, height: int, mark: str) -> Image.Image:
    """Two colours made of the mark, and the mark itself in large type."""
    seed = bytes.fromhex(mark)
    first, second = (tuple(60 + byte % 120 for byte in seed[start : start + 3]) for start in (0, 1))
    image = Image.new("RGB", (width, height), first)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 3 // 4, width, height), second)
    font = ImageFont.load_default(max(8, min(width, height * 2) // 8))
    draw.text((width // 2, height // 2), mark, "white", font, anchor="mm", stroke_width=1, stroke_fill="black")
    return image


def padding(megabytes: int) -> bytes:
    """Return the head of an MP4 box that players skip; `megabytes` of anything must follow it."""
    return struct.pack(">I4s", megabytes * 1_000_000 + 8, b"free")
