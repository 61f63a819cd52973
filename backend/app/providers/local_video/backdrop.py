"""The ground of a scene: edge to key light in one colour family, floor, vignette, dither; two plates for a drift.

Called by bake.py. Tests: tests/test_providers/test_local_video/test_bake.py
"""

from __future__ import annotations

import cv2
import numpy as np

from app.providers.local_video.compositor import Plates
from app.providers.local_video.look import Look
from app.providers.local_video.planes import Bytes, Floats, to_planes
from app.providers.local_video.scene_spec import BackdropArt

_GRAIN = {"dark": 0.9, "light": 1.3}


def bake_backdrop(art: BackdropArt, size: tuple[int, int], look: Look, picture: Bytes | None) -> Plates:
    """Return the ground (width x height) under the light at its first and its last place."""
    soft = None if picture is None else _softened(picture, size)
    plates = [_ground(size, look, light, art.horizon, soft) for light in (art.light, art.light_to)]
    one, two = (to_planes(p, dither=1.0, seed=look.seed % 9973, grain=_GRAIN[look.theme]) for p in plates)
    return Plates(one, two)


def _ground(
    size: tuple[int, int], look: Look, light: tuple[float, float], horizon: float | None, soft: Floats | None
) -> Floats:
    """Paint at a quarter of the size, in floats, and enlarge: everything here is smooth."""
    width, height = max(8, size[0] // 4), max(8, size[1] // 4)
    x, y = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
    ratio = size[0] / size[1]
    reach = 0.62 * max(1.0, ratio)
    far = np.hypot((x - light[0]) * ratio, y - light[1]) / reach
    glow = np.exp(-((far * 1.25) ** 2))
    deep, base, pool = (np.asarray(c, np.float32) for c in (look.deep, look.base, look.pool))
    edge = np.clip(np.hypot((x - 0.5) * 1.05, (y - 0.5) * 1.05) * 1.5 - 0.25, 0, 1)[..., None]
    ground = base + (deep - base) * edge
    if soft is not None:
        ground = ground * (0.55 + 0.9 * cv2.resize(soft, (width, height), interpolation=cv2.INTER_AREA))
        ground = np.clip(ground, deep * 0.9, pool)
    ground = ground + (pool - ground) * (glow * 0.92)[..., None]
    if horizon is not None:
        ground = _floor(ground, y, horizon, look)
    painted: Floats = cv2.resize(np.clip(ground, 0, 1), size, interpolation=cv2.INTER_CUBIC)
    return painted


def _floor(ground: Floats, y: Floats, horizon: float, look: Look) -> Floats:
    """Roll the wall into a floor: a soft darker band at the horizon, then light falling off to the front."""
    below = 1 / (1 + np.exp(-(y - horizon) * 26))
    band = np.exp(-(((y - horizon) / 0.09) ** 2)) * 0.10
    front = np.clip((y - horizon) / max(0.05, 1 - horizon), 0, 1) * 0.32
    deep = np.asarray(look.deep, np.float32)
    shade = (band + below * front)[..., None]
    return np.asarray(ground + (deep - ground) * shade, np.float32)


def _softened(picture: Bytes, size: tuple[int, int]) -> Floats:
    """Return the picture far out of focus, as a brightness-neutral tint around 0.5 (H x W x 3)."""
    small = cv2.resize(picture[..., :3], (max(8, size[0] // 8), max(8, size[1] // 8)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small.astype(np.float32) / 255, (0, 0), max(1.0, size[0] / 220))
    tint: Floats = np.clip(soft - soft.mean(axis=(0, 1)) + 0.5, 0, 1)
    return tint
