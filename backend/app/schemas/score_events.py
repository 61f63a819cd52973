"""Payload of the event that tells a score. Part of the unions in events.py. Documented in docs/reference/events.md.

Tests: tests/test_db/test_events.py
"""

from __future__ import annotations

from pydantic import Field

from app.schemas.base import Model


class ScoreBreakdown(Model):
    """The spec's four keys, 0-100, null where unavailable."""

    composition: float | None = None
    coherence: float | None = None
    motion: float | None = None
    visual_appeal: float | None = None


class VBenchScore(Model):
    """A quality score landed; `clip_id` is null for the whole video. `scorer` says who measured."""

    clip_id: int | None = None
    overall_score: float | None = None
    breakdown: ScoreBreakdown = ScoreBreakdown()
    dimensions: dict[str, float] = Field(default_factory=dict, description="Every signal that was measured, by name.")
    scorer: str = ""
    scorer_version: str = ""
    reason: str | None = None
