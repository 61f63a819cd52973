"""Colour on arrays: CIE Lab, hex strings and palettes. Used by app/kit/images.py and whoever draws or measures.

Tests: tests/test_kit/test_images.py
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


def to_lab(rgb: Bytes) -> Floats:
    """Return CIE Lab (HxWx3 float32; L 0-100, a and b about -127..127) of HxWx3 uint8 sRGB."""
    scaled: Floats = rgb.astype(np.float32) / np.float32(255)
    lab: Floats = np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2Lab), np.float32)
    return lab


def from_lab(lab: Floats) -> Bytes:
    """Return HxWx3 uint8 sRGB of HxWx3 float32 CIE Lab; colours outside sRGB are clipped."""
    rgb = np.asarray(cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_Lab2RGB), np.float32)
    out: Bytes = np.clip(np.rint(rgb * 255), 0, 255).astype(np.uint8)
    return out


def hex_to_rgb(text: str) -> tuple[int, int, int]:
    """Return (red, green, blue), each 0-255, of ``#RRGGBB``."""
    value = int(text.lstrip("#"), 16)
    return value >> 16 & 255, value >> 8 & 255, value & 255


def rgb_to_hex(rgb: tuple[int, int, int]) -> str:
    """Return ``#rrggbb`` in lower case."""
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def hex_to_lab(text: str) -> Floats:
    """Return CIE Lab (3 float32) of ``#RRGGBB``."""
    lab: Floats = to_lab(np.array([[hex_to_rgb(text)]], np.uint8))[0, 0]
    return lab


def lab_to_hex(lab: Floats) -> str:
    """Return ``#rrggbb`` of one CIE Lab colour (3 floats)."""
    red, green, blue = (int(v) for v in from_lab(np.asarray(lab, np.float32).reshape(1, 1, 3))[0, 0])
    return rgb_to_hex((red, green, blue))
