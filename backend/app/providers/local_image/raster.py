"""SVG to pixels, and pixels to light: what turns a flat drawing into something lit from the upper left.

Arrays are float32 0-1 HxWx4 with straight alpha. Called by packshot.py, wordmark.py and setting.py.
Tests: tests/test_providers/test_local_image/test_packshot.py
"""

from __future__ import annotations

import io
from typing import cast

import cv2
import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from app.kit.imaging.colour import Floats, hex_to_rgb

_KEY = np.array([-0.42, -0.62, 0.66], np.float32)
_RIM = np.array([0.88, -0.3, 0.15], np.float32)


def rasterise(svg: str) -> Floats:
    """Return HxWx4 float32 0-1 (straight alpha) of an SVG, at the size it names; system fonts are never used."""
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"), np.float32) / np.float32(255)


def to_bytes(image: Floats) -> NDArray[np.uint8]:
    """Return uint8 of float 0-1."""
    return cast("NDArray[np.uint8]", np.clip(np.rint(image * 255), 0, 255).astype(np.uint8))


def rgb(colour: str) -> Floats:
    """Return three float32 0-1 of ``#rrggbb``."""
    return np.array(hex_to_rgb(colour), np.float32) / np.float32(255)


def relight(image: Floats, key: str, rim: str, strength: float) -> Floats:
    """Return the picture with form shading, a soft highlight, a rim light and a base-to-top grade.

    Args:
        image: HxWx4 float32, straight alpha.
        key: Colour of the key light (upper left).
        rim: Colour of the rim light (right edge).
        strength: 0 leaves it flat; 1 is for flat drawings, less for those already shaded.
    """
    alpha = image[..., 3]
    normals = _normals(alpha)
    lit = np.clip(normals @ _unit(_KEY), 0, 1)
    shade = (lit - _unit(_KEY)[2]) * strength
    colour = image[..., :3] * (1 + 0.55 * np.minimum(shade, 0) + _grade(alpha) * strength)[..., None]
    colour = _screen(colour, rgb(key) * (0.34 * np.clip(shade, 0, 1))[..., None])
    half = _unit(_unit(_KEY) + np.array([0, 0, 1], np.float32))
    gloss = np.clip(normals @ half, 0, 1) ** 46
    colour = _screen(colour, rgb(key) * (0.2 * strength * _soft(gloss * (1 - normals[..., 2]) * 4, 3))[..., None])
    edge = np.clip(normals @ _unit(_RIM), 0, 1) ** 2.2
    colour = _screen(colour, rgb(rim) * (0.5 * strength * edge)[..., None])
    return np.dstack([np.clip(colour, 0, 1), alpha]).astype(np.float32)


def fitted(image: Floats, size: int, share: float) -> Floats:
    """Return the picture's opaque part scaled to fit `share` of a `size` square, standing in its middle."""
    rows, columns = np.nonzero(image[..., 3] > 0.02)
    part = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scale = share * size / max(part.shape[:2])
    wide, high = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    flat = np.dstack([part[..., :3] * part[..., 3:], part[..., 3]])
    flat = np.asarray(cv2.resize(flat, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))
    flat = np.clip(flat, 0, 1)
    out = np.zeros((size, size, 4), np.float32)
    top, left = (size - high) // 2, (size - wide) // 2
    out[top : top + high, left : left + wide] = flat
    out[..., :3] /= np.maximum(out[..., 3:], 1e-4)
    return np.clip(out, 0, 1).astype(np.float32)


def over(top: Floats, bottom: Floats) -> Floats:
    """Return straight-alpha `top` composited on straight-alpha `bottom` (both HxWx4)."""
    front, back = top[..., 3:], bottom[..., 3:]
    alpha = front + back * (1 - front)
    colour = (top[..., :3] * front + bottom[..., :3] * back * (1 - front)) / np.maximum(alpha, 1e-4)
    return np.concatenate([colour, alpha], axis=2).astype(np.float32)


def _normals(alpha: Floats) -> Floats:
    """Return HxWx3 unit normals of the silhouette, blown up like a cushion near its edges."""
    radius = 0.075 * max(alpha.shape)
    inside = np.asarray(cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    height = np.sqrt(np.clip(1 - (1 - np.minimum(inside / radius, 1)) ** 2, 0, 1)).astype(np.float32)
    height = _soft(height, 0.006 * max(alpha.shape))
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=5) / 128
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=5) / 128
    steep = radius * 1.1
    stack = np.dstack([-slope_x * steep, -slope_y * steep, np.ones_like(alpha)]).astype(np.float32)
    unit: Floats = stack / np.linalg.norm(stack, axis=2, keepdims=True)
    return unit


def _grade(alpha: Floats) -> Floats:
    """Return HxW: a little brighter at the subject's top, darker at its base."""
    rows = np.flatnonzero(alpha.max(axis=1) > 0.5)
    high, low = (int(rows[0]), int(rows[-1])) if len(rows) else (0, alpha.shape[0] - 1)
    ramp = np.clip((np.arange(alpha.shape[0], dtype=np.float32) - high) / max(low - high, 1), 0, 1)
    column: Floats = (0.07 - 0.26 * ramp**2.2).astype(np.float32)
    return np.repeat(column[:, None], alpha.shape[1], axis=1)


def _screen(base: Floats, light: Floats) -> Floats:
    out: Floats = 1 - (1 - np.clip(base, 0, 1)) * (1 - np.clip(light, 0, 1))
    return out


def _soft(image: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma), np.float32)


def _unit(vector: Floats) -> Floats:
    unit: Floats = vector / np.float32(np.linalg.norm(vector))
    return unit
