"""Image quality of single pictures, measured on the decoder's Y plane before any resize: sharpness, noise, light, bars.

Called by measure.py on its key pictures. Tests: tests/test_providers/test_scoring_embedded/test_stills.py
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from app.providers.scoring_embedded.frames import Picture, Plane
from app.providers.scoring_embedded.planes import SMALL, Floats, gradient, shrink

BLACK, WHITE = 16, 235
GRID = 16
_FLAT_EDGE = 3.0
_SMOOTH = 0.5
_LARGE = 480
_STRAIGHT = 0.85
_UNSURE, _SURE = 0.4, 0.65
_NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


def stills(picture: Picture) -> dict[str, float]:
    """Return the signals of one picture."""
    luma = picture.luma
    small = shrink(picture.bgr, SMALL)
    low, middle, high = (float(np.quantile(luma[::2, ::2], share)) for share in (0.01, 0.5, 0.99))
    return {
        **sharpness(luma),
        "noise": noise(luma),
        **texture(luma),
        "blockiness": blockiness(luma),
        "darkest": (low - BLACK) / (WHITE - BLACK),
        "middle": (middle - BLACK) / (WHITE - BLACK),
        "brightest": (high - BLACK) / (WHITE - BLACK),
        "clipped": float(np.mean(luma[::2, ::2] >= WHITE - 1)),
        "contrast": (high - low) / (WHITE - BLACK),
        "colourfulness": colourfulness(small),
        "bars": bars(luma),
        "tilt": tilt(shrink(luma, 2 * SMALL)),
        "spread": float(np.std(luma[::2, ::2])),
    }


def sharpness(luma: Plane) -> dict[str, float]:
    """Strongest slopes at full size over those at 1/2, 1/4 and 1/8: 1 for a clean step, 1/2 a step for a blur.

    A ratio of the picture with itself, so contrast and darkness don't count. No edge at all reads as sharp. `halo` is
    how far the first ratio is above 1: edges that were sharpened overshoot. In a small picture thin type does so too,
    so there it is 0.
    """
    tops, plane = [], luma
    for _ in range(4):
        tops.append(float(np.quantile(gradient(plane), 0.995)))
        if len(tops) > 1 and min(plane.shape) < 48:
            break
        plane = np.asarray(cv2.resize(plane, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    if max(tops) < _FLAT_EDGE:
        return {"sharp_fine": 1.0, "sharp_coarse": 1.0, "halo": 0.0}
    steps = [(fine + 0.5) / (coarse + 0.5) for fine, coarse in pairwise(tops)]
    ratios = [min(1.0, step) for step in steps]
    coarse = float(np.mean(ratios[1:] or ratios))
    halo = max(0.0, steps[0] - 1) if max(luma.shape) >= _LARGE else 0.0
    return {"sharp_fine": ratios[0], "sharp_coarse": coarse, "halo": halo}


def noise(luma: Plane) -> float:
    """Immerkaer's noise deviation in grey levels, on the calmer fifth of the blocks; clipped blocks don't count."""
    wild = np.abs(cv2.filter2D(luma, cv2.CV_32F, _NOISE_KERNEL))
    size = (max(1, luma.shape[1] // 16), max(1, luma.shape[0] // 16))
    blocks = cv2.resize(wild, size, interpolation=cv2.INTER_AREA)
    light = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    usable = blocks[(light > BLACK + 6) & (light < WHITE - 6)]
    if usable.size < 8:
        return 0.0
    return float(np.quantile(usable, 0.2)) * float(np.sqrt(np.pi / 2)) / 6


def _bends(luma: Plane) -> Floats:
    """How much the step from each column to the next breaks the trend of its neighbours, in grey levels."""
    steps = np.diff(luma.astype(np.float32), axis=1)
    bends: Floats = np.abs(2 * steps[:, 1:-1] - steps[:, :-2] - steps[:, 2:]) / 2
    return bends


def blockiness(luma: Plane) -> float:
    """Excess of broken trends on the 16 x 16 grid of the codec over those off the grid, as a share; 0 in tiny ones."""
    if min(luma.shape) < 2 * GRID:
        return 0.0
    found = []
    for plane in (luma, luma.T):
        bends = np.minimum(_bends(plane), 12.0)
        calm = bends[:, : bends.shape[1] // GRID * GRID]
        by_offset = calm.mean(axis=0).reshape(-1, GRID).mean(axis=0)
        usual = float(np.median(by_offset))
        found.append((float(by_offset[GRID - 2]) - usual) / (usual + 0.5))
    return float(np.mean(found))


def texture(luma: Plane) -> dict[str, float]:
    """`detail`: finest against next coarser texture where there is some; a starved encoder drops the finest first.

    `flat`: share of blocks without fine texture; drawings have many, a camera's noise leaves few.
    """
    plane = luma.astype(np.float32)
    soft = cv2.GaussianBlur(plane, (0, 0), 1)
    finest, coarser = np.abs(plane - soft), np.abs(soft - cv2.GaussianBlur(soft, (0, 0), 2))
    size = (max(1, plane.shape[1] // 16), max(1, plane.shape[0] // 16))
    fine, coarse = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (finest, coarser))
    textured = coarse > 1
    detail = float(np.quantile(fine[textured] / coarse[textured], 0.25)) if textured.mean() > 0.02 else 1.0
    return {"detail": detail, "flat": float(np.mean(_block_deviation(plane - cv2.blur(plane, (3, 3))) < _SMOOTH))}


def _block_deviation(plane: Floats) -> Floats:
    size = (max(1, plane.shape[1] // 8), max(1, plane.shape[0] // 8))
    crop = plane[: size[1] * 8, : size[0] * 8]
    mean = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    square = cv2.resize(crop * crop, size, interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)), np.float32)


def colourfulness(bgr: Plane) -> float:
    """Hasler and Suesstrunk's colourfulness: 0 grey, 15 slight, 45 strong, above 80 extreme."""
    blue, green, red = (bgr[..., index].astype(np.float32) for index in range(3))
    first, second = red - green, (red + green) / 2 - blue
    spread = np.hypot(first.std(), second.std())
    return float(spread + 0.3 * np.hypot(first.mean(), second.mean()))


