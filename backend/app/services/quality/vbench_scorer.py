"""Background scoring of clips and films (spec Story 1.4): measure, store, tell. A durable workflow of its own.

Named after the spec's benchmark; who really measures is the `Scorer` behind the port, and every score says so.
A score that can't be had is a row without numbers and with a reason; an ad never waits for one and never fails for one.
Queued by scoring.py, run by the engine. Tests: tests/test_services/test_vbench_scorer.py
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import AdMintError, NotFound
from app.db.repositories import events as event_log
from app.db.repositories import generations, quality_metrics
from app.db.repositories.documents import references_of, scenes_of, video_clips_of
from app.ports.clock import Clock
from app.ports.durable import Durable
from app.ports.events import EventBus
from app.ports.scoring import Score, Scorer, ScoreRequest
from app.ports.storage import Storage
from app.schemas.base import Model
from app.schemas.events import VBenchScoreEvent
from app.schemas.unified_pipeline import ReferenceImage
from app.services.quality import score_keeping
from app.services.quality.measuring import measure, without_score

log = logging.getLogger(__name__)
_STANDS_STILL = "static"
"""How the scene writer says that a shot is meant not to move (config/prompts/scene_writer.yaml)."""


class ScoreOrder(Model):
    """What is to be scored: one clip, or with `clip_id` null the whole video and every clip that has no score yet.

    `again`: measure anew what has one.
    """

    generation_id: str
    session_id: str
    clip_id: int | None = None
    video: str = ""
    again: bool = False


class _Measured(Model):
    score: Score
    took_ms: int


@dataclass(frozen=True)
class ScoringTools:
    """What scoring works with; made once by the container."""

    scorer: Scorer
    durable: Durable
    storage: Storage
    bus: EventBus
    clock: Clock
    reads: async_sessionmaker[AsyncSession]


async def run_vbench_scoring(
    video_path: str,
    clip_id: int | None,
    generation_id: str,
    session_id: str,
    tools: ScoringTools,
    *,
    again: bool = False,
) -> Score | None:
    """Score one stored video in the background: measure it, store the row, send `vbench_score`. Never raises for it.

    The spec's signature, with the event bus inside `tools`: it reaches every process's websocket manager.

    Args:
        video_path: Storage key.
        clip_id: Scene id of the clip, null for the whole video.
        generation_id: Whose it is.
        session_id: Who is told.
        tools: What it works with.
        again: Measure anew even if the score of this very file is on record.

    Returns:
        The score as stored, without numbers when scoring failed; null when the file is no longer the one shown.
    """
    name = f"score.{'film' if clip_id is None else f'clip.{clip_id}'}"
    order = ScoreOrder(
        generation_id=generation_id, session_id=session_id, clip_id=clip_id, video=video_path, again=again
    )

    async def look() -> dict[str, Any]:
        return (await _measured(tools, order)).model_dump(mode="json", exclude={"score": {"vectors"}})

    measured = _Measured.model_validate(await tools.durable.step(f"{name}.measure", look))

    async def write(session: AsyncSession) -> dict[str, Any] | None:
        return await _store(session, tools, order, measured)

    stored = await tools.durable.transact(f"{name}.save", write)
    if stored is None:
        return None
    await tools.bus.publish(session_id, VBenchScoreEvent.model_validate(stored))
    return measured.score


class VBenchScorer:
    """The `score` workflow."""

    def __init__(self, tools: ScoringTools) -> None:
        self._tools = tools

    async def run(self, argument: dict[str, Any]) -> None:
        """Score a clip; or each clip that has no score yet, then the film. `argument` is a `ScoreOrder`."""
        order = ScoreOrder.model_validate(argument)
        if order.clip_id is not None:
            await self._score(order, order.clip_id, order.video)
            return

        async def find() -> list[tuple[int | None, str]]:
            return await _unscored(self._tools, order)

        for clip_id, video in await self._tools.durable.step("score.find", find):
            await self._score(order, clip_id, video)

    async def _score(self, order: ScoreOrder, clip_id: int | None, video: str) -> None:
        await run_vbench_scoring(video, clip_id, order.generation_id, order.session_id, self._tools, again=order.again)


async def _unscored(tools: ScoringTools, order: ScoreOrder) -> list[tuple[int | None, str]]:
    """Return the clips whose own row is not there, then the film if there is one; all of them when scored again."""
    async with tools.reads() as session:
        row = await generations.get(session, order.generation_id)
        if row is None:
            return []
        metrics = await quality_metrics.of_generation(session, row.id)
        files = score_keeping.scored_files(row)
    have = {
        (each.clip_index, quality_metrics.video_of(each))
        for each in metrics
        if each.scorer_version == tools.scorer.version and not quality_metrics.is_awaited(each)
    }
    return [
        (clip_id, video)
        for clip_id, (index, video) in files.items()
        if order.again or clip_id is None or (index, video) not in have
    ]


async def _measured(tools: ScoringTools, order: ScoreOrder) -> _Measured:
    began = tools.clock.monotonic()
    try:
        score = await (_film(tools, order) if order.clip_id is None else _clip(tools, order))
    except AdMintError as error:
        score = without_score(tools.scorer, error.message)
    if score.overall is None:
        log.error("no score", extra={"generation_id": order.generation_id, "video": order.video, "why": score.reason})
    return _Measured(score=score, took_ms=round((tools.clock.monotonic() - began) * 1000))


async def _film(tools: ScoringTools, order: ScoreOrder) -> Score:
    """Put the whole video's score together from its clips': their cuts are known, nothing is decoded again."""
    async with tools.reads() as session:
        row = await generations.require(session, order.generation_id)
        clips = [(clip.scene_id, str(clip.url)) for clip in video_clips_of(row) if clip.url]
    found = []
    for scene_id, video in clips:
        score = await score_keeping.kept(tools.storage, video)
        if score is None or score.overall is None:
            why = "it has no score yet" if score is None else score.reason
            return without_score(tools.scorer, f"Clip {scene_id} could not be scored: {why}")
        found.append(score)
    return tools.scorer.whole(found)


async def _clip(tools: ScoringTools, order: ScoreOrder) -> Score:
    """Measure a clip, or take what is on record of this very file. Raises NotFound when it is gone."""
    known = None if order.again else await score_keeping.kept(tools.storage, order.video)
    if known is not None and known.overall is not None and known.scorer_version == tools.scorer.version:
        return known
    async with tools.reads() as session:
        row = await generations.require(session, order.generation_id)
        scene = next((each for each in scenes_of(row) if each.id == order.clip_id), None)
        duration = next((each.duration for each in video_clips_of(row) if each.url == order.video), None)
        shown = [image for image in references_of(row) if scene is not None and image.type in scene.references]
    async with AsyncExitStack() as stack:
        video = await stack.enter_async_context(tools.storage.local_copy(order.video))
        pictures = await _local_copies(tools.storage, stack, shown)
        still = scene is not None and scene.camera.casefold().startswith(_STANDS_STILL)
        request = ScoreRequest(video=video, static=still, references=[path for _, path in pictures])
        score = await measure(tools.scorer, request, duration or 0.0)
    score = _with_likeness(score, [image.type for image, _ in pictures])
    await score_keeping.keep(tools.storage, order.video, score)
    return score


async def _local_copies(
    storage: Storage, stack: AsyncExitStack, images: Sequence[ReferenceImage]
) -> list[tuple[ReferenceImage, Path]]:
    """Return local paths of the references that are still stored."""
    found = []
    for image in images:
        try:
            found.append((image, await stack.enter_async_context(storage.local_copy(image.url))))
        except NotFound:
            log.warning("reference gone", extra={"key": image.url})
    return found


def _with_likeness(score: Score, types: Sequence[str]) -> Score:
    """Name how alike a clip is to each reference (0-1) among its dimensions; of several of a type the best counts."""
    named: dict[str, float] = {}
    for kind, likeness in zip(types, score.references, strict=False):
        name = f"{score_keeping.LIKENESS}{kind}"
        named[name] = max(likeness, named.get(name, 0.0))
    return score.model_copy(update={"dimensions": {**score.dimensions, **named}})


async def _store(
    session: AsyncSession, tools: ScoringTools, order: ScoreOrder, measured: _Measured
) -> dict[str, Any] | None:
    """Write row and event; null when the file is no longer what the generation shows there."""
    try:
        row = await generations.lock(session, order.generation_id)
    except NotFound:
        return None
    index, video = score_keeping.scored_files(row).get(order.clip_id, (None, ""))
    if video != order.video:
        return None
    score, told = measured.score, score_keeping.told(order.clip_id, measured.score)
    seq = await event_log.append_event(session, order.session_id, row.id, "vbench_score", told)
    await quality_metrics.upsert(session, row.id, index, score, video=video, duration_ms=measured.took_ms)
    if order.clip_id is None:
        await generations.save_overall_score(session, row.id, score.overall)
    event = VBenchScoreEvent(generation_id=row.id, seq=seq, timestamp=tools.clock.now(), payload=told)
    return event.model_dump(mode="json")
