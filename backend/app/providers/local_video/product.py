"""The product's finish: matte, grade and rim light; contact and cast shadow; floor reflection.

Called by bake.py, once a scene. Tests: tests/test_providers/test_local_video/test_bake.py
"""

from __future__ import annotations

import cv2
import numpy as np

from app.providers.local_video.assets import Asset
from app.providers.local_video.look import Look
from app.providers.local_video.planes import Floats, Sprite, to_sprite


def fitted(asset: Asset, width: float, height: float) -> tuple[Floats, Floats]:
    """Return the asset's colours (0-1) and alpha (0-1) at the largest even size that fits the box."""
    tall, wide = asset.rgba.shape[:2]
    scale = min(width / wide, height / tall)
    size = max(2, round(wide * scale / 2) * 2), max(2, round(tall * scale / 2) * 2)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    alpha = asset.rgba[..., 3].astype(np.float32) / 255
    colour = asset.rgba[..., :3].astype(np.float32) / 255 * alpha[..., None]
    small = np.clip(cv2.resize(alpha, size, interpolation=method), 0, 1)
    colour = np.clip(cv2.resize(colour, size, interpolation=method), 0, 1)
    return np.clip(colour / np.maximum(small, 1 / 255)[..., None], 0, 1), small


def finished(rgb: Floats, alpha: Floats, look: Look) -> tuple[Floats, Floats]:
    """Return the product lit by the scene: a choked edge, a grade from top to base, a rim toward the key light."""
    height, width = alpha.shape
    alpha = np.clip((alpha - 0.10) / 0.84, 0, 1)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    graded = rgb * (1.05 - 0.17 * down)
    pool, deep = np.asarray(look.pool, np.float32), np.asarray(look.deep, np.float32)
    graded = graded + (deep - graded) * (0.16 * down**3)
    reach = max(1.0, min(height, width) * 0.012)
    inner = cv2.GaussianBlur(1 - alpha, (0, 0), reach) * alpha
    shift = np.roll(inner, (int(reach), -int(reach)), (0, 1))
    strength = 0.55 if look.theme != "light" else 0.22
    rim = np.clip((inner * 0.5 + shift * 0.5) * 2, 0, 1)[..., None] * strength
    warm = np.clip(pool * 1.25 + 0.12, 0, 1)
    return np.clip(graded + (warm - graded) * rim * 0.6, 0, 1), alpha


def cast_shadow(alpha: Floats, look: Look) -> tuple[Sprite, int]:
    """Return the shadow sheet and its side padding; its middle row lies on the line the product stands on.

    The contact part comes from the lowest tenth of the silhouette only: the whole outline would float.
    """
    height, width = alpha.shape
    foot = alpha[int(height * 0.95) :].mean(axis=0)
    pad = int(width * 0.4 / 2) * 2
    half = max(10, int(min(width, height * 1.4) * 0.17 / 2) * 2)
    thick = max(1, half // 11)
    sheet = np.zeros((2 * half, width + 2 * pad), np.float32)
    sheet[half - thick : half + thick, pad : pad + width] = foot
    touch = cv2.GaussianBlur(sheet, (0, 0), max(0.8, width * 0.02), sigmaY=max(0.8, thick * 0.8))
    near = cv2.GaussianBlur(sheet, (0, 0), max(1.0, width * 0.05), sigmaY=max(1.0, half * 0.16))
    wide = cv2.GaussianBlur(sheet, (0, 0), max(1.0, width * 0.13), sigmaY=max(1.0, half * 0.3))
    parts = (0.60, 0.95, 1.3) if look.theme != "light" else (0.42, 0.55, 0.75)
    total = np.clip(touch * parts[0] + near * parts[1] + wide * parts[2], 0, 0.86)
    tone = np.asarray(look.deep, np.float32) * (0.25 if look.theme != "light" else 0.36)
    return to_sprite(np.broadcast_to(tone, (*total.shape, 3)).astype(np.float32), total.astype(np.float32)), pad


def reflection(rgb: Floats, alpha: Floats, look: Look) -> Sprite:
    """Return the product upside down, fading out within a third of its height and slightly out of focus."""
    height = max(2, int(alpha.shape[0] * 0.34 / 2) * 2)
    flipped, matte = rgb[::-1][:height], alpha[::-1][:height]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    fade = (1 - down) ** 2.2 * np.float32(0.30 if look.theme != "light" else 0.24)
    blur = max(0.8, alpha.shape[1] * 0.006)
    soft = cv2.GaussianBlur(np.ascontiguousarray(flipped), (0, 0), blur, sigmaY=blur * 1.6)
    return to_sprite(soft, cv2.GaussianBlur(matte, (0, 0), blur * 0.7) * fade)
