"""Pictures in the encoder's own planes: Y full size, UV half size, and premultiplied sprites of both.

BT.601 matrix, studio range (Y 16-235, C 16-240), as encode.py tags the stream. All arrays are uint8, C order:
y (H x W), uv (H/2 x W/2 x 2); alpha likewise at both sizes. Sizes are even.
Used by the bakers and compositor.py. Tests: tests/test_providers/test_local_video/test_planes.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.providers.local_video.color import RGB

Bytes = NDArray[Any]
"""uint8 by convention; OpenCV's stubs only promise "some number"."""
Floats = NDArray[Any]
"""float32 by convention."""

_TO_Y = np.array([65.481, 128.553, 24.966], np.float32)
_TO_CB = np.array([-37.797, -74.203, 112.0], np.float32)
_TO_CR = np.array([112.0, -93.786, -18.214], np.float32)


@dataclass(slots=True)
class Planes:
    """An opaque picture."""

    y: Bytes
    uv: Bytes

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.y.shape[1], self.y.shape[0]


@dataclass(slots=True)
class Sprite:
    """A picture with alpha, premultiplied (the offsets 16 and 128 too): blend = dst * (1 - a) + src.

    `x`, `y0` place its top-left corner relative to its layer's box; `inv` and `inv_uv` are 255 - alpha.
    """

    y: Bytes
    uv: Bytes
    a: Bytes
    auv: Bytes
    x: int = 0
    y0: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.y.shape[1], self.y.shape[0]


def blank(width: int, height: int) -> Planes:
    """Return a black picture."""
    return Planes(np.full((height, width), 16, np.uint8), np.full((height // 2, width // 2, 2), 128, np.uint8))


def yuv_of(rgb: RGB) -> tuple[float, float, float]:
    """Return studio-range (Y, Cb, Cr) of an sRGB colour."""
    v = np.asarray(rgb, np.float32)
    return 16 + float(v @ _TO_Y), 128 + float(v @ _TO_CB), 128 + float(v @ _TO_CR)


def _noise(shape: tuple[int, ...], seed: int) -> Floats:
    return np.random.default_rng(seed).random(shape, np.float32) - np.float32(0.5)


def _half(plane: Floats) -> Floats:
    return cv2.resize(plane, (plane.shape[1] // 2, plane.shape[0] // 2), interpolation=cv2.INTER_AREA)


def _split_yuv(rgb: Floats) -> tuple[Floats, Floats]:
    """Return float Y (H x W) and full-size CbCr (H x W x 2) of sRGB floats in 0-1."""
    y = cv2.transform(rgb, _TO_Y[None, :]) + np.float32(16)
    uv = cv2.transform(rgb, np.stack([_TO_CB, _TO_CR])) + np.float32(128)
    return y.reshape(rgb.shape[:2]), uv


def to_planes(rgb: Floats, dither: float = 1.0, seed: int = 0, grain: float = 0.0) -> Planes:
    """Convert an even-sized float picture (H x W x 3, sRGB 0-1) with dither and optional luma grain (levels)."""
    y, uv = _split_yuv(np.ascontiguousarray(rgb, np.float32))
    half = _half(uv)
    y += _noise(y.shape, seed) * np.float32(dither)
    if grain > 0:
        y += cv2.GaussianBlur(_noise(y.shape, seed + 1), (0, 0), 0.7) * np.float32(grain * 4)
    half += _noise(half.shape, seed + 2) * np.float32(dither)
    return Planes(_bytes(y), _bytes(half))


def _bytes(values: Floats) -> Bytes:
    return cv2.convertScaleAbs(np.maximum(values, 0))


def to_sprite(rgb: Floats, alpha: Floats) -> Sprite:
    """Convert straight-alpha floats (H x W x 3 sRGB 0-1, H x W 0-1) to a premultiplied sprite, padded to even."""
    alpha = even(alpha)
    rgb = even(rgb)
    y, uv = _split_yuv(np.ascontiguousarray(rgb, np.float32))
    half_alpha = _half(alpha)
    half_uv = _half(uv * alpha[..., None])
    a, small = _bytes(alpha * 255), _bytes(half_alpha * 255)
    return Sprite(_bytes(y * alpha), _bytes(half_uv), a, cv2.merge([small, small]))


def solid(rgb: RGB, coverage: Bytes) -> Sprite:
    """Return a one-colour sprite with `coverage` (H x W, 0-255) as alpha."""
    alpha = even(coverage)
    y, cb, cr = yuv_of(rgb)
    small = cv2.resize(alpha, (alpha.shape[1] // 2, alpha.shape[0] // 2), interpolation=cv2.INTER_AREA)
    uv = cv2.merge([cv2.convertScaleAbs(small, alpha=cb / 255), cv2.convertScaleAbs(small, alpha=cr / 255)])
    return Sprite(cv2.convertScaleAbs(alpha, alpha=y / 255), uv, alpha, cv2.merge([small, small]))


def even(array: Bytes) -> Bytes:
    """Return the array with a zero row and column added where its height or width is odd."""
    pads = [(0, array.shape[0] % 2), (0, array.shape[1] % 2)] + [(0, 0)] * (array.ndim - 2)
    return np.pad(array, pads) if pads[0][1] or pads[1][1] else array


def rounded_mask(width: int, height: int, radius: float) -> Bytes:
    """Return an antialiased rounded rectangle that fills width x height (0-255)."""
    radius = min(radius, width / 2, height / 2)
    if radius < 0.5:
        return np.full((height, width), 255, np.uint8)
    x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2) - (width / 2 - radius)
    y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2) - (height / 2 - radius)
    distance = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    inside = np.clip(radius - distance + 0.5, 0, 1)
    mask: Bytes = np.round(inside * 255).astype(np.uint8)
    return mask
