"""What changes from picture to picture: flow, light, colour, warps and repeats, at 320 pixels, one record a pair.

Called by measure.py; steadiness.py turns the records into signals, fading.py finds pictures that dissolve.
Tests: tests/test_providers/test_scoring_embedded/test_motion.py
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.providers.scoring_embedded.fading import Fade, FadeMeter
from app.providers.scoring_embedded.frames import Picture, Plane
from app.providers.scoring_embedded.planes import SMALL, Floats, gradient, shrink, warp

BEAT_S = 0.12
"""Slow warps hide in the noise of neighbouring pictures; pictures this far apart show them."""
GRID = (8, 12)
_TRIPLETS_S = 0.25
_TINY_S = 1e-3
TINY = 96


@dataclass
class Pair:
    """One step in time. Lengths are in units of SMALL pixels, the longer side of most; light is in grey levels.

    `flicker` is VBench's mean absolute error, exact, at full size. `zoom` and `roll` are what the camera moves at a
    distance of a quarter of the picture's width from the centre. `cells` is `residual` by the cells of GRID.
    """

    time: float
    step: float
    flicker: float
    change: float
    residual: float
    gain: float
    global_x: float
    global_y: float
    zoom: float
    roll: float
    fastest: float
    histogram: float
    cells: Floats


@dataclass
class Beat:
    """Displacement of the grid's cells (rows, columns, 2) over `step` seconds, the camera's part removed.

    `unexplained` is the share of the change that no displacement explains: near 1 where things pop up or light jumps.
    `tint` is how the same points changed colour: logarithms of red over green and blue over green.
    """

    time: float
    step: float
    field: Floats
    texture: Floats
    unexplained: float
    tint: tuple[float, float]


@dataclass
class Misfit:
    """How far a picture is from the middle of its neighbours (`error`), and how far those are apart, in grey levels.

    `time` is that of the last of the three, `span` what they take in seconds.
    """

    time: float
    span: float
    error: float
    change: float


@dataclass
class Motion:
    """Everything `MotionMeter` found, in order of time."""

    pairs: list[Pair] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)
    fades: list[Fade] = field(default_factory=list)

    def between(self, start: float, end: float) -> Motion:
        """Return what lies wholly between `start` and `end`, both in seconds."""
        return Motion(
            [pair for pair in self.pairs if start < pair.time <= end],
            [beat for beat in self.beats if start <= beat.time - beat.step + _TINY_S and beat.time <= end],
            [misfit for misfit in self.misfits if start <= misfit.time - misfit.span + _TINY_S and misfit.time <= end],
            [fade for fade in self.fades if start <= fade.time - fade.span + _TINY_S and fade.time <= end],
        )


class MotionMeter:
    """Takes pictures in order; `motion` grows."""

    def __init__(self) -> None:
        self.motion = Motion()
        self._flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._fine: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._fine.setFinestScale(1)  # the preset's 2 sees nothing below half a pixel
        self._last: Picture | None = None
        self._fading = FadeMeter()
        self._small: list[tuple[float, Plane]] = []
        self._beat: tuple[float, Plane, Plane] | None = None
        self._next_triplet = 0.0

    def add(self, picture: Picture) -> None:
        """Measure one more picture."""
        small = shrink(picture.luma, SMALL)
        if self._last is not None:
            self.motion.pairs.append(self._pair(picture.time, small, mean_error(self._last.bgr, picture.bgr)))
        self._triplet(picture.time, small)
        self._take_beat(picture, small)
        self._small = [*self._small[-1:], (picture.time, small)]
        self._last = picture

    def skip(self) -> None:
        """Forget the last picture, so that nothing is measured across a gap."""
        self._last, self._small, self._beat, self._fading = None, [], None, FadeMeter()

    def _pair(self, time: float, small: Plane, flicker: float) -> Pair:
        before_at, before = self._small[-1]
        flow = self._flow.calc(before, small, None)
        now = warp(small, flow)
        across, down = (np.ascontiguousarray(flow[::2, ::2, axis]) for axis in (0, 1))
        size = np.asarray(cv2.magnitude(across, down), np.float32).ravel()
        residual = np.asarray(cv2.absdiff(before, now), np.uint8)
        zoom, roll = _zoom_and_roll(flow)
        top = np.partition(size, int(size.size * 0.95))[int(size.size * 0.95) :]
        return Pair(
            time=time,
            step=time - before_at,
            flicker=flicker,
            change=float(cv2.mean(cv2.absdiff(before, small))[0]),
            residual=float(cv2.mean(residual)[0]),
            gain=_gain(before, now),
            global_x=float(np.median(flow[::4, ::4, 0])) / SMALL,
            global_y=float(np.median(flow[::4, ::4, 1])) / SMALL,
            zoom=zoom,
            roll=roll,
            fastest=float(top.mean()) / SMALL,
            histogram=_histogram_distance(before, small),
            cells=cells(residual),
        )

    def _triplet(self, time: float, small: Plane) -> None:
        if len(self._small) < 2 or time < self._next_triplet:
            return
        self._next_triplet = time + _TRIPLETS_S
        (start, first), (_, middle) = self._small
        flow = self._flow.calc(first, small, None)
        forward, backward = warp(first, -flow / 2), warp(small, flow / 2)
        guess = cv2.addWeighted(forward, 0.5, backward, 0.5, 0)
        error = float(cv2.mean(cv2.absdiff(guess, middle))[0])
        self.motion.misfits.append(Misfit(time, time - start, error, float(cv2.mean(cv2.absdiff(first, small))[0])))

    def _take_beat(self, picture: Picture, small: Plane) -> None:
        if self._beat is not None and picture.time - self._beat[0] < BEAT_S - 1e-3:
            return
        colours = cv2.resize(picture.bgr, small.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        now = (picture.time, small, shrink(np.asarray(colours, np.uint8), TINY))
        if self._beat is not None:
            self.motion.beats.append(self._beat_between(self._beat, now))
        fade = self._fading.add(picture.time, small)
        if fade is not None:
            self.motion.fades.append(fade)
        self._beat = now

    def _beat_between(self, last: tuple[float, Plane, Plane], now: tuple[float, Plane, Plane]) -> Beat:
        (then, before, colours), (time, small, colours_now) = last, now
        flow = self._fine.calc(before, small, None)
        texture = cells(gradient(before))
        moves = cells(flow) / np.float32(SMALL)
        rest = cv2.mean(cv2.absdiff(before, warp(small, flow)))[0]
        return Beat(
            time=time,
            step=time - then,
            field=without_camera(moves, texture),
            texture=texture,
            unexplained=float(rest / (cv2.mean(cv2.absdiff(before, small))[0] + 0.3)),
            tint=_tint(colours, colours_now, flow),
        )


def mean_error(first: Plane, second: Plane) -> float:
    """Mean absolute difference of two pictures over all channels, in grey levels."""
    if first.shape != second.shape:
        second = np.asarray(cv2.resize(second, first.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    return float(np.mean(cv2.mean(cv2.absdiff(first, second))[:3]))


def cells(values: Floats | Plane) -> Floats:
    """Average (height, width[, channels]) over the cells of GRID."""
    height, width = values.shape[:2]
    quarter = cv2.resize(values, (max(16, width // 4), max(16, height // 4)), interpolation=cv2.INTER_AREA)
    size = (GRID[1], GRID[0])
    return np.asarray(cv2.resize(quarter.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)


def without_camera(field: Floats, texture: Floats) -> Floats:
    """Remove what one affine motion explains, fitted to the textured cells; cells that go their own way weigh less."""
    rows, columns = np.mgrid[-1 : 1 : GRID[0] * 1j, -1 : 1 : GRID[1] * 1j]
    basis = np.stack([np.ones(rows.size), columns.ravel(), rows.ravel()], axis=1)
    flat = field.reshape(-1, 2)
    trust = np.minimum(texture.ravel(), 6.0) + 1e-3
    rest = flat - np.median(flat, axis=0)
    for _ in range(8):
        size = np.linalg.norm(rest, axis=1)
        root = np.sqrt(trust / (1 + (size / (np.median(size) + 1e-4)) ** 2))[:, None]
        fit, *_ = np.linalg.lstsq(basis * root, flat * root, rcond=None)
        rest = flat - basis @ fit
    return rest.reshape(field.shape).astype(np.float32)


def _zoom_and_roll(flow: Floats) -> tuple[float, float]:
    """How far zooming and rolling move a point a quarter of the width from the centre, in picture widths."""
    x, y, far = _places(*flow.shape[:2])
    if not far.any():
        return 0.0, 0.0
    across, down = (flow[8::16, 8::16, axis] - np.median(flow[8::16, 8::16, axis]) for axis in (0, 1))
    zoom, roll = np.median(((across * x + down * y)[far], (down * x - across * y)[far]), axis=1)
    return float(zoom) / 4, float(roll) / 4


@lru_cache(maxsize=2)
def _places(height: int, width: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Every sixteenth point seen from the centre, over the square of its distance; and which are far enough to tell."""
    y, x = np.mgrid[8:height:16, 8:width:16].astype(np.float32)
    x, y = x - width / 2, y - height / 2
    square = np.maximum(x * x + y * y, 1)
    return x / square, y / square, np.hypot(x, y) > width / 8


