"""Drawing each layer's art once, before the first frame: text, shapes, pictures, shadows and the backdrop.

Called by render.py; gives compositor.py its drawables. Tests: tests/test_providers/test_local_video/test_bake.py
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.providers.local_video.assets import Asset
from app.providers.local_video.backdrop import bake_backdrop
from app.providers.local_video.compositor import Drawable, Photo, area_of
from app.providers.local_video.look import Look
from app.providers.local_video.planes import Floats, Sprite, rounded_mask, solid, to_planes, to_sprite
from app.providers.local_video.scene_spec import (
    BackdropArt,
    ImageArt,
    Layer,
    SceneSpec,
    ShadowArt,
    ShapeArt,
    TextArt,
)
from app.providers.local_video.typeset import draw_line

_OVERSIZE = 1.12
"""A photo is kept this much larger than its window, so that a slow zoom stays sharp."""


def bake(spec: SceneSpec, look: Look, assets: list[Asset]) -> dict[str, Drawable]:
    """Return the drawable of every layer, by layer name."""
    return {layer.name: _bake_layer(layer, spec, look, assets) for layer in spec.layers}


def _bake_layer(layer: Layer, spec: SceneSpec, look: Look, assets: list[Asset]) -> Drawable:
    art = layer.art
    if isinstance(art, BackdropArt):
        picture = assets[art.asset].rgba if art.asset is not None else None
        return bake_backdrop(art, (spec.width, spec.height), look, picture)
    if isinstance(art, TextArt):
        return _text(art, layer)
    if isinstance(art, ShapeArt):
        return _shape(art, layer)
    if isinstance(art, ShadowArt):
        return _shadow(layer, assets[art.asset])
    return _image(art, layer, assets[art.asset])


def _text(art: TextArt, layer: Layer) -> Sprite:
    """Return the line; its box's left edge is the pen origin and its bottom edge the baseline."""
    mask = draw_line(art.text, art.face, art.size, art.tracking)
    sprite = solid(art.color, mask.coverage)
    sprite.x, sprite.y0 = -mask.x, round(layer.box.h) - mask.baseline
    return sprite


def _shape(art: ShapeArt, layer: Layer) -> Sprite:
    width, height = max(2, round(layer.box.w)), max(2, round(layer.box.h))
    mask = rounded_mask(width, height, art.radius)
    return solid(art.color, cv2.convertScaleAbs(mask, alpha=art.alpha))


def _image(art: ImageArt, layer: Layer, asset: Asset) -> Drawable:
    if art.treatment == "photo":
        return _photo(art, layer, asset)
    rgb, alpha = fitted(asset, layer.box.w, layer.box.h)
    sprite = to_sprite(rgb, alpha)
    sprite.x = round((layer.box.w - rgb.shape[1]) / 2)
    sprite.y0 = round(layer.box.h - rgb.shape[0])
    if art.treatment == "logo":
        sprite.y0 = round((layer.box.h - rgb.shape[0]) / 2)
    return sprite


def fitted(asset: Asset, width: float, height: float) -> tuple[Floats, Floats]:
    """Return the asset's colours (0-1) and alpha (0-1) at the largest size that fits the box."""
    tall, wide = asset.rgba.shape[:2]
    scale = min(width / wide, height / tall)
    size = max(2, round(wide * scale)), max(2, round(tall * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    alpha = asset.rgba[..., 3].astype(np.float32) / 255
    colour = asset.rgba[..., :3].astype(np.float32) / 255 * alpha[..., None]
    small = np.clip(cv2.resize(alpha, size, interpolation=method), 0, 1)
    colour = np.clip(cv2.resize(colour, size, interpolation=method), 0, 1)
    return np.clip(colour / np.maximum(small, 1 / 255)[..., None], 0, 1), small


def covered(asset: Asset, width: int, height: int) -> Floats:
    """Return the asset's colours (0-1) filling width x height, the overhang cut off evenly; alpha over white."""
    tall, wide = asset.rgba.shape[:2]
    scale = max(width / wide, height / tall)
    size = max(width, math.ceil(wide * scale)), max(height, math.ceil(tall * scale))
    rgba = cv2.resize(asset.rgba, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    part = rgba[top : top + height, left : left + width].astype(np.float32) / 255
    alpha = part[..., 3:]
    return np.ascontiguousarray(part[..., :3] * alpha + (1 - alpha))


def _photo(art: ImageArt, layer: Layer, asset: Asset) -> Photo:
    area = area_of(layer.box)
    width, height = area.right - area.left, area.bottom - area.top
    size = math.ceil(width * _OVERSIZE / 2) * 2, math.ceil(height * _OVERSIZE / 2) * 2
    mask = rounded_mask(width, height, art.radius)
    small = cv2.resize(mask, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return Photo(to_planes(covered(asset, *size), dither=0.5), mask, cv2.merge([small, small]))


def _shadow(layer: Layer, asset: Asset) -> Sprite:
    """Return the contact shadow: the silhouette's lowest tenth, flattened and blurred, under the box's bottom."""
    _, alpha = fitted(asset, layer.box.w, layer.box.h)
    foot = alpha[int(alpha.shape[0] * 0.9) :].max(axis=0)
    width = alpha.shape[1]
    pad = int(width * 0.35)
    height = max(8, int(width * 0.16))
    row = np.pad(foot, (pad, pad))[None, :]
    sheet = np.zeros((height * 3, row.shape[1]), np.float32)
    sheet[height : height + height // 3] = row
    soft = cv2.GaussianBlur(sheet, (0, 0), max(1.0, width * 0.02), sigmaY=max(1.0, height * 0.12)) * 0.75
    wide = cv2.GaussianBlur(sheet, (0, 0), max(1.0, width * 0.10), sigmaY=max(1.0, height * 0.45)) * 0.7
    total = np.clip(soft + wide, 0, 0.85)
    sprite = to_sprite(np.zeros((*total.shape, 3), np.float32), total)
    sprite.x = round((layer.box.w - width) / 2) - pad
    sprite.y0 = round(layer.box.h) - height - height // 6
    return sprite
