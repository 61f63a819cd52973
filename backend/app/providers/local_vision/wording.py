"""Turn measured numbers into words that say no more than the numbers do. Called by adapter.py; words are data.

Tests: tests/test_providers/test_local_vision/test_wording.py
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from app.kit.imaging.colour import hex_to_lab, to_lab
from app.kit.yaml_source import quick_yaml

_DATA = Path(__file__).resolve().parents[2] / "config" / "art" / "colours.yaml"
_TALL, _WIDE = 1.5, 0.67
_ROUND, _BOXY = 0.86, 0.93
_BRIGHT, _DARK = 68.0, 38.0
_EVEN = 18.0
_TINT = 8.0


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    return cast("dict[str, dict[str, str]]", quick_yaml(_DATA.read_text(encoding="utf-8")))


def colour_name(colour: str) -> str:
    """Return the nearest colour name of ``#rrggbb``."""
    lab = hex_to_lab(colour)
    return min(_words()["names"].items(), key=lambda row: float(np.linalg.norm(hex_to_lab(row[1]) - lab)))[0]


def colour_phrase(colours: list[str], shares: list[float]) -> str | None:
    """Return, for example, ``mostly red with white``; null when there is no colour."""
    if not colours:
        return None
    phrases = _words()["phrases"]
    first = colour_name(colours[0])
    named = ((colour_name(c), share) for c, share in zip(colours[1:], shares[1:], strict=True))
    second = next((name for name, share in named if name != first and share >= 0.08), None)
    if second is None:
        return phrases["one_colour"].format(first=first)
    return phrases["two_colours"].format(first=first, second=second)


def shape_phrase(alpha: NDArray[np.uint8]) -> str | None:
    """Return a shape word for HxW uint8 alpha of one subject, or null when no word is safe."""
    mask = (alpha >= 128).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    outline = max(contours, key=cv2.contourArea)
    area = float(cv2.contourArea(outline))
    if area < 0.8 * float(mask.sum()):
        return None
    _, _, width, height = cv2.boundingRect(outline)
    length = cv2.arcLength(cv2.convexHull(outline), closed=True)
    shapes = _words()["shapes"]
    if height / width >= _TALL:
        return shapes["tall"]
    if height / width <= _WIDE:
        return shapes["wide"]
    if area / (width * height) >= _BOXY:
        return shapes["boxy"]
    return shapes["round"] if 4 * np.pi * area / max(length * length, 1) >= _ROUND else None


def light_phrase(rgb: NDArray[np.uint8]) -> str:
    """Return, for example, ``bright, even light, warm tint`` of HxWx3 uint8."""
    small = np.asarray(cv2.resize(rgb, (64, 64), interpolation=cv2.INTER_AREA), np.uint8)
    lab = to_lab(small)
    words, phrases = _words()["light"], _words()["phrases"]
    level = float(lab[..., 0].mean())
    name = "bright" if level >= _BRIGHT else "dark" if level <= _DARK else "medium"
    even = "even" if float(lab[..., 0].std()) < _EVEN else "contrasty"
    warmth = float(lab[..., 2].mean())
    tint = words["warm"] if warmth > _TINT else words["cool"] if warmth < -_TINT else ""
    return phrases["environment"].format(
        level=words[name], evenness=words[even], tint=phrases["tint"].format(tint=tint) if tint else ""
    )