def _tint(before: Plane, now: Plane, flow: Floats) -> tuple[float, float]:
    """Change of colour of the same points, as logarithms of red over green and blue over green; light cancels out."""
    size = (before.shape[1], before.shape[0])
    moved = cv2.resize(flow, size, interpolation=cv2.INTER_AREA) * np.float32(size[0] / flow.shape[1])
    first, second = before.astype(np.float32), warp(now, moved).astype(np.float32)
    seen = (np.maximum(first, second).max(axis=2) < 235) & (np.minimum(first, second).max(axis=2) > 40)
    seen &= np.abs(first - second).max(axis=2) < 25
    if seen.mean() < 0.02:
        return 0.0, 0.0
    blue, green, red = np.log((second[seen].sum(axis=0) + 1) / (first[seen].sum(axis=0) + 1))
    return float(red - green), float(blue - green)


def _gain(before: Plane, now: Plane) -> float:
    """Change of light of the same points, as a logarithm: content that moves doesn't count."""
    same = ((before > 30) & (before < 225) & (cv2.absdiff(before, now) < 40)).astype(np.uint8)
    if cv2.countNonZero(same) < 0.02 * before.size:
        return 0.0
    first, second = cv2.mean(before, same)[0], cv2.mean(now, same)[0]
    return float(np.log((second - 14) / (first - 14)))


def _histogram_distance(before: Plane, now: Plane) -> float:
    first, second = (cv2.calcHist([plane], [0], None, [32], [0, 256]).ravel() / plane.size for plane in (before, now))
    return float(np.abs(np.cumsum(first - second)).mean())
