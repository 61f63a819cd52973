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

_GRAIN = {"dark": 0.8, "vivid": 0.8, "light": 1.1}


def smooth_noise(shape: tuple[int, ...], seed: int) -> Floats:
    """Return seeded noise in -0.5..0.5."""
    noise: Floats = np.random.default_rng(seed).random(shape, np.float32) - np.float32(0.5)
    return noise


def bake_backdrop(art: BackdropArt, size: tuple[int, int], look: Look, picture: Bytes | None) -> Plates:
    """Return the ground (width x height) under the light at its first and its last place."""
    soft = None if picture is None else _softened(picture, size)
    lights = (art.light, art.light_to) if art.light != art.light_to else (art.light,)
    plates = [
        to_planes(_ground(size, look, (light, art.horizon), soft), seed=look.seed % 9973, grain=_GRAIN[look.theme])
        for light in lights
    ]
    return Plates(plates[0], plates[-1])


def _ground(
    size: tuple[int, int], look: Look, place: tuple[tuple[float, float], float | None], soft: Floats | None
) -> Floats:
    """Paint at a quarter of the size, in floats, and enlarge: everything here is smooth."""
    light, horizon = place
    width, height = max(8, size[0] // 4), max(8, size[1] // 4)
    x, y = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
    ratio = size[0] / size[1]
    short = min(1.0, ratio)
    far = np.hypot((x - light[0]) * ratio, (y - light[1]) * 0.92) / short
    flat = 0.45 if look.backdrop == "plane" else 1.0
    glow = (np.exp(-((far / 0.62) ** 2)) * 0.8 + np.exp(-((far / 0.28) ** 2)) * 0.2) * flat
    deep, base, pool = (np.asarray(c, np.float32) for c in (look.deep, look.base, look.pool))
    edge = np.clip(np.hypot((x - 0.5) * 1.05, (y - 0.5) * 1.05) * 1.5 - 0.22, 0, 1) ** 1.2 * flat
    ground = base + (deep - base) * edge[..., None]
    if soft is not None:
        ground = _with_place(ground, soft, (width, height), look)
    ground = ground + (pool - ground) * glow[..., None]
    if horizon is not None and look.backdrop != "plane":
        ground = _floor(ground, (x, y), (light[0], horizon, ratio), look)
    painted: Floats = cv2.resize(np.clip(ground, 0, 1), size, interpolation=cv2.INTER_CUBIC)
    return painted


def _floor(ground: Floats, at: tuple[Floats, Floats], place: tuple[float, float, float], look: Look) -> Floats:
    """Roll the wall into a floor: a soft dark seam, the key light's pool on the floor, then fall-off to the front."""
    x, y = at
    light_x, horizon, ratio = place
    below = 1 / (1 + np.exp(-(y - horizon) * 34))
    front = np.clip((y - horizon) / max(0.05, 1 - horizon), 0, 1)
    deep, pool = np.asarray(look.deep, np.float32), np.asarray(look.pool, np.float32)
    seam = np.exp(-(((y - horizon + 0.015) / 0.055) ** 2)) * (0.16 if look.theme != "light" else 0.10)
    ground = ground + (deep - ground) * (seam + below * front * 0.42)[..., None]
    middle = horizon + (1 - horizon) * 0.30
    pooled = np.exp(-(((x - light_x) * ratio / 0.52) ** 2) - ((y - middle) / (0.085 + 0.05 * front)) ** 2) * below
    bright = np.clip(pool * (1.12 if look.theme != "light" else 1.02), 0, 1)
    return np.asarray(ground + (bright - ground) * (pooled * 0.62)[..., None], np.float32)


def _with_place(ground: Floats, soft: Floats, size: tuple[int, int], look: Look) -> Floats:
    """Mix in the environment, far out of focus, kept inside the look's own range so that text stays readable."""
    place = cv2.resize(soft, size, interpolation=cv2.INTER_AREA)
    deep, pool = np.asarray(look.deep, np.float32), np.asarray(look.pool, np.float32)
    span = pool - deep
    tinted = deep + span * place.mean(axis=2, keepdims=True) * 0.9 + (place - place.mean(axis=2, keepdims=True)) * 0.25
    mixed = ground * 0.45 + tinted * 0.55
    kept: Floats = np.clip(mixed, np.minimum(deep, pool), np.maximum(deep, pool))
    return kept


def _softened(picture: Bytes, size: tuple[int, int]) -> Floats:
    """Return the picture filling the frame, far out of focus, stretched to the full 0-1 range (H x W x 3)."""
    width, height = max(8, size[0] // 8), max(8, size[1] // 8)
    tall, wide = picture.shape[:2]
    scale = max(width / wide, height / tall)
    grown = cv2.resize(
        picture[..., :3],
        (max(width, round(wide * scale)), max(height, round(tall * scale))),
        interpolation=cv2.INTER_AREA,
    )
    top, left = (grown.shape[0] - height) // 2, (grown.shape[1] - width) // 2
    part = grown[top : top + height, left : left + width].astype(np.float32) / 255
    soft = cv2.GaussianBlur(part, (0, 0), max(1.0, size[0] / 260))
    low, high = float(soft.min()), float(soft.max())
    tint: Floats = (soft - low) / max(1e-3, high - low)
    return tint
