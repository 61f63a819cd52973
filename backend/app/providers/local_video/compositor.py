"""Playing a scene: every frame is drawn from its number alone, straight in Y and UV planes.

`Player(spec, drawables).frame(n)` evaluates the cues at n / fps and blends plates, photos and sprites in order.
Called by render.py. Tests: tests/test_providers/test_local_video/
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from app.providers.local_video.planes import Bytes, Planes, Sprite, blank, yuv_of
from app.providers.local_video.scene_spec import Box, Layer, SceneSpec, value_at
from app.providers.local_video.transitions import REST, Treatment, treatment

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
    """An opaque picture shown through a window; it is larger than the window, so that it can move inside.

    Its chroma holds each pair twice (four channels): OpenCV resamples four channels three times as fast as two.
    """

    picture: Planes
    mask: Bytes
    mask_uv: Bytes
    square: bool
    """True when the mask is full: the picture is copied, not blended."""


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

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.right - self.left, self.bottom - self.top

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


@dataclass(frozen=True, slots=True)
class Pose:
    """A layer's state at one moment. `scale` is about `still`, the frame point that does not move."""

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
        self._drawn: tuple[object, ...] = ()

    def frame(self, number: int) -> Planes:
        """Return frame `number` (0-based)."""
        t = number / self._spec.fps
        joint = treatment(self._spec, number)
        state = self._state(t, joint)
        if state != self._drawn:
            self._paint(t, joint)
            self._drawn = state
        return self._canvas

    def frame_over(self, number: int, ground: Planes) -> Planes:
        """Return frame `number` (0-based) drawn over a picture of the frame's size, such as a film's."""
        np.copyto(self._canvas.y, ground.y)
        np.copyto(self._canvas.uv, ground.uv)
        self._paint(number / self._spec.fps, treatment(self._spec, number))
        return self._canvas

    def _paint(self, t: float, joint: Treatment) -> None:
        for layer in self._spec.layers:
            self._draw(layer, t, joint)
        _finish(self._canvas, joint, self._spec)

    def _state(self, t: float, joint: Treatment) -> tuple[object, ...]:
        """Return everything the picture depends on: equal states are equal pictures (still end cards)."""
        moving = [
            tuple(value_at(layer.cues, prop, t) for prop in sorted({cue.prop for cue in layer.cues}))
            for layer in self._spec.layers
        ]
        return (joint, *moving)

    def _draw(self, layer: Layer, t: float, joint: Treatment) -> None:
        drawable = self._drawables[layer.name]
        if isinstance(drawable, Plates):
            self._draw_plates(drawable, value_at(layer.cues, "mix", t))
            return
        pose = pose_at(layer, t)
        joint = REST if layer.role == "backdrop" else joint
        if pose.alpha * joint.alpha < 1 / 255 or pose.wipe <= 0 or pose.scale <= 0:
            return
        pose = replace(pose, alpha=pose.alpha * joint.alpha)
        if isinstance(drawable, Photo):
            self._draw_photo(layer, drawable, (pose, joint), t)
        else:
            self._draw_sprite(layer, drawable, pose, joint)

    def _draw_plates(self, plates: Plates, share: float) -> None:
        if share <= 0 or share >= 1:
            source = plates.one if share <= 0 else plates.two
            np.copyto(self._canvas.y, source.y)
            np.copyto(self._canvas.uv, source.uv)
            return
        cv2.addWeighted(plates.one.y, 1 - share, plates.two.y, share, 0, dst=self._canvas.y)
        cv2.addWeighted(plates.one.uv, 1 - share, plates.two.uv, share, 0, dst=self._canvas.uv)

    def _draw_photo(self, layer: Layer, photo: Photo, state: tuple[Pose, Treatment], t: float) -> None:
        pose, joint = state
        corner, scale = self._placed(layer, (0.0, 0.0), pose, joint)
        at = area_of(Box(round(corner[0]), round(corner[1]), layer.box.w * scale, layer.box.h * scale))
        area = at.meet(self._frame)
        if area.empty:
            return
        zoom = value_at(layer.cues, "zoom", t)
        pan = value_at(layer.cues, "pan_x", t), value_at(layer.cues, "pan_y", t)
        y = _window(photo.picture.y, at.size, zoom, pan)
        uv = _pair(_window(photo.picture.uv, (at.size[0] // 2, at.size[1] // 2), zoom, pan), 0)
        if photo.square and pose.alpha >= 1 and at == area:
            self._canvas.y[area.top : area.bottom, area.left : area.right] = y
            self._canvas.uv[area.top // 2 : area.bottom // 2, area.left // 2 : area.right // 2] = uv
            return
        mask = _sized(photo.mask, at.size, pose.alpha)
        mask_uv = _sized(photo.mask_uv, (at.size[0] // 2, at.size[1] // 2), pose.alpha)
        sprite = Sprite(cv2.multiply(y, mask, scale=1 / 255), cv2.multiply(uv, mask_uv, scale=1 / 255), mask, mask_uv)
        self._blend(at, self._frame, sprite)

    def _placed(
        self, layer: Layer, offset: tuple[float, float], pose: Pose, joint: Treatment
    ) -> tuple[tuple[float, float], float]:
        """Return the top-left corner (pixels) and total scale of a drawable that sits `offset` inside its box."""
        box = layer.box
        corner = []
        for start, size, pivot, move, inner, middle in (
            (box.x, box.w, layer.pivot[0], pose.x, offset[0], self._spec.width / 2),
            (box.y, box.h, layer.pivot[1], pose.y, offset[1], self._spec.height / 2),
        ):
            place = start + inner + move + (size * pivot - inner) * (1 - pose.scale)
            corner.append(middle + (place - middle) * joint.scale)
        return (corner[0] + joint.shift, corner[1]), pose.scale * joint.scale

    def _draw_sprite(self, layer: Layer, sprite: Sprite, pose: Pose, joint: Treatment) -> None:
        corner, scale = self._placed(layer, (sprite.x, sprite.y0), pose, joint)
        width, height = sprite.size
        limit = self._limit(layer, pose, joint)
        if scale == 1 and _whole(corner):
            shown = Area(round(corner[0]), round(corner[1]), round(corner[0]) + width, round(corner[1]) + height)
            drawn = sprite
        else:
            shown = area_of(Box(*corner, width * scale, height * scale)).meet(limit)
            if shown.empty:
                return
            drawn = _resampled(sprite, shown, corner, scale)
        if pose.alpha < 1:
            drawn = _faded_sprite(drawn, pose.alpha)
        self._blend(shown, limit, drawn)
        if 0 < pose.sweep < 1:
            full = width * scale, height * scale
            self._sweep(shown, drawn.a, (corner[0] - shown.left, corner[1] - shown.top, *full), pose.sweep)

    def _limit(self, layer: Layer, pose: Pose, joint: Treatment) -> Area:
        """Return where the layer may draw: the frame, less its mask and what a wipe still hides."""
        limit = self._frame
        if layer.clip is not None:
            limit = limit.meet(area_of(_joined(layer.clip, joint, self._spec)))
        if pose.wipe < 1:
            box = _joined(layer.box, joint, self._spec)
            limit = limit.meet(area_of(Box(box.x + pose.x - 2, -1e4, (box.w + 4) * pose.wipe, 2e4)))
        return limit

    def _blend(self, at: Area, limit: Area, sprite: Sprite) -> None:
        """Blend `sprite`, whose corner is at `at`, inside `limit`."""
        area = Area(at.left, at.top, at.left + sprite.size[0], at.top + sprite.size[1]).meet(limit.meet(self._frame))
        if area.empty:
            return
        rows = slice(area.top - at.top, area.bottom - at.top)
        columns = slice(area.left - at.left, area.right - at.left)
        target = self._canvas.y[area.top : area.bottom, area.left : area.right]
        _over(target, sprite.y[rows, columns], sprite.a[rows, columns])
        top, left = area.top // 2, area.left // 2
        skip_y, skip_x = top - at.top // 2, left - at.left // 2
        high = min(area.bottom // 2 - top, sprite.uv.shape[0] - skip_y)
        wide = min(area.right // 2 - left, sprite.uv.shape[1] - skip_x)
        if high > 0 and wide > 0:
            rows, columns = slice(skip_y, skip_y + high), slice(skip_x, skip_x + wide)
            half = self._canvas.uv[top : top + high, left : left + wide]
            _over(half, sprite.uv[rows, columns], sprite.auv[rows, columns])

    def _sweep(self, at: Area, alpha: Bytes, body: tuple[float, float, float, float], progress: float) -> None:
        """Add one slanted band of light, masked by the drawn `alpha` at `at`; `body` is the whole sprite inside it."""
        area = Area(at.left, at.top, at.left + alpha.shape[1], at.top + alpha.shape[0]).meet(self._frame)
        if area.empty:
            return
        x, y, width, height = body
        band, slope = max(6.0, width * 0.12), 0.35
        middle = x - band * 2 + (width + height * slope + band * 4) * progress
        across = np.arange(alpha.shape[1], dtype=np.float32)[None, :]
        down = (np.arange(alpha.shape[0], dtype=np.float32)[:, None] - y) * np.float32(slope)
        light = cv2.convertScaleAbs(cv2.exp(-(((across + down - middle) / band) ** 2)), alpha=62)
        glow = cv2.multiply(light, alpha, scale=1 / 255)
        rows = slice(area.top - at.top, area.bottom - at.top)
        columns = slice(area.left - at.left, area.right - at.left)
        target = self._canvas.y[area.top : area.bottom, area.left : area.right]
        np.minimum(cv2.add(target, glow[rows, columns]), 235, out=target)


def _whole(corner: tuple[float, float]) -> bool:
    return all(abs(value - round(value)) < _SETTLED for value in corner)


def _joined(box: Box, joint: Treatment, spec: SceneSpec) -> Box:
    """Return a mask moved as its layer's joint moves it."""
    if joint.scale == 1 and joint.shift == 0:
        return box
    x, y = spec.width / 2, spec.height / 2
    return Box(
        x + (box.x - x) * joint.scale + joint.shift,
        y + (box.y - y) * joint.scale,
        box.w * joint.scale,
        box.h * joint.scale,
    )


def _over(target: Bytes, source: Bytes, alpha: Bytes) -> None:
    cv2.multiply(target, cv2.bitwise_not(alpha), dst=target, scale=1 / 255)
    cv2.add(target, source, dst=target)


def _faded(plane: Bytes, alpha: float) -> Bytes:
    return cv2.convertScaleAbs(plane, alpha=alpha)


def _sized(mask: Bytes, size: tuple[int, int], alpha: float) -> Bytes:
    if (mask.shape[1], mask.shape[0]) != size:
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
    return _faded(mask, alpha) if alpha < 1 else mask


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
    """Return the part of the sprite inside `area`, redrawn on its pixel grid with the corner at `corner`."""
    size = area.size
    half = size[0] // 2, size[1] // 2
    full = _matrix((area.left, area.top), corner, scale)
    small = _matrix((area.left / 2, area.top / 2), (corner[0] / 2, corner[1] / 2), scale)
    chroma = cv2.warpAffine(cv2.merge([sprite.uv, sprite.auv]), small, half, flags=_LINEAR)
    return Sprite(
        cv2.warpAffine(sprite.y, full, size, flags=_LINEAR),
        _pair(chroma, 0),
        cv2.warpAffine(sprite.a, full, size, flags=_LINEAR),
        _pair(chroma, 1),
    )


def _pair(channels: Bytes, which: int) -> Bytes:
    """Return the first or second pair of four channels; moved as 16-bit words, several times faster than bytes."""
    pair: Bytes = np.ascontiguousarray(channels.view(np.uint16)[..., which]).view(np.uint8)
    return pair.reshape(*channels.shape[:2], 2)


def _matrix(origin: tuple[float, float], corner: tuple[float, float], scale: float) -> Bytes:
    """Return the inverse map (pixel of the area -> pixel of the sprite), pixel centres at halves."""
    shift = [(origin[i] + 0.5 - corner[i]) / scale - 0.5 for i in (0, 1)]
    return np.array([[1 / scale, 0, shift[0]], [0, 1 / scale, shift[1]]], np.float32)


def _finish(canvas: Planes, joint: Treatment, spec: SceneSpec) -> None:
    """Blur and expose the whole picture as the joint asks."""
    if joint.blur >= 0.5:
        canvas.y[:] = _blurred(canvas.y, joint.blur)
        canvas.uv[:] = _blurred(canvas.uv, joint.blur / 2)
    for share, color in ((joint.flash, spec.flash), (joint.dark, spec.dark)):
        if share > 0:
            y, cb, cr = yuv_of(color)
            cv2.convertScaleAbs(canvas.y, dst=canvas.y, alpha=1 - share, beta=y * share)
            flat = np.empty_like(canvas.uv)
            flat[..., 0], flat[..., 1] = round(cb), round(cr)
            cv2.addWeighted(canvas.uv, 1 - share, flat, share, 0, dst=canvas.uv)


def _blurred(plane: Bytes, radius: float) -> Bytes:
    """Blur by working on a smaller copy: cheap, and smooth enough for a frame in motion."""
    height, width = plane.shape[:2]
    factor = max(1, min(8, int(radius / 2)))
    size = max(2, width // factor), max(2, height // factor)
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), max(0.6, radius / factor / 1.4))
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
