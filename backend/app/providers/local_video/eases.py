"""Named eases: each maps progress 0-1 to 0-1 (overshooting ones may pass 1). Pure.

Used by scene_spec.value_at. Tests: tests/test_providers/test_local_video/test_eases.py
"""

from __future__ import annotations

import math
from collections.abc import Callable

Ease = Callable[[float], float]


def _spring(p: float) -> float:
    """Critically damped: fast start, long soft landing, no overshoot; scaled to end exactly at 1."""
    rate = 7.0
    return (1 - (1 + rate * p) * math.exp(-rate * p)) / (1 - (1 + rate) * math.exp(-rate))


def _back_out(p: float) -> float:
    """Overshoots by about six percent; for playful looks only."""
    pull = 1.25
    q = p - 1
    return 1 + (pull + 1) * q**3 + pull * q**2


EASES: dict[str, Ease] = {
    "linear": lambda p: p,
    "sine-in-out": lambda p: 0.5 - 0.5 * math.cos(math.pi * p),
    "cubic-out": lambda p: 1 - (1 - p) ** 3,
    "cubic-in-out": lambda p: 4 * p**3 if p < 0.5 else 1 - (2 - 2 * p) ** 3 / 2,
    "quartic-out": lambda p: 1 - (1 - p) ** 4,
    "quartic-in": lambda p: p**4,
    "quintic-out": lambda p: 1 - (1 - p) ** 5,
    "quintic-in": lambda p: p**5,
    "expo-out": lambda p: 1.0 if p >= 1 else (1 - 2.0 ** (-10 * p)) / (1 - 2.0**-10),
    "spring": _spring,
    "back-out": _back_out,
    "cut": lambda p: 0.0 if p < 1 else 1.0,
}


def ease(name: str, progress: float) -> float:
    """Return the eased value of `progress`, which is clamped to 0-1. Raises KeyError for an unknown name."""
    return EASES[name](min(1.0, max(0.0, progress)))
