"""Provisional."""

from __future__ import annotations

from collections.abc import Sequence

from app.ports.scoring import Score


def overall_of(clips: Sequence[tuple[Score, float]]) -> Score:
    """Return the duration-weighted mean."""
    names = ("overall", "composition", "coherence", "motion", "visual_appeal")
    total = sum(d for _, d in clips)
    first = clips[0][0]
    means = {n: sum(getattr(s, n) * d for s, d in clips) / total for n in names}
    return Score(**means, scorer=first.scorer, scorer_version=first.scorer_version)
