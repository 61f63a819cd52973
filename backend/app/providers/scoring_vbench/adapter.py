"""The `vbench` scorer: the real VBench on this machine's GPU, in a Python environment of its own. Opt-in.

One process a file: VBench loads its models anew for each file anyway, and so a crash costs one score. Built by
app/container.py through the registry when ADMINT_SCORER is vbench. Tests:
tests/test_providers/test_scoring_vbench/test_adapter.py and the contract suite tests/test_contracts/test_scoring.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from app.core.errors import AdMintError, BadOutput, InvalidInput
from app.kit.media.facts import VideoFacts, probe
from app.ports.scoring import Score, ScoreRequest
from app.providers.registry import ProviderDeps
from app.providers.scoring_vbench.answers import raw_values
from app.providers.scoring_vbench.book import NAME, cpu_seconds
from app.providers.scoring_vbench.marks import no_score, of_film, to_score
from app.providers.scoring_vbench.place import Place
from app.providers.scoring_vbench.process import ask

_LEAST_FRAMES = 3
"""Motion smoothness guesses every second picture from its neighbours."""
_SLOWNESS = 10.0
_USUAL_PACE = 6.0
"""Seconds for a second of video that a scorer of slowness 1 is given (services/quality/measuring.py)."""


class VBenchScorer:
    """Scorer over the worker; holds no state, so one may serve many callers."""

    name = NAME

    def __init__(self, place: Place) -> None:
        self._place = place
        self._measured = place.measured
        self.version = place.table.version(noncommercial=place.noncommercial)
        self.slowness = _SLOWNESS
        if place.cpu:  # three times what it takes, for machines that are slower or busier than ours was
            self.slowness = max(_SLOWNESS, 3 * cpu_seconds(self._measured, 1.0) / _USUAL_PACE)

    async def score(self, video: Path, *, static: bool = False, references: Sequence[Path] = ()) -> Score:
        """See ports.scoring.Scorer. VBench knows neither still shots nor references: `references` stays empty."""
        return (await self.score_all([ScoreRequest(video=video, static=static, references=list(references))]))[0]

    async def score_all(
        self, requests: Sequence[ScoreRequest], on_score: Callable[[int, Score], None] | None = None
    ) -> list[Score]:
        """See ports.scoring.Scorer. Cancelling kills the worker with all its children."""
        scores = []
        for place, request in enumerate(requests):
            try:
                scores.append(await self._score(request))
            except AdMintError as error:
                scores.append(no_score(str(error), self.version))
            if on_score is not None:
                on_score(place, scores[-1])
        return scores

    def whole(self, clips: Sequence[Score]) -> Score:
        """See ports.scoring.Scorer. The mean of the clips by length; VBench compares no clips, nor does this."""
        return of_film(clips, self.version)

    async def _score(self, request: ScoreRequest) -> Score:
        if request.edited:
            hint = "Score its clips one by one, or the film with ADMINT_SCORER=embedded."
            raise InvalidInput("VBench measures single shots: it takes every cut of a film for a fault.", hint=hint)
        python = self._place.interpreter()
        facts = await asyncio.to_thread(_facts, request.video)
        await asyncio.to_thread(self._place.verify)
        question = self._place.request("measure", video=str(request.video.absolute()), dimensions=list(self._measured))
        answer = await ask(python, self._place.work, question)
        if answer.refusal is not None:
            cpu_s = cpu_seconds(self._measured, facts.duration, facts.width * facts.height)
            raise self._place.refused(answer.refusal, cpu_s)
        if answer.results is None:
            raise BadOutput("VBench's worker answered another question.", provider=NAME)
        return to_score(raw_values(answer.results, self._measured), self._measured, self.version, facts.duration)


def _facts(video: Path) -> VideoFacts:
    found = probe(video).video
    if found is None:
        raise InvalidInput(f"{video.name} has no video in it.", hint="Give a video file.")
    if found.frames < _LEAST_FRAMES:
        raise InvalidInput(f"{video.name} is too short for VBench.", hint=f"It needs {_LEAST_FRAMES} pictures.")
    return found


def build(deps: ProviderDeps) -> VBenchScorer:
    """Build the scorer. Nothing is looked for before the first score."""
    return VBenchScorer(Place.of(deps.settings))
