"""The score of a whole film from the scores of its clips: no second decode, and never across a cut.

Called by adapter.py. Tests: tests/test_providers/test_scoring_embedded/test_film.py
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from app.ports.scoring import Score, similarity
from app.providers.scoring_embedded.marks import NAME, VERSION, along, book, no_score, overall, rounded


def overall_of(clips: Sequence[Score]) -> Score:
    """Score the film cut from `clips`, in film order.

    Means weighted by length. Coherence is half the clips' own, half how alike neighbouring clips look (`cross_clip`).
    """
    usable = [clip for clip in clips if clip.overall is not None]
    if not usable:
        return no_score("None of the clips has a score.")
    if len({clip.scorer_version for clip in usable}) > 1 or any(clip.scorer != NAME for clip in usable):
        return no_score("The clips were scored by different scorers. Score them again.")
    weights = [clip.duration or 1.0 for clip in usable]
    parts = {
        name: float(np.average([getattr(clip, name) for clip in usable], weights=weights)) / 100
        for name in book().weights
    }
    dimensions = {"clips": float(len(clips)), "clips_scored": float(len(usable))}
    cross = cross_clip(usable)
    if cross is not None:
        dimensions |= {"in_clip_coherence": round(parts["coherence"], 5), "cross_clip": round(cross, 5)}
        parts["coherence"] = (parts["coherence"] + along(book().cross_clip, cross)) / 2
    return Score(
        overall=rounded(overall(parts)),
        **{name: rounded(value) for name, value in parts.items()},
        dimensions=dimensions,
        duration=sum(weights),
        scorer=NAME,
        scorer_version=VERSION,
    )


def cross_clip(clips: Sequence[Score]) -> float | None:
    """Mean similarity of neighbouring clips, 0-1; None where no two can be compared."""
    found = [
        value
        for first, second in pairwise(clips)
        if first.vectors and second.vectors and (value := similarity(first.vectors, second.vectors)) is not None
    ]
    return float(np.mean(found)) if found else None
