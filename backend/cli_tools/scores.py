"""What an ad's scores are, in plain words and as JSON. 0-100, measured in the background; never there by guess.

Called by delivery.py, closing.py and commands show and score. Tests: tests/test_cli/test_scores.py
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.db.models import Generation
from app.db.repositories import quality_metrics
from app.db.repositories.documents import config_of
from app.schemas.score_events import VBenchScore
from app.schemas.unified_pipeline import PipelineConfig
from app.services.quality import score_keeping
from app.services.quality.score_keeping import LIKENESS, TOGETHER

SWITCHED_OFF = "Scoring is switched off (vbench_enabled)."
NOT_YET = "Not measured yet."
NOT_MEASURED = "Not measured."


@dataclass(frozen=True)
class Scores:
    """The scores of what an ad shows now. `film` and `clips` have landed, `is_awaited` says that some have not."""

    film: VBenchScore | None = None
    clips: list[VBenchScore] = field(default_factory=list)
    is_awaited: bool = False

    @classmethod
    def of(cls, landed: Sequence[VBenchScore], awaited: Sequence[int | None]) -> Scores:
        """Sort what a snapshot says."""
        film = next((each for each in landed if each.clip_id is None), None)
        return cls(film, [each for each in landed if each.clip_id is not None], bool(awaited))

    @classmethod
    def of_view(cls, view: dict[str, Any]) -> Scores:
        """Read a server's snapshot; an older server's has none."""
        landed = [VBenchScore.model_validate(each) for each in view.get("scores") or []]
        return cls.of(landed, view.get("scoring") or [])


async def read_scores(session: Any, row: Generation) -> Scores:
    """Read an ad's scores from this machine's database."""
    metrics = await quality_metrics.of_generation(session, row.id)
    return Scores.of(score_keeping.landed(row, metrics), score_keeping.awaited(row, metrics))


def line(scores: Scores, row: Generation) -> str:
    """Return the scores in one line: the film's with its word, then each clip's."""
    config = config_of(row)
    if scores.film is None or scores.film.overall_score is None:
        words = _why_none(scores, config)
    else:
        overall = scores.film.overall_score
        words = f"{overall:.0f} of 100 ({word(overall, config)})"
    if not scores.clips:
        return words
    return f"{words.rstrip('.')}; clips {', '.join(_said(each, config) for each in scores.clips)}"


def likeness(scores: Scores) -> str:
    """Return how alike the clips are, measured and in per cent: to each other, then to each reference."""
    named: dict[str, list[float]] = {}
    for dimension, value in [pair for clip in scores.clips for pair in clip.dimensions.items()]:
        if dimension.startswith(LIKENESS):
            named.setdefault(dimension.removeprefix(LIKENESS), []).append(value)
    said = [f"{name} {_per_cent(min(values), max(values))}" for name, values in named.items()]
    together = scores.film.dimensions.get(TOGETHER) if scores.film is not None else None
    if together is not None:
        said.insert(0, f"clips to each other {_per_cent(together, together)}")
    return ", ".join(said)


def _per_cent(least: float, most: float) -> str:
    low, high = round(100 * least), round(100 * most)
    return f"{low} %" if low == high else f"{low} to {high} %"


def document(scores: Scores, row: Generation) -> dict[str, Any]:
    """Return the scores as JSON: the film's own, and `clips` in film order. Null with a reason where there is none."""
    if scores.film is None:
        film = {**facts(VBenchScore()), "reason": _why_none(scores, config_of(row))}
    else:
        film = facts(scores.film)
    return {**film, "clips": [{"clip_id": each.clip_id, **facts(each)} for each in scores.clips]}


def facts(score: VBenchScore) -> dict[str, Any]:
    """Return one score as JSON; `overall` is 0-100 or null."""
    raw = score.model_dump(mode="json", exclude={"clip_id"})
    return {"overall": raw.pop("overall_score"), **raw}


def _said(score: VBenchScore, config: PipelineConfig) -> str:
    if score.overall_score is None:
        return "none"
    return f"{score.overall_score:.0f} ({word(score.overall_score, config)})"


def word(overall: float, config: PipelineConfig) -> str:
    """Return the word for a score, as the studio says it."""
    if overall > config.vbench_threshold_good:
        return "strong"
    return "fair" if overall >= config.vbench_threshold_acceptable else "weak"


def _why_none(scores: Scores, config: PipelineConfig) -> str:
    if scores.film is not None and scores.film.reason:
        return f"None: {scores.film.reason}"
    if scores.is_awaited:
        return NOT_YET
    return NOT_MEASURED if config.vbench_enabled else SWITCHED_OFF
