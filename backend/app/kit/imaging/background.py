"""Find out whether a picture stands on a plain, even background, and model it. Used by cutout.py and images.py.

Tests: tests/test_kit/test_images.py
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.kit.imaging.colour import Bytes, Floats, to_lab

_OUTLIERS = 0.02
_MAX_SPREAD = 5.0
_MAX_RANGE = 30.0
_MIN_KEY = 7.0


class Background(NamedTuple):
    """A plain background, modelled as a slow gradient.

    Attributes:
        colours: HxWx3 float32 CIE Lab, what each pixel would be without the subject.
        distance: HxW float32, how far (delta E 76) each pixel is from that.
        key: Distance below which a pixel counts as background.
    """

    colours: Floats
    distance: Floats
    key: float


def plain_background(rgb: Bytes) -> Background | None:
    """Return the background of HxWx3 uint8 sRGB, or None when its border is not one even colour or slow gradient."""
    lab = to_lab(rgb)
    height, width = lab.shape[:2]
    ring = _ring(height, width)
    design = _design(height, width)
    fitted = _fit(design[ring], lab[ring])
    if fitted is None:
        return None
    coefficients, spread = fitted
    colours: Floats = (design.reshape(-1, design.shape[-1]) @ coefficients).reshape(lab.shape).astype(np.float32)
    if float(np.linalg.norm(np.ptp(colours.reshape(-1, 3), axis=0))) > _MAX_RANGE:
        return None
    distance: Floats = np.sqrt(np.sum((lab - colours) ** 2, axis=2))
    return Background(colours, distance, max(_MIN_KEY, 2.5 * spread))


def _ring(height: int, width: int) -> NDArray[np.bool_]:
    thick = max(2, round(0.015 * min(height, width)))
    ring = np.ones((height, width), np.bool_)
    ring[thick:-thick, thick:-thick] = False
    return ring


def _design(height: int, width: int) -> Floats:
    y, x = np.meshgrid(
        np.linspace(-1, 1, height, dtype=np.float32), np.linspace(-1, 1, width, dtype=np.float32), indexing="ij"
    )
    return np.stack([np.ones_like(x), x, y, x * x, y * y], axis=2)


def _fit(design: Floats, border: Floats) -> tuple[Floats, float] | None:
    """Fit the border twice, the second time without outliers; None when too much of it does not fit."""
    kept = np.linalg.norm(border - np.median(border, axis=0), axis=1) < _MAX_RANGE
    coefficients: Floats = np.zeros((design.shape[1], 3), np.float32)
    residual: Floats = np.zeros(len(border), np.float32)
    for _ in range(2):
        if kept.mean() < 1 - _OUTLIERS:
            return None
        coefficients = np.linalg.lstsq(design[kept], border[kept], rcond=None)[0].astype(np.float32)
        residual = np.linalg.norm(border - design @ coefficients, axis=1)
        kept = residual < 2 * _MAX_SPREAD
    spread = float(np.percentile(residual, 95))
    return (coefficients, spread) if kept.mean() >= 1 - _OUTLIERS and spread <= _MAX_SPREAD else None
