"""Drawing each layer's art once, before the first frame: text, shapes, pictures, shadows and the backdrop.

Called by render.py; gives compositor.py its drawables. Tests: tests/test_providers/test_local_video/test_bake.py
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from app.providers.local_video import color
from app.providers.local_video.assets import Asset
from app.providers.local_video.backdrop import bake_backdrop, smooth_noise
from app.providers.local_video.compositor import Drawable, Photo, area_of
from app.providers.local_video.look import Look
from app.providers.local_video.planes import Floats, Sprite, rounded_mask, solid, to_planes, to_sprite
from app.providers.local_video.product import cast_shadow, finished, fitted, reflection
from app.providers.local_video.scene_spec import (
    BackdropArt,
    ImageArt,
    Layer,
    SceneSpec,
    ScrimArt,
    ShadowArt,
    ShapeArt,
    TextArt,
)
from app.providers.local_video.typeset import draw_line

_LUMA = (0.299, 0.587, 0.114)
_OVERSIZE = 1.08
"""A photo is kept this much larger than its window, so that a slow zoom stays sharp."""


def bake(spec: SceneSpec, look: Look, assets: list[Asset]) -> dict[str, Drawable]:
    """Return the drawable of every layer, by layer name."""
    return {layer.name: _bake_layer(layer, spec, look, assets) for layer in spec.layers}


def _bake_layer(layer: Layer, spec: SceneSpec, look: Look, assets: list[Asset]) -> Drawable:
    art = layer.art
    if isinstance(art, TextArt):
        return _text(art, layer)
    if isinstance(art, ShapeArt):
        return _shape(art, layer)
    if isinstance(art, BackdropArt):
        picture = assets[art.asset].rgba if art.asset is not None else None
        return bake_backdrop(art, (spec.width, spec.height), look, picture)
    if isinstance(art, ScrimArt):
        return _scrim(art, (spec.width, spec.height), look, assets[art.asset])
    if isinstance(art, ShadowArt):
        return _under(art, layer, look, assets[art.asset])
    return _image(art, layer, look, assets[art.asset])


def _text(art: TextArt, layer: Layer) -> Sprite:
    """Return the line; its box's left edge is the pen origin and its bottom edge the baseline."""
    mask = draw_line(art.text, art.face, art.size, art.tracking)
    sprite = solid(art.color, mask.coverage)
    sprite.x, sprite.y0 = -mask.x, round(layer.box.h) - mask.baseline
    return sprite


def _shape(art: ShapeArt, layer: Layer) -> Sprite:
    width, height = max(2, round(layer.box.w)), max(2, round(layer.box.h))
    mask = rounded_mask(width, height, art.radius)
    if art.stroke > 0:
        edge = max(1, round(art.stroke))
        inner = rounded_mask(max(2, width - 2 * edge), max(2, height - 2 * edge), max(0.0, art.radius - edge))
        mask[edge : edge + inner.shape[0], edge : edge + inner.shape[1]] -= inner
    pad = math.ceil(art.feather * 1.5) * 2
    if pad:
        mask = cv2.GaussianBlur(np.pad(mask, pad), (0, 0), art.feather)
    sprite = solid(art.color, cv2.convertScaleAbs(mask, alpha=art.alpha))
    sprite.x = sprite.y0 = -pad
    return sprite


def _image(art: ImageArt, layer: Layer, look: Look, asset: Asset) -> Drawable:
    if art.treatment == "photo":
        return _photo(art, layer, look, asset)
    rgb, alpha = fitted(asset, layer.box.w, layer.box.h)
    if art.treatment == "cutout":
        rgb, alpha = finished(rgb, alpha, look)
    sprite = to_sprite(rgb, alpha)
    sprite.x = round((layer.box.w - rgb.shape[1]) / 4) * 2
    share = 0.5 if art.treatment == "logo" else art.align
    sprite.y0 = round((layer.box.h - rgb.shape[0]) * share / 2) * 2
    return sprite


