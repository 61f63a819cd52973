"""Stands where a scorer can't be loaded: no score, and the reason why. Nothing else of an ad depends on it.

Built by registry.py. Tests: tests/test_providers/test_registry.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.ports.scoring import Score


class MissingScorer:
    """Scorer that never has a score."""

    version = ""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self._reason = reason

    async def score(self, video: Path, *, static: bool = False, references: Sequence[Path] = ()) -> Score:
        """See ports.scoring.Scorer."""
        return Score(scorer=self.name, scorer_version=self.version, reason=self._reason)
