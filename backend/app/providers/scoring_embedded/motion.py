"""What changes from picture to picture: flow, brightness, warps and repeats, at 320 pixels, one record a pair.

Called by measure.py; steadiness.py turns the records into signals.
Tests: tests/test_providers/test_scoring_embedded/test_motion.py
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.providers.scoring_embedded.frames import Picture, Plane

Floats = NDArray[np.float32]
SMALL = 320
BEAT_S = 0.12
"""Slow warps hide in the noise of neighbouring pictures; pictures this far apart show them."""
GRID = (8, 12)
_TRIPLETS_S = 0.25


@dataclass
class Pair:
    """One step in time. Lengths are in units of SMALL pixels, the longer side of most; light is in grey levels.

    `flicker` is VBench's mean absolute error, exact, at full size.
    """

    time: float
    step: float
    flicker: float
    change: float
    residual: float
    gain: float
    global_x: float
    global_y: float
    fastest: float
    histogram: float


@dataclass
class Beat:
    """Displacement of the grid's cells (rows, columns, 2) over `step` seconds, the camera's part removed.

    `unexplained` is the share of the change that no displacement explains: near 1 where things pop up or light jumps.
    """

    time: float
    step: float
    field: Floats
    texture: Floats
    unexplained: float


@dataclass
class Misfit:
    """How far a picture is from the middle of its neighbours (`error`), and how far those are apart, in grey levels."""

    time: float
    error: float
    change: float


@dataclass
class Motion:
    """Everything `MotionMeter` found, in order of time."""

    pairs: list[Pair] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)

    def between(self, start: float, end: float) -> Motion:
        """Return what lies after `start` and not after `end`, both in seconds."""
        return Motion(
            [pair for pair in self.pairs if start < pair.time <= end],
            [beat for beat in self.beats if start < beat.time <= end],
            [misfit for misfit in self.misfits if start < misfit.time <= end],
        )


class MotionMeter:
    """Takes pictures in order; `motion` grows."""

    def __init__(self) -> None:
        self.motion = Motion()
        self._flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._fine: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._last: Picture | None = None
        self._small: list[tuple[float, Plane]] = []
        self._beat: tuple[float, Plane] | None = None
        self._next_triplet = 0.0

    def add(self, picture: Picture) -> None:
        """Measure one more picture."""
        small = shrink(picture.luma, SMALL)
        if self._last is not None:
            self.motion.pairs.append(self._pair(picture.time, small, mean_error(self._last.bgr, picture.bgr)))
        self._triplet(picture.time, small)
        self._take_beat(picture.time, small)
        self._small = [*self._small[-1:], (picture.time, small)]
        self._last = picture

    def skip(self) -> None:
        """Forget the last picture, so that nothing is measured across a gap."""
        self._last, self._small, self._beat = None, [], None

    def _pair(self, time: float, small: Plane, flicker: float) -> Pair:
        before_at, before = self._small[-1]
        flow = self._flow.calc(before, small, None)
        now = warp(small, flow)
        across, down = (np.ascontiguousarray(flow[::2, ::2, axis]) for axis in (0, 1))
        size = np.asarray(cv2.magnitude(across, down), np.float32).ravel()
        top = np.partition(size, int(size.size * 0.95))[int(size.size * 0.95) :]
        return Pair(
            time=time,
            step=time - before_at,
            flicker=flicker,
            change=float(cv2.mean(cv2.absdiff(before, small))[0]),
            residual=float(cv2.mean(cv2.absdiff(before, now))[0]),
            gain=_gain(before, now),
            global_x=float(np.median(flow[::4, ::4, 0])) / SMALL,
            global_y=float(np.median(flow[::4, ::4, 1])) / SMALL,
            fastest=float(top.mean()) / SMALL,
            histogram=_histogram_distance(before, small),
        )

    def _triplet(self, time: float, small: Plane) -> None:
        if len(self._small) < 2 or time < self._next_triplet:
            return
        self._next_triplet = time + _TRIPLETS_S
        (_, first), (_, middle) = self._small
        flow = self._flow.calc(first, small, None)
        forward, backward = warp(first, -flow / 2), warp(small, flow / 2)
        guess = cv2.addWeighted(forward, 0.5, backward, 0.5, 0)
        error = float(cv2.mean(cv2.absdiff(guess, middle))[0])
        self.motion.misfits.append(Misfit(time, error, float(cv2.mean(cv2.absdiff(first, small))[0])))

    def _take_beat(self, time: float, small: Plane) -> None:
        if self._beat is None:
            self._beat = (time, small)
            return
        then, before = self._beat
        if time - then < BEAT_S - 1e-3:
            return
        flow = self._fine.calc(before, small, None)
        texture = cells(gradient(before))
        field = np.asarray(np.dstack([cells(flow[..., 0]), cells(flow[..., 1])]) / SMALL, np.float32)
        rest = cv2.mean(cv2.absdiff(before, warp(small, flow)))[0]
        unexplained = float(rest / (cv2.mean(cv2.absdiff(before, small))[0] + 0.3))
        self.motion.beats.append(Beat(time, time - then, without_camera(field, texture), texture, unexplained))
        self._beat = (time, small)


def shrink(plane: Plane, long_side: int) -> Plane:
    """Return `plane` with its longer side at most `long_side`, averaged."""
    height, width = plane.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)


def mean_error(first: Plane, second: Plane) -> float:
    """Mean absolute difference of two pictures over all channels, in grey levels."""
    if first.shape != second.shape:
        second = np.asarray(cv2.resize(second, first.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    return float(np.mean(cv2.mean(cv2.absdiff(first, second))[:3]))


def warp(plane: Plane, flow: Floats) -> Plane:
    """Return `plane` pulled back along `flow`."""
    columns, rows = _grid(*plane.shape)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE), np.uint8)


@lru_cache(maxsize=2)
def _grid(height: int, width: int) -> tuple[Floats, Floats]:
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return columns, rows


def gradient(plane: Plane) -> Floats:
    """Size of the light's slope, a pixel each, in grey levels."""
    across, down = (cv2.Sobel(plane, cv2.CV_32F, x, 1 - x, ksize=3, scale=1 / 8) for x in (1, 0))
    return np.asarray(cv2.magnitude(across, down), np.float32)


def cells(values: Floats) -> Floats:
    """Average over the cells of GRID."""
    return np.asarray(cv2.resize(values, (GRID[1], GRID[0]), interpolation=cv2.INTER_AREA), np.float32)


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