def bars(luma: Plane) -> float:
    """Share of the height or width lost to black bars: dark, even, opposite borders with a hard straight edge."""
    return max(_bar_pair(luma), _bar_pair(luma.T))


def _bar_pair(luma: Plane) -> float:
    first, last = _bar(luma), _bar(luma[::-1])
    return (first + last) / luma.shape[0] if min(first, last) > 0.01 * luma.shape[0] else 0.0


def _bar(luma: Plane) -> int:
    dark = (luma.max(axis=1) <= BLACK + 12) | (luma.mean(axis=1) <= BLACK + 3)
    depth = int(np.argmin(dark)) if not dark.all() else 0
    if depth < 2 or depth + 4 >= luma.shape[0]:
        return 0
    outside, inside = luma[max(0, depth - 3)].astype(np.int16), luma[depth + 3].astype(np.int16)
    return depth if float(np.mean(np.abs(inside - outside) > 8)) > 0.5 else 0


def tilt(luma: Plane) -> float:
    """How many degrees the strongest straight lines lean off the axes; 0 where upright ones are stronger.

    Only points on straight edges count. Lines 3 to 25 degrees off are weighed against those within 2.5 degrees; lines
    that lean as much the other way take away from them, for that is perspective.
    """
    across, down = (np.asarray(cv2.Sobel(luma, cv2.CV_32F, x, 1 - x, ksize=3), np.float32) for x in (1, 0))
    size = cv2.magnitude(across, down)
    straight = (size > max(40.0, float(np.quantile(size, 0.9)))) & (_coherence(across, down) > _STRAIGHT)
    if straight.mean() < 0.002:
        return 0.0
    angle = np.rad2deg(np.arctan2(down[straight], across[straight]))
    lean = (angle + 45) % 90 - 45
    weight, _ = np.histogram(lean, bins=90, range=(-45, 45), weights=np.minimum(size[straight], 200))
    smooth = np.convolve(weight, [0.25, 0.5, 1, 0.5, 0.25], "same") / max(float(weight.sum()), 1e-6)
    off = np.abs(np.arange(90) - 44.5)
    leaning = np.where((off > 2.5) & (off < 25), np.maximum(0, smooth - smooth[::-1]), 0)
    strength = float(leaning.max())
    sure = strength / (strength + float(smooth[off < 2.5].max()) + 1e-6) * min(1.0, strength / 0.12)
    return float(off[leaning.argmax()]) * float(np.clip((sure - _UNSURE) / (_SURE - _UNSURE), 0, 1))


def _coherence(across: Floats, down: Floats) -> Floats:
    """How much the slopes around each point agree on a direction, 0 to 1."""
    xx, yy, xy = (cv2.GaussianBlur(each, (0, 0), 4) for each in (across * across, down * down, across * down))
    return np.asarray(np.hypot(xx - yy, 2 * xy) / (xx + yy + 1e-3), np.float32)
