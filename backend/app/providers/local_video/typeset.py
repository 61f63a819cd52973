"""Setting type: measuring, balanced wrapping, fitting into a box, and drawing one line as a mask.

Called by the layouts (measure, fit) and the baker (mask). Sizes are pixels per em, tracking is in em.
Tests: tests/test_providers/test_local_video/test_typeset.py
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import uharfbuzz
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.providers.local_video.fonts import drawable, face_for, font, shaping_font

_REFERENCE = 100.0
_MIN_SIZE = 1.0


@dataclass(frozen=True, slots=True)
class Style:
    """How a block of text is set. `leading` is the line pitch in em; `last` is another face for the last line."""

    face: str
    tracking: float = 0.0
    leading: float = 1.1
    caps: bool = False
    last: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text broken into lines at one size; `widths` are each line's advance in pixels."""

    lines: tuple[str, ...]
    size: float
    widths: tuple[float, ...]
    pitch: float
    face: str
    tracking: float
    faces: tuple[str, ...]
    """Each line's face; `face` is the block's."""

    @property
    def width(self) -> float:
        return max(self.widths, default=0.0)

    @property
    def height(self) -> float:
        return self.pitch * len(self.lines)


def clusters(text: str) -> list[str]:
    """Split into base characters, each with its combining marks."""
    parts: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        if parts and unicodedata.combining(char):
            parts[-1] += char
        else:
            parts.append(char)
    return parts


@lru_cache(maxsize=4096)
def _advance(text: str, face: str) -> float:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    shaper = shaping_font(face)
    uharfbuzz.shape(shaper, buffer, {"kern": True, "liga": False, "clig": False})
    units = float(shaper.face.upem)
    return sum(float(position.x_advance) for position in buffer.glyph_positions) / units


def line_width(text: str, face: str, size: float, tracking: float) -> float:
    """Return the line's advance width in pixels."""
    return size * (_advance(text, face) + tracking * max(0, len(clusters(text)) - 1))


def metrics(face: str, size: float) -> tuple[float, float]:
    """Return (ascent, descent) in pixels, both positive."""
    ascent, descent = font(face, _REFERENCE).getmetrics()
    return ascent * size / _REFERENCE, descent * size / _REFERENCE


def cap_height(face: str, size: float) -> float:
    """Return the height of a capital H in pixels."""
    top = font(face, _REFERENCE).getbbox("H", anchor="ls")[1]
    return -float(top) * size / _REFERENCE


def prepared(text: str, style: Style) -> str:
    """Return the text as it will be drawn: one space between words, case applied, undrawable characters gone."""
    clean = unicodedata.normalize("NFC", " ".join(text.split()))
    return drawable(clean.upper() if style.caps else clean, style.face)


def _wrapped(words: list[str], count: int, widths: list[list[float]]) -> list[str]:
    """Break into at most `count` lines so that the widest line is as narrow as possible, then evenly."""
    n = len(words)
    best: dict[tuple[int, int], tuple[float, float, int]] = {(0, 0): (0.0, 0.0, 0)}
    for used in range(1, count + 1):
        for end in range(used, n + 1):
            options = []
            for start in range(used - 1, end):
                before = best.get((used - 1, start))
                if before is not None:
                    width = widths[start][end]
                    options.append((max(before[0], width), before[1] + width * width, start))
            if options:
                best[used, end] = min(options)
    lines: list[str] = []
    end = n
    for used in range(count, 0, -1):
        start = best[used, end][2]
        lines.append(" ".join(words[start:end]))
        end = start
    return lines[::-1]


def wrap(text: str, face: str, tracking: float, count: int) -> list[str]:
    """Return the text in exactly min(count, words) balanced lines."""
    words = text.split()
    count = min(count, len(words))
    if count <= 1:
        return [text] if words else []
    spans = [
        [line_width(" ".join(words[i:j]), face, 1.0, tracking) if j > i else 0.0 for j in range(len(words) + 1)]
        for i in range(len(words))
    ]
    return _wrapped(words, count, spans)


def fit(text: str, style: Style, box: tuple[float, float], max_size: float, max_lines: int = 3) -> Fitted:
    """Return the text set as large as `box` (width, height) and `max_size` allow, in at most `max_lines` lines.

    Fewer lines win when the size is nearly the same. A word too long for the box makes the type smaller; it is
    never broken and never leaves the box. An empty text gives no lines.
    """
    text = prepared(text, style)
    face = face_for(text, style.face)
    best: Fitted | None = None
    for count in range(1, min(max_lines, max(1, len(text.split()))) + 1):
        lines = wrap(text, face, style.tracking, count)
        if not lines:
            break
        widest = max(line_width(line, face, 1.0, style.tracking) for line in lines)
        size = max(_MIN_SIZE, min(max_size, box[0] / max(widest, 1e-6), box[1] / (style.leading * len(lines))))
        if best is None or size > best.size * 1.12:
            best = _fitted(lines, face, size, style, box[0])
    return best or Fitted((), max_size, (), max_size * style.leading, face, style.tracking, ())


def _fitted(lines: list[str], face: str, size: float, style: Style, room: float) -> Fitted:
    size = math.floor(size * 4) / 4 if size > 12 else size
    used = [face] * len(lines)
    usable = style.last and len(lines) > 1 and face == style.face and face_for(lines[-1], style.last) == style.last
    if usable and line_width(lines[-1], style.last, size, style.tracking) <= room:
        used[-1] = style.last
    widths = tuple(line_width(line, own, size, style.tracking) for line, own in zip(lines, used, strict=True))
    return Fitted(tuple(lines), size, widths, size * style.leading, face, style.tracking, tuple(used))


@dataclass(frozen=True, slots=True)
class Mask:
    """A drawn line: coverage 0-255 (height x width), with the pen origin at (x, baseline) inside it."""

    coverage: NDArray[np.uint8]
    x: int
    baseline: int


def draw_line(text: str, face: str, size: float, tracking: float) -> Mask:
    """Draw one line. The mask is padded (by even amounts) so that no overhang is cut."""
    drawn = font(face, round(size * 4) / 4)
    ascent, descent = metrics(face, size)
    pad = math.ceil(size * 0.13 + 1) * 2
    width = math.ceil(line_width(text, face, size, tracking)) + 2 * pad
    height = math.ceil(ascent + descent) + 2 * pad
    image = Image.new("L", (width, height), 0)
    pen, baseline = ImageDraw.Draw(image), pad + math.ceil(ascent / 2) * 2
    done = ""
    for index, part in enumerate(clusters(text)):
        done += part
        offset = (_advance(done, face) - _advance(part, face)) * size + index * tracking * size
        pen.text((pad + offset, baseline), part, fill=255, font=drawn, anchor="ls")
    return Mask(np.asarray(image), pad, baseline)