def _covered(asset: Asset, look: Look, width: int, height: int) -> Floats:
    """Return the asset's colours (0-1) filling width x height; a cut-out stands on the look's own ground."""
    if asset.is_cutout:
        return _on_ground(asset, look, width, height)
    tall, wide = asset.rgba.shape[:2]
    scale = max(width / wide, height / tall)
    size = max(width, math.ceil(wide * scale)), max(height, math.ceil(tall * scale))
    rgb = cv2.resize(asset.rgba[..., :3], size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    part: Floats = rgb[top : top + height, left : left + width].astype(np.float32) / 255
    return np.ascontiguousarray(part)


def _on_ground(asset: Asset, look: Look, width: int, height: int) -> Floats:
    rgb, alpha = finished(*fitted(asset, width * 0.8, height * 0.76), look)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    glow = np.exp(-(((x / width - 0.5) / 0.5) ** 2) - ((y / height - 0.45) / 0.5) ** 2)[..., None]
    edge = np.asarray(color.mix(look.deep, look.accent, 0.18), np.float32)
    light = np.asarray(color.mix(look.pool, look.accent, 0.12), np.float32)
    ground: Floats = edge + (light - edge) * glow
    top, left = int((height - rgb.shape[0]) * 0.56), (width - rgb.shape[1]) // 2
    foot = alpha[int(alpha.shape[0] * 0.93) :].max(axis=0)
    shade: Floats = np.zeros((height, width), np.float32)
    line = min(height - 1, top + rgb.shape[0])
    shade[max(0, line - 3) : line + 3, left : left + rgb.shape[1]] = foot
    shade = cv2.GaussianBlur(shade, (0, 0), width * 0.03, sigmaY=height * 0.012)
    ground = ground * (1 - np.clip(shade * 2.2, 0, 0.55))[..., None]
    part = ground[top : top + rgb.shape[0], left : left + rgb.shape[1]]
    part[:] = part + (rgb - part) * alpha[..., None]
    return ground


def _photo(art: ImageArt, layer: Layer, look: Look, asset: Asset) -> Photo:
    width, height = area_of(layer.box).size
    size = math.ceil(width * _OVERSIZE / 2) * 2, math.ceil(height * _OVERSIZE / 2) * 2
    mask = rounded_mask(width, height, art.radius)
    small = cv2.resize(mask, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    picture = to_planes(_covered(asset, look, *size), dither=0.5)
    picture.uv = cv2.merge([picture.uv, picture.uv])
    return Photo(picture, mask, cv2.merge([small, small]), square=bool(mask.min() == 255))


def _under(art: ShadowArt, layer: Layer, look: Look, asset: Asset) -> Sprite:
    """Return what lies under a standing cut-out: its shadow, or its reflection."""
    rgb, alpha = fitted(asset, layer.box.w, layer.box.h)
    if art.mirror:
        sprite = reflection(*finished(rgb, alpha, look), look)
        sprite.x = round((layer.box.w - rgb.shape[1]) / 4) * 2
        sprite.y0 = round(layer.box.h / 2) * 2
        return sprite
    sprite, pad = cast_shadow(alpha, look)
    sprite.x = round(((layer.box.w - rgb.shape[1]) / 2 - pad) / 2) * 2
    sprite.y0 = round((layer.box.h - sprite.size[1] / 2) / 2) * 2
    return sprite


def _scrim(art: ScrimArt, size: tuple[int, int], look: Look, asset: Asset) -> Sprite:
    """Return a corner shade: `dim` far away and, under the text, as strong as the look's inks need."""
    width, height = size[0] // 4, size[1] // 4
    small = _covered(asset, look, width, height)
    box = art.readable
    x0, x1 = (int(np.clip(v / size[0], 0, 1) * width) for v in (box.x, box.right))
    y0, y1 = (int(np.clip(v / size[1], 0, 1) * height) for v in (box.y, box.bottom))
    luma = cv2.GaussianBlur(small, (0, 0), 1.2) @ np.asarray(_LUMA, np.float32)
    part = luma[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    goal = float(np.dot(art.color, _LUMA))
    worst = float(part.min() if look.theme == "light" else part.max())
    limit = float(np.dot(color.mix(look.base, look.deep if look.theme == "light" else look.pool, 0.5), _LUMA))
    short = (limit - worst) if look.theme == "light" else (worst - limit)
    need = float(np.clip(short / max(1e-3, abs(goal - worst)), art.dim, 0.94))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    down = y / max(1.0, y1) if art.from_top else (height - y) / max(1.0, height - y0)
    reach = np.hypot(x / max(1.0, x1), down) / np.float32(1.42)
    far = np.clip((reach - 1) / 0.95, 0, 1)
    field = art.dim + (need - art.dim) * (1 - far * far * (3 - 2 * far))
    full = cv2.resize(field.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    full = np.clip(full + smooth_noise(full.shape, look.seed) * np.float32(1 / 255), 0, 1)
    return to_sprite(np.broadcast_to(np.asarray(art.color, np.float32), (*full.shape, 3)), full)
