"""Quality scoring of a finished video file.

Adapters: app/providers/scoring_*. Suite: none yet: no scorer is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pydantic import Field

from app.schemas.base import Model


class Score(Model):
    """All scores are 0-100; `dimensions` holds every named signal. `reason` is set when there is no score."""

    overall: float | None = Field(None, ge=0, le=100)
    composition: float | None = Field(None, ge=0, le=100)
    coherence: float | None = Field(None, ge=0, le=100)
    motion: float | None = Field(None, ge=0, le=100)
    visual_appeal: float | None = Field(None, ge=0, le=100)
    dimensions: dict[str, float] = Field(default_factory=dict)
    scorer: str
    scorer_version: str
    reason: str | None = None
    vectors: dict[str, list[float]] = Field(default_factory=dict)


class Scorer(Protocol):
    """Scores a file; a failure is a Score without numbers and with a reason, never an exception."""

    name: str
    version: str

    async def score(self, video: Path, *, static: bool = False, references: Sequence[Path] = ()) -> Score:
        """Score one local video file."""
