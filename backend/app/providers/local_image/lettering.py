"""Words set in one of the vendored faces: labels on forms and wordmarks. Words come from the user, never from here.

Called by packshot.py and wordmark.py. Tests: tests/test_providers/test_local_image/test_packshot.py
"""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.kit.imaging.colour import Floats, hex_to_rgb
from app.kit.yaml_source import quick_yaml

_FONTS = Path(__file__).resolve().parents[2] / "config" / "art" / "fonts"
_FACES = ("archivo-black-400", "fraunces-600", "bricolage-grotesque-800", "instrument-serif-400", "inter-tight-700")
_FALLBACK = "inter-tight-700"
_MAX_LINES = 3
_SMALLEST = 0.05


def lettering(text: str, box: tuple[int, int], colour: str, seed: int) -> Floats | None:
    """Return the words as HxWx4 float32 filling `box` (width, height) in px; None when no face has all its letters.

    They are set on up to three lines, as large as fits, centred, spelled as given.
    """
    face = _face(text, seed)
    fit = face and _fit(text, face, box)
    if not fit:
        return None
    lines, font = fit
    image = Image.new("RGBA", box, (*hex_to_rgb(colour), 0))
    step = font.size * 1.08
    top = (box[1] - step * (len(lines) - 1)) / 2
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((box[0] / 2, top + number * step), line, font=font, fill=(*hex_to_rgb(colour), 255), anchor="mm")
    return np.asarray(image, np.float32) / np.float32(255)


def _fit(text: str, face: Path, box: tuple[int, int]) -> tuple[list[str], ImageFont.FreeTypeFont] | None:
    words = text.split()
    for size in range(round(box[1] * 0.62), max(10, round(_SMALLEST * box[0])), -2):
        font = ImageFont.truetype(str(face), size, layout_engine=ImageFont.Layout.BASIC)
        lines = _wrapped(words, font, box[0])
        if lines and len(lines) <= _MAX_LINES and len(lines) * size * 1.08 <= box[1]:
            return lines, font
    return None


def _wrapped(words: list[str], font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return the lines, or nothing when a word alone is too wide."""
    lines: list[str] = []
    for word in words:
        if font.getlength(word) > width:
            return []
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def _face(text: str, seed: int) -> Path | None:
    """Return a face drawn by seed, or the one with most letters; None when neither has them all."""
    faces = _faces()
    for name in (random.Random(seed).choice(_FACES), _FALLBACK):
        if name in faces and all(ord(letter) in faces[name][1] for letter in text):
            return faces[name][0]
    return None


@lru_cache(maxsize=1)
def _faces() -> dict[str, tuple[Path, frozenset[int]]]:
    table = _FONTS / "faces.yaml"
    if not table.is_file():
        return {}
    rows = quick_yaml(table.read_text(encoding="utf-8"))["faces"]
    return {name: (_FONTS / rows[name]["file"], _points(rows[name]["covers"])) for name in _FACES if name in rows}


def _points(covers: str) -> frozenset[int]:
    spans = (part.partition("-") for part in covers.split())
    return frozenset(p for first, _, last in spans for p in range(int(first, 16), int(last or first, 16) + 1))
