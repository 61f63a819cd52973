"""Small helpers on pictures that several measures share: shrinking, and pulling back along a flow.

Called by motion.py, fading.py, stills.py and measure.py.
Tests: tests/test_providers/test_scoring_embedded/test_planes.py
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from app.providers.scoring_embedded.frames import Plane

Floats = NDArray[np.float32]
SMALL = 320
"""The longer side of the copies on which motion is measured, in pixels."""


def shrink(plane: Plane, long_side: int) -> Plane:
    """Return `plane` with its longer side at most `long_side`, averaged."""
    height, width = plane.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)


def warp(plane: Plane, flow: Floats) -> Plane:
    """Return `plane` (height, width[, channels]) pulled back along `flow`."""
    columns, rows = _grid(*plane.shape[:2])
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE), np.uint8)


def gradient(plane: Plane) -> Floats:
    """Size of the light's slope, a pixel each, in grey levels."""
    across, down = (cv2.Sobel(plane, cv2.CV_32F, x, 1 - x, ksize=3, scale=1 / 8) for x in (1, 0))
    return np.asarray(cv2.magnitude(across, down), np.float32)


@lru_cache(maxsize=4)
def _grid(height: int, width: int) -> tuple[Floats, Floats]:
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return columns, rows
