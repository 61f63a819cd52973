"""Finds pictures that turn into others by fading, not by moving: what a morph does, and what motion hardly ever does.

While one picture dissolves into another, each pixel goes from its old value to its new one in a straight line, and no
displacement explains the change. A fade from or to black is no dissolve: pictures are compared at equal light.
Called by motion.py. Tests: tests/test_providers/test_scoring_embedded/test_fading.py
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from app.providers.scoring_embedded.frames import Plane
from app.providers.scoring_embedded.planes import Floats, warp

_HELD = 5
_CHANGED = 0.15
_STRAIGHT = 0.2
_BY_CHANCE = 0.3


@dataclass
class Fade:
    """`share` of the picture (0-1) that faded into something else over the last `span` seconds."""

    time: float
    span: float
    share: float


class FadeMeter:
    """Takes small pictures at an even pace; compares the newest with those two and four steps ago."""

    def __init__(self) -> None:
        self._held: deque[tuple[float, Plane]] = deque(maxlen=_HELD)
        self._flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)

    def add(self, time: float, small: Plane) -> Fade | None:
        """Take one picture (height, width); return what it says together with those before, if there are enough."""
        half = (max(16, small.shape[1] // 2), max(16, small.shape[0] // 2))
        self._held.append((time, np.asarray(cv2.resize(small, half, interpolation=cv2.INTER_AREA), np.uint8)))
        if len(self._held) < _HELD:
            return None
        (start, first), (_, middle), (_, last) = self._held[0], self._held[2], self._held[4]
        return Fade(time, time - start, self._faded(first, middle, last))

    def _faded(self, first: Plane, middle: Plane, last: Plane) -> float:
        flow = self._flow.calc(first, last, None)
        before, between, after = (_at_equal_light(plane) for plane in (first, middle, last))
        change = np.abs(after - before)
        explained = np.abs(_at_equal_light(warp(last, flow)) - before) <= _CHANGED
        changed = (change > _CHANGED) & ~explained
        straight = changed & (np.abs(between - (before + after) / 2) < _STRAIGHT * change)
        return max(0.0, float(straight.mean() - _BY_CHANCE * changed.mean()))


def _at_equal_light(plane: Plane) -> Floats:
    values = plane.astype(np.float32)
    return np.asarray((values - values.mean()) / (values.std() + 2), np.float32)
