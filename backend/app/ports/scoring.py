"""Quality scoring of finished video files, and of a film made of clips already scored.

Adapters: app/providers/scoring_*. Suite: tests/test_contracts/test_scoring.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from pydantic import Field

from app.schemas.base import Model


class Vectors(Model):
    """What a clip shows, as unit vectors: kept beside a score, so that clips compare without decoding again.

    Vectors of different `kind` can't be compared.
    """

    kind: str
    subject: list[float]
    background: list[float]


class Score(Model):
    """All scores are 0-100; `dimensions` holds every named signal. `reason` is set when there is no score.

    `references` has one similarity (0-1) for each reference picture asked for. Scores of different `scorer_version`
    are not to be compared.
    """

    overall: float | None = Field(None, ge=0, le=100)
    composition: float | None = Field(None, ge=0, le=100)
    coherence: float | None = Field(None, ge=0, le=100)
    motion: float | None = Field(None, ge=0, le=100)
    visual_appeal: float | None = Field(None, ge=0, le=100)
    dimensions: dict[str, float] = Field(default_factory=dict)
    references: list[float] = Field(default_factory=list)
    vectors: Vectors | None = None
    duration: float | None = Field(None, ge=0)
    scorer: str
    scorer_version: str
    reason: str | None = None


class ScoreRequest(Model):
    """One file to score.

    `static`: nothing is meant to move. `edited`: cuts are meant, as in a finished film. `references`: pictures the
    clip should resemble.
    """

    video: Path
    static: bool = False
    edited: bool = False
    references: list[Path] = Field(default_factory=list)


class Scorer(Protocol):
    """Scores files; a failure is a Score without numbers and with a reason, never an exception.

    A part that a scorer does not measure is null beside an overall score. `slowness`: how many times longer than
    usual it may take before it counts as hung.
    """

    name: str
    version: str
    slowness: float

    async def score(self, video: Path, *, static: bool = False, references: Sequence[Path] = ()) -> Score:
        """Score one local video file."""

    async def score_all(
        self, requests: Sequence[ScoreRequest], on_score: Callable[[int, Score], None] | None = None
    ) -> list[Score]:
        """Score several files, in order; `on_score` hears of each by its place as it lands."""

    def whole(self, clips: Sequence[Score]) -> Score:
        """Score the film cut from these clips, in film order, without decoding it. Unscored clips don't count."""


def similarity(first: Vectors, second: Vectors) -> float | None:
    """How alike two clips look, 0-1: the mean of subject and background. None for vectors of different kinds."""
    if first.kind != second.kind:
        return None
    return (alike(first.subject, second.subject) + alike(first.background, second.background)) / 2


UNRELATED = 0.5
"""Cosine of pictures that have nothing in common; reads as similarity 0."""


def from_cosine(cosine: float) -> float:
    """Return a cosine as a similarity: 0 for `UNRELATED` or less, 1 for the same direction."""
    return min(1.0, max(0.0, (cosine - UNRELATED) / (1 - UNRELATED)))


def alike(first: Sequence[float], second: Sequence[float]) -> float:
    """Return how alike two vectors are, 0-1."""
    lengths = math.sqrt(sum(value * value for value in first) * sum(value * value for value in second))
    return from_cosine(sum(a * b for a, b in zip(first, second, strict=True)) / lengths) if lengths else 0.0
