"""The vendored type faces: loading them, and finding the one that can draw a text.

Called by typeset.py. Data: config/art/fonts. Tests: tests/test_providers/test_local_video/test_typeset.py
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import uharfbuzz
from PIL import ImageFont

from app.kit.yaml_source import quick_yaml

_FOLDER = Path(__file__).parents[2] / "config" / "art" / "fonts"
_FALLBACK = {True: "inter-tight-700", False: "inter-tight-400"}
_STRONG = ("600", "700", "800", "black", "anton", "league")


@dataclass(frozen=True)
class Face:
    """One font file and the code points it covers."""

    name: str
    path: Path
    covers: frozenset[int]


def _code_points(ranges: str) -> frozenset[int]:
    points: set[int] = set()
    for part in ranges.split():
        low, _, high = part.partition("-")
        points.update(range(int(low, 16), int(high or low, 16) + 1))
    return frozenset(points)


@cache
def faces() -> dict[str, Face]:
    """Return every vendored face by name."""
    raw = quick_yaml((_FOLDER / "faces.yaml").read_text())["faces"]
    return {name: Face(name, _FOLDER / entry["file"], _code_points(entry["covers"])) for name, entry in raw.items()}


@lru_cache(maxsize=64)
def font(face: str, size: float) -> ImageFont.FreeTypeFont:
    """Return the face at `size` pixels per em, for drawing single clusters.

    Never raqm: Pillow's looks for the system's FriBiDi, which a bare container lacks.
    """
    return ImageFont.truetype(str(faces()[face].path), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def shaping_font(face: str) -> uharfbuzz.Font:
    """Return the face for HarfBuzz, in font units: it knows the kerning (GPOS) that Pillow alone does not."""
    return uharfbuzz.Font(uharfbuzz.Face(faces()[face].path.read_bytes()))


def face_for(text: str, wanted: str) -> str:
    """Return `wanted` if it covers the text, else the fallback (Latin, Cyrillic, Greek) when that covers more."""
    needed = {ord(c) for c in text}
    fallback = _FALLBACK[any(mark in wanted for mark in _STRONG)]
    missing = needed - faces()[wanted].covers
    return fallback if missing and len(needed - faces()[fallback].covers) < len(missing) else wanted


def drawable(text: str, wanted: str) -> str:
    """Return the text without the characters that its face can't draw (no missing-glyph boxes on screen)."""
    covers = faces()[face_for(text, wanted)].covers
    return " ".join("".join(c for c in text if ord(c) in covers or c.isspace()).split())


def undrawable(text: str) -> str:
    """Return the characters that no vendored face can draw, each once, in order."""
    known = faces()[_FALLBACK[False]].covers | faces()["archivo-400"].covers
    return "".join(dict.fromkeys(c for c in text if not c.isspace() and ord(c) not in known))
