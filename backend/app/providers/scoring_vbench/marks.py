"""VBench's raw values as a score of 0 to 100, and the score of a film from those of its clips.

Called by adapter.py. Tests: tests/test_providers/test_scoring_vbench/test_marks.py
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import get_args

from app.ports.scoring import Score
from app.providers.scoring_vbench.book import NAME, Dimension, Part


def to_score(raw: dict[str, float], measured: dict[str, Dimension], version: str, duration_s: float) -> Score:
    """Mark one clip.

    Each raw value is normalised as VBench does it for its leaderboard, (raw - low) / (high - low), cut to 0-1. The
    overall score is 100 times their mean by VBench's weights over the dimensions that were measured: its quality
    score, except that a missing dimension is left out where VBench counts it as 0. A part is the same mean over its
    own dimensions. VBench measures no composition, so that part is null. `dynamic_degree` of one clip is a yes or no:
    it counts in the overall score and is shown among the dimensions, but is no part.

    Args:
        raw: Average by dimension, 0-1, as in VBench's result file.
        measured: The same dimensions.
        version: What the score is kept under.
        duration_s: Length of the clip in seconds.
    """
    parts = {}
    for part in get_args(Part):
        parts[part] = _mean(raw, {name: each for name, each in measured.items() if each.part == part})
    return Score(
        overall=_mean(raw, measured),
        **parts,
        dimensions={name: round(value, 5) for name, value in raw.items()},
        duration=duration_s,
        scorer=NAME,
        scorer_version=version,
    )


def _mean(raw: dict[str, float], dimensions: dict[str, Dimension]) -> float | None:
    if not dimensions:
        return None
    values = [each.normalised(raw[name]) for name, each in dimensions.items()]
    return round(100 * fmean(values, [each.weight for each in dimensions.values()]), 2)


def of_film(clips: Sequence[Score], version: str) -> Score:
    """Score the film cut from `clips`: means by length. What lies between the clips is not looked at."""
    usable = [clip for clip in clips if clip.overall is not None]
    if not usable:
        return no_score("None of the clips has a score.", version)
    if any((clip.scorer, clip.scorer_version) != (NAME, version) for clip in usable):
        return no_score("The clips were scored by different scorers. Score them again.", version)
    lengths = [clip.duration or 1.0 for clip in usable]
    found = {}
    for name in ("overall", *get_args(Part)):
        values = [getattr(clip, name) for clip in usable]
        found[name] = None if None in values else round(fmean(values, lengths), 2)
    return Score(
        **found,
        dimensions={"clips": float(len(clips)), "clips_scored": float(len(usable))},
        duration=sum(lengths),
        scorer=NAME,
        scorer_version=version,
    )


def no_score(reason: str, version: str) -> Score:
    """A score without numbers, and why."""
    return Score(scorer=NAME, scorer_version=version, reason=reason)
