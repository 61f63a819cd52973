"""Turns measures into marks: each signal through its ramp, marks into sub-scores, sub-scores into one number.

The ramps, weights and reasons are data: app/config/scoring/embedded.yaml. Called by job.py and film.py.
Tests: tests/test_providers/test_scoring_embedded/test_marks.py
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Literal

import numpy as np
from pydantic import Field

from app.kit.yaml_source import quick_yaml
from app.ports.scoring import Score, Vectors, from_cosine
from app.providers.scoring_embedded.measure import Measured, Options
from app.schemas.base import Model

NAME, VERSION = "embedded", "1.2"
WEAKEST = 0.6
"""How much the worst mark counts; the mean of all is the rest."""
LEAST = 0.01
SubScore = Literal["composition", "coherence", "motion", "visual_appeal"]


def along(points: list[tuple[float, float]], value: float) -> float:
    """Return the height at `value` of the line through `points`, flat outside."""
    return float(np.interp(value, [x for x, _ in points], [y for _, y in points]))


class Ramp(Model):
    """How one signal earns its mark (0-1): `points` are (value, mark), values rising, straight lines between them.

    `drawn` replaces `points` for drawn pictures; `moving` ramps don't count for a clip declared static.
    """

    score: SubScore
    weight: float = Field(gt=0)
    points: list[tuple[float, float]] = Field(min_length=2)
    drawn: list[tuple[float, float]] | None = None
    moving: bool = False
    why: str

    def mark(self, value: float, drawn: float) -> float:
        """Return the mark of a value in a picture that is drawn to this degree (0-1)."""
        mark = along(self.points, value)
        return mark if self.drawn is None else (1 - drawn) * mark + drawn * along(self.drawn, value)


class Book(Model):
    """The scoring data: `weights` of the sub-scores in the overall score, and the ramps by signal."""

    weights: dict[SubScore, float]
    drawn: list[tuple[float, float]]
    """How far a picture counts as drawn, by its share of blocks without texture."""
    cross_clip: list[tuple[float, float]]
    ramps: dict[str, Ramp]


@lru_cache(maxsize=1)
def book() -> Book:
    """Return the scoring data."""
    raw = resources.files("app").joinpath("config/scoring/embedded.yaml").read_text(encoding="utf-8")
    return Book.model_validate(quick_yaml(raw))


def to_score(measured: Measured, options: Options) -> Score:
    """Mark one file."""
    signals = derived(measured)
    parts = sub_scores(signals, options.static)
    return Score(
        overall=rounded(overall(parts)),
        **{name: rounded(value) for name, value in parts.items()},
        dimensions={name: round(value, 5) for name, value in sorted(signals.items())},
        references=[round(from_cosine(value), 4) for value in measured.references],
        vectors=Vectors(kind=measured.backbone, subject=measured.subject, background=measured.background),
        duration=measured.duration,
        scorer=NAME,
        scorer_version=VERSION,
    )


def no_score(reason: str) -> Score:
    """A score without numbers, and why."""
    return Score(scorer=NAME, scorer_version=VERSION, reason=reason)


def derived(measured: Measured) -> dict[str, float]:
    """Add what is computed from other signals; `backbone` tells whether the model was there (1) or not (0)."""
    signals = dict(measured.signals)
    signals["backbone"] = 0.0 if measured.backbone == "hsv-histogram" else 1.0
    return signals


def sub_scores(signals: dict[str, float], static: bool) -> dict[SubScore, float]:
    """Return the four sub-scores, 0-1."""
    found: dict[SubScore, list[tuple[float, float]]] = {name: [] for name in book().weights}
    drawn = along(book().drawn, signals["flat"])
    for name, ramp in book().ramps.items():
        if name in signals and not (static and ramp.moving):
            found[ramp.score].append((ramp.mark(signals[name], drawn), ramp.weight))
    return {name: weakest_counts(marks) for name, marks in found.items()}


def overall(parts: dict[SubScore, float]) -> float:
    """Return the overall score, 0-1."""
    return weakest_counts([(parts[name], weight) for name, weight in book().weights.items()])


def weakest_counts(marks: list[tuple[float, float]]) -> float:
    """The weighted geometric mean and, weighing WEAKEST, the worst mark: one severe fault must not be averaged away."""
    values = np.array([max(mark, LEAST) for mark, _ in marks])
    weights = np.array([weight for _, weight in marks])
    mean = float(np.exp((np.log(values) * weights).sum() / weights.sum()))
    return (1 - WEAKEST) * mean + WEAKEST * float(values.min())


def rounded(share: float) -> float:
    """A share as 0-100 with two decimals."""
    return round(100 * min(1.0, max(0.0, share)), 2)
