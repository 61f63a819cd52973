"""Scores on record: the rows a client is shown, the event that tells of one, and the small file kept beside a clip.

That file holds what the score of the whole video is later made of, so that no clip is decoded twice.
Called by vbench_scorer.py, unified_pipeline/snapshots.py and the command line.
Tests: tests/test_services/test_vbench_scorer.py
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import PurePosixPath

from app.core.errors import AdMintError
from app.db.models import Generation, QualityMetric
from app.db.repositories import quality_metrics
from app.db.repositories.documents import video_clips_of
from app.ports.scoring import Score
from app.ports.storage import Storage
from app.schemas.score_events import ScoreBreakdown, VBenchScore

log = logging.getLogger(__name__)
LIKENESS = "similar_to_"
"""Begins the name of the dimension that says how alike a clip is to a reference (0-1), for example to the product."""
TOGETHER = "cross_clip"
"""The film's dimension that says how alike neighbouring clips are (0-1)."""


def scored_files(row: Generation) -> dict[int | None, tuple[int | None, str]]:
    """Return what of a generation can have a score: scene id (null: the film) to place at the stitch and key."""
    clips = [clip for clip in video_clips_of(row) if clip.status == "complete" and clip.url]
    found: dict[int | None, tuple[int | None, str]] = {
        clip.scene_id: (clip.clip_index, str(clip.url)) for clip in clips
    }
    if row.final_video_url is not None:
        found[None] = (None, row.final_video_url)
    return found


def landed(row: Generation, metrics: Iterable[QualityMetric]) -> list[VBenchScore]:
    """Return the scores of what a generation now shows: clips in order, then the whole video."""
    by_key = {quality_metrics.video_of(each): each for each in metrics if not quality_metrics.is_awaited(each)}
    shown = scored_files(row).items()
    return [told(clip_id, quality_metrics.score_of(by_key[key])) for clip_id, (_, key) in shown if key in by_key]


def awaited(row: Generation, metrics: Iterable[QualityMetric]) -> list[int | None]:
    """Return the scene ids (null: the whole video) whose score is still to land."""
    keys = {quality_metrics.video_of(each) for each in metrics if quality_metrics.is_awaited(each)}
    return [clip_id for clip_id, (_, key) in scored_files(row).items() if key in keys]


def told(clip_id: int | None, score: Score) -> VBenchScore:
    """Return a score as clients are told of it."""
    return VBenchScore(
        clip_id=clip_id,
        overall_score=score.overall,
        breakdown=breakdown_of(score),
        dimensions=score.dimensions,
        scorer=score.scorer,
        scorer_version=score.scorer_version,
        reason=score.reason,
    )


def breakdown_of(score: Score) -> ScoreBreakdown:
    """Return the spec's four parts."""
    return ScoreBreakdown.model_validate(score.model_dump(include=set(ScoreBreakdown.model_fields)))


def notes_key(video: str) -> str:
    """Return the storage key of the file beside a clip that keeps its score."""
    return str(PurePosixPath(video).with_suffix(".score.json"))


async def keep(storage: Storage, video: str, score: Score) -> None:
    """Keep a clip's score beside it. A full disk costs a second look at the clip, not its score."""
    try:
        await storage.put_bytes(notes_key(video), score.model_dump_json().encode(), "application/json")
    except AdMintError as error:
        log.warning("score not kept", extra={"video": video, "reason": error.message})


async def kept(storage: Storage, video: str) -> Score | None:
    """Return the score kept beside a clip, null when there is none that can be read."""
    try:
        return Score.model_validate_json(await storage.read_bytes(notes_key(video)))
    except (AdMintError, ValueError):
        return None
