"""Playing a scene: every frame is drawn from its number alone, straight in Y and UV planes.

`Player(spec, drawables).frame(n)` evaluates the cues at n / fps and blends plates, photos and sprites in order.
Called by render.py. Tests: tests/test_providers/test_local_video/test_compositor.py
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from app.providers.local_video.planes import Bytes, Planes, Sprite, blank
from app.providers.local_video.scene_spec import Box, Layer, SceneSpec, value_at

_SETTLED = 0.02
"""A sprite this near to whole pixels (and to scale 1 in total) is copied, not resampled."""
_LINEAR = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


@dataclass(slots=True)
class Plates:
    """Full-frame pictures of one ground under two lights; `mix` blends from one to the other."""

    one: Planes
    two: Planes


@dataclass(slots=True)
class Photo:
    """An opaque picture shown through a window; it is larger than the window, so that it can move inside."""

    picture: Planes
    mask: Bytes
    mask_uv: Bytes


Drawable = Plates | Photo | Sprite


@dataclass(frozen=True, slots=True)
class Area:
    """Whole-pixel rectangle; even-aligned, so that both planes cover the same ground."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top

    def meet(self, other: Area) -> Area:
        return Area(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


def area_of(box: Box) -> Area:
    """Return the smallest even-aligned area that holds the box."""
    return Area(
        math.floor(box.x / 2) * 2,
        math.floor(box.y / 2) * 2,
        math.ceil(box.right / 2) * 2,
        math.ceil(box.bottom / 2) * 2,
    )


@dataclass(slots=True)
class Pose:
    """A layer's state at one moment."""

    x: float
    y: float
    scale: float
    alpha: float
    wipe: float
    sweep: float


def pose_at(layer: Layer, t: float) -> Pose:
    """Return where the layer is at `t` seconds."""
    cues = layer.cues
    return Pose(
        value_at(cues, "x", t),
        value_at(cues, "y", t),
        value_at(cues, "scale", t),
        min(1.0, max(0.0, value_at(cues, "alpha", t))),
        value_at(cues, "wipe", t),
        value_at(cues, "sweep", t),
    )


class Player:
    """Draws the frames of one scene. Keeps one canvas: a frame is valid until the next one is drawn."""

    def __init__(self, spec: SceneSpec, drawables: dict[str, Drawable]) -> None:
        self._spec = spec
        self._drawables = drawables
        self._canvas = blank(spec.width, spec.height)
        self._frame = Area(0, 0, spec.width, spec.height)

    def frame(self, number: int) -> Planes:
        """Return frame `number` (0-based)."""
        t = number / self._spec.fps
        for layer in self._spec.layers:
            self._draw(layer, t)
        return self._canvas

    def _draw(self, layer: Layer, t: float) -> None:
        drawable = self._drawables[layer.name]
        if isinstance(drawable, Plates):
            self._draw_plates(drawable, value_at(layer.cues, "mix", t))
        elif isinstance(drawable, Photo):
            self._draw_photo(layer, drawable, t)
        else:
            self._draw_sprite(layer, drawable, pose_at(layer, t))

    def _draw_plates(self, plates: Plates, share: float) -> None:
        if share <= 0 or share >= 1:
            source = plates.one if share <= 0 else plates.two
            np.copyto(self._canvas.y, source.y)
            np.copyto(self._canvas.uv, source.uv)
            return
        cv2.addWeighted(plates.one.y, 1 - share, plates.two.y, share, 0, dst=self._canvas.y)
        cv2.addWeighted(plates.one.uv, 1 - share, plates.two.uv, share, 0, dst=self._canvas.uv)

    def _draw_photo(self, layer: Layer, photo: Photo, t: float) -> None:
        pose = pose_at(layer, t)
        if pose.alpha < 1 / 255:
            return
        area = area_of(layer.box)
        width, height = area.right - area.left, area.bottom - area.top
        zoom = value_at(layer.cues, "zoom", t)
        pan = value_at(layer.cues, "pan_x", t), value_at(layer.cues, "pan_y", t)
        y = _window(photo.picture.y, (width, height), zoom, pan)
        uv = _window(photo.picture.uv, (width // 2, height // 2), zoom, pan)
        mask, mask_uv = photo.mask, photo.mask_uv
        if pose.alpha < 1:
            mask, mask_uv = _faded(mask, pose.alpha), _faded(mask_uv, pose.alpha)
        if photo.mask.all() and pose.alpha >= 1:
            self._paste(area, y, uv)
            return
        sprite = Sprite(cv2.multiply(y, mask, scale=1 / 255), cv2.multiply(uv, mask_uv, scale=1 / 255), mask, mask_uv)
        self._blend(area, area, sprite)

    def _paste(self, area: Area, y: Bytes, uv: Bytes) -> None:
        self._canvas.y[area.top : area.bottom, area.left : area.right] = y
        half = slice(area.top // 2, area.bottom // 2), slice(area.left // 2, area.right // 2)
        self._canvas.uv[half] = uv

    def _draw_sprite(self, layer: Layer, sprite: Sprite, pose: Pose) -> None:
        if pose.alpha < 1 / 255 or pose.wipe <= 0 or pose.scale <= 0:
            return
        width, height = sprite.size
        box = layer.box
        still_x, still_y = box.w * layer.pivot[0] - sprite.x, box.h * layer.pivot[1] - sprite.y0
        left = box.x + sprite.x + pose.x + still_x * (1 - pose.scale)
        top = box.y + sprite.y0 + pose.y + still_y * (1 - pose.scale)
        shown = area_of(Box(left, top, width * pose.scale, height * pose.scale))
        drawn = _resampled(sprite, shown, (left, top), pose.scale)
        if pose.alpha < 1:
            drawn = _faded_sprite(drawn, pose.alpha)
        limit = self._frame
        if layer.clip is not None:
            limit = limit.meet(area_of(layer.clip))
        if pose.wipe < 1:
            limit = limit.meet(area_of(Box(box.x + pose.x, -1e4, box.w * pose.wipe, 2e4)))
        self._blend(shown, limit, drawn)
        if 0 < pose.sweep < 1:
            self._sweep(shown, limit, drawn.a, pose.sweep)

    def _blend(self, at: Area, limit: Area, sprite: Sprite) -> None:
        """Blend `sprite`, whose corner is at `at`, inside `limit`."""
        area = Area(at.left, at.top, at.left + sprite.size[0], at.top + sprite.size[1]).meet(limit.meet(self._frame))
        if area.empty:
            return
        rows = slice(area.top - at.top, area.bottom - at.top)
        columns = slice(area.left - at.left, area.right - at.left)
        target = self._canvas.y[area.top : area.bottom, area.left : area.right]
        _over(target, sprite.y[rows, columns], sprite.a[rows, columns])
        rows = slice((area.top - at.top) // 2, (area.bottom - at.top) // 2)
        columns = slice((area.left - at.left) // 2, (area.right - at.left) // 2)
        half = self._canvas.uv[area.top // 2 : area.bottom // 2, area.left // 2 : area.right // 2]
        _over(half, sprite.uv[rows, columns], sprite.auv[rows, columns])

    def _sweep(self, at: Area, limit: Area, alpha: Bytes, progress: float) -> None:
        """Add one slanted band of light, masked by the sprite's alpha, that crosses it from left to right."""
        height, width = alpha.shape
        band = max(8.0, width * 0.13)
        slope = 0.35
        middle = -band * 2 + (width + height * slope + band * 4) * progress
        x = np.arange(width, dtype=np.float32)[None, :] + np.arange(height, dtype=np.float32)[:, None] * slope
        light = cv2.convertScaleAbs(np.exp(-(((x - middle) / band) ** 2)), alpha=70)
        area = at.meet(limit.meet(self._frame))
        if area.empty:
            return
        rows = slice(area.top - at.top, area.bottom - at.top)
        columns = slice(area.left - at.left, area.right - at.left)
        glow = cv2.multiply(light[rows, columns], alpha[rows, columns], scale=1 / 255)
        target = self._canvas.y[area.top : area.bottom, area.left : area.right]
        np.minimum(cv2.add(target, glow), 235, out=target)


def _over(target: Bytes, source: Bytes, alpha: Bytes) -> None:
    cv2.multiply(target, cv2.bitwise_not(alpha), dst=target, scale=1 / 255)
    cv2.add(target, source, dst=target)


def _faded(plane: Bytes, alpha: float) -> Bytes:
    return cv2.convertScaleAbs(plane, alpha=alpha)


def _faded_sprite(sprite: Sprite, alpha: float) -> Sprite:
    y, uv, a, auv = (_faded(plane, alpha) for plane in (sprite.y, sprite.uv, sprite.a, sprite.auv))
    return Sprite(y, uv, a, auv, sprite.x, sprite.y0)


def _window(picture: Bytes, size: tuple[int, int], zoom: float, pan: tuple[float, float]) -> Bytes:
    """Return the picture's middle scaled so that at zoom 1 it just covers the window; pan is in window shares."""
    height, width = picture.shape[:2]
    step = min(width / size[0], height / size[1]) / zoom
    left = width / 2 + (pan[0] - 0.5) * size[0] * step
    top = height / 2 + (pan[1] - 0.5) * size[1] * step
    matrix = np.array([[step, 0, left + step / 2 - 0.5], [0, step, top + step / 2 - 0.5]], np.float32)
    return cv2.warpAffine(picture, matrix, size, flags=_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _resampled(sprite: Sprite, area: Area, corner: tuple[float, float], scale: float) -> Sprite:
    """Return the sprite redrawn on the pixel grid of `area` with its corner at `corner`."""
    width, height = sprite.size
    off = abs(corner[0] - area.left), abs(corner[1] - area.top)
    if max(*off, abs(scale - 1) * max(width, height)) < _SETTLED:
        return sprite
    size = area.right - area.left, area.bottom - area.top
    half = size[0] // 2, size[1] // 2
    full = _matrix((area.left, area.top), corner, scale)
    small = _matrix((area.left / 2, area.top / 2), (corner[0] / 2, corner[1] / 2), scale)
    chroma = cv2.warpAffine(cv2.merge([sprite.uv, sprite.auv]), small, half, flags=_LINEAR)
    return Sprite(
        cv2.warpAffine(sprite.y, full, size, flags=_LINEAR),
        np.ascontiguousarray(chroma[..., :2]),
        cv2.warpAffine(sprite.a, full, size, flags=_LINEAR),
        np.ascontiguousarray(chroma[..., 2:]),
    )


def _matrix(origin: tuple[float, float], corner: tuple[float, float], scale: float) -> Bytes:
    """Return the inverse map (pixel of the area -> pixel of the sprite), pixel centres at halves."""
    shift = [(origin[i] + 0.5 - corner[i]) / scale - 0.5 for i in (0, 1)]
    return np.array([[1 / scale, 0, shift[0]], [0, 1 / scale, shift[1]]], np.float32)
