"""The `embedded` scorer: measures files in one child process of low priority. Needs no network, no key, no GPU.

Built by app/container.py through the registry. Tests: tests/test_providers/test_scoring_embedded/test_adapter.py and
the contract suite tests/test_contracts/test_scoring.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.core.errors import AdMintError
from app.kit.worker import run_job
from app.ports.scoring import Score, ScoreRequest
from app.providers.registry import ProviderDeps
from app.providers.scoring_embedded.film import overall_of
from app.providers.scoring_embedded.marks import NAME, VERSION, no_score

_JOB = "app.providers.scoring_embedded.job:score_files"


class EmbeddedScorer:
    """Scorer over measure.py; holds no state, so one may serve many callers."""

    name = NAME
    version = VERSION
    slowness = 1.0

    async def score(self, video: Path, *, static: bool = False, references: Sequence[Path] = ()) -> Score:
        """See ports.scoring.Scorer."""
        request = ScoreRequest(video=video, static=static, references=list(references))
        return (await self.score_all([request]))[0]

    async def score_all(
        self, requests: Sequence[ScoreRequest], on_score: Callable[[int, Score], None] | None = None
    ) -> list[Score]:
        """See ports.scoring.Scorer. A child that dies costs only the scores it had not reported."""
        scores: dict[int, Score] = {}

        def take(place: int, score: Score) -> None:
            scores[place] = score
            if on_score is not None:
                on_score(place, score)

        def hear(message: dict[str, Any]) -> None:
            take(message["place"], Score.model_validate(message["score"]))

        try:
            await run_job(_JOB, {"requests": [request.model_dump(mode="json") for request in requests]}, hear)
        except AdMintError as error:
            for place in range(len(requests)):
                if place not in scores:
                    take(place, no_score(error.message))
        return [scores[place] for place in range(len(requests))]

    def whole(self, clips: Sequence[Score]) -> Score:
        """See ports.scoring.Scorer."""
        return overall_of(clips)


def build(_: ProviderDeps) -> EmbeddedScorer:
    """Build the scorer."""
    return EmbeddedScorer()
