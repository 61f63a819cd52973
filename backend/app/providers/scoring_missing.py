"""Stands where a scorer can't be loaded: no score, and the reason why. Nothing else of an ad depends on it.

Built by registry.py. Tests: tests/test_providers/test_registry.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from app.ports.scoring import Score, ScoreRequest


class MissingScorer:
    """Scorer that never has a score."""

    version = ""
    slowness = 1.0

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self._reason = reason

    async def score(self, video: Path, *, static: bool = False, references: Sequence[Path] = ()) -> Score:
        """See ports.scoring.Scorer."""
        return self._none()

    async def score_all(
        self, requests: Sequence[ScoreRequest], on_score: Callable[[int, Score], None] | None = None
    ) -> list[Score]:
        """See ports.scoring.Scorer."""
        scores = [self._none() for _ in requests]
        for place, score in enumerate(scores):
            if on_score is not None:
                on_score(place, score)
        return scores

    def whole(self, clips: Sequence[Score]) -> Score:
        """See ports.scoring.Scorer."""
        return self._none()

    def _none(self) -> Score:
        return Score(scorer=self.name, scorer_version=self.version, reason=self._reason)
