"""The video stage: storyboard, all clips at once, music, stitch and delivery check (spec Story 1.3).

`generate_all_videos_parallel` fans the clips out; `film_clip` is the durable life of one clip.
Called by orchestrator.py. Tests: tests/test_services/test_video_stage.py
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import AdMintError, Conflict, Interrupted, MediaError, StageTimeout
from app.db.repositories import clips, generations, quality_metrics
from app.kit.ids import digest, seed_from
from app.kit.together import together
from app.schemas.events import (
    ClipFailed,
    GenerationComplete,
    ProgressUpdate,
    VideoComplete,
    VideoProgress,
)
from app.schemas.providers import AudioRequest, RemoteJob, VideoPlan, VideoRequest
from app.schemas.unified_pipeline import Scene, VideoResult
from app.services.billing.paid_jobs import Purchase
from app.services.media.delivery_check import DeliveryReport
from app.services.media.video_stitcher import ClipInput, StitchReport
from app.services.quality.vbench_scorer import ScoreOrder
from app.services.unified_pipeline import buying, clip_sharing, second_take
from app.services.unified_pipeline.buying import Bought
from app.services.unified_pipeline.filming import (
    Film,
    clip_digest,
    full_prompt,
    is_paid,
    scene_plan,
    video_request,
)
from app.services.unified_pipeline.run_state import Filmed
from app.services.unified_pipeline.scene_changes import scene_digest
from app.services.unified_pipeline.stage_context import Draft, StageContext

log = logging.getLogger(__name__)
FilmClip = Callable[[Scene, str], Awaitable[VideoResult]]
_BUSY = "Another ad of yours began to film this very clip and has not finished it."
_BUSY_HINT = "Resume or delete that ad, then retry this clip: it is never paid twice."


class _Key(BaseModel):
    key: str


async def generate_all_videos_parallel(
    scenes: Sequence[Scene], consistency_context: str, max_concurrent: int = 5, *, film: FilmClip
) -> list[VideoResult]:
    """Film all scenes at the same time, at most `max_concurrent` in flight.

    Args:
        scenes: Approved scenes, in stitch order.
        consistency_context: The four lines of AC-2.4; put before each scene's text (AC-3.3).
        max_concurrent: Clips in flight at once.
        film: Makes one clip of a scene and its full prompt; a clip that fails is a result, not an exception.

    Returns:
        One result a scene, in scene order.
    """
    gate = asyncio.Semaphore(max_concurrent)

    async def one(scene: Scene) -> VideoResult:
        async with gate:
            return await film(scene, full_prompt(consistency_context, scene))

    return await together(*(one(scene) for scene in scenes))


# -- one clip ---------------------------------------------------------------------------------------------------------


async def film_clip(ctx: StageContext, request: VideoRequest, take: int, *, waited: bool = False) -> VideoResult:
    """The durable life of one clip: claimed, made or bought, and stored, or copied from another ad of the user.

    Runs as a child workflow of its own. `queued` means that another ad is filming this very clip, or that the user
    paused: wait, then ask again (clip_sharing.py); `waited` says that this wait ran out.
    """
    video = ctx.video(request.clip_id)
    plan = video.plan(request)
    wanted = clip_digest(plan, paid=is_paid(video))
    name, key = f"clip.{request.clip_id}", f"{ctx.prefix}/clips/scene-{request.clip_id}-take-{take}.mp4"
    result = VideoResult(
        scene_id=request.clip_id,
        clip_index=request.clip_index,
        digest=wanted,
        scene_digest=scene_digest(request.scene),
        provider=video.name,
    )
    item = buying.clip_purchase(ctx, video, plan, wanted) if is_paid(video) else None
    claim = await clip_sharing.claim(ctx, _new_take(ctx, result), key, waited=waited)
    if claim.todo == "wait":
        return result
    bought = None
    if claim.todo == "copy":
        outcome = _complete(result, key, plan).model_copy(update={"provider": claim.provider})
    elif claim.todo == "give_up":
        outcome = _failed(result, Conflict(_BUSY, hint=_BUSY_HINT))
    elif item is None:
        outcome = await _make(ctx, plan, claim.row_id, key, take, result)
    else:
        bought = await second_take.buy_or_reword(ctx, item, result, claim.row_id)
        if bought is None:
            return result
        outcome = bought.result
    await _store_outcome(ctx, outcome, claim.row_id, f"{name}.save", (item, bought))
    return outcome


async def _make(
    ctx: StageContext, plan: VideoPlan, row_id: str, key: str, take: int, result: VideoResult
) -> VideoResult:
    """Make a free clip on this machine."""
    try:
        job = await _submit(ctx, plan, row_id, key, take)
    except Interrupted:
        raise
    except AdMintError as error:
        return _failed(result, error)
    name = f"clip.{result.scene_id}.render"
    return await ctx.step(name, VideoResult, lambda: _render(ctx, job, plan, result))


def _new_take(ctx: StageContext, result: VideoResult) -> clips.NewTake:
    return clips.NewTake(
        generation_id=ctx.generation_id,
        clip_id=result.scene_id,
        clip_index=result.clip_index,
        digest=result.digest,
        scene_digest=result.scene_digest,
        provider=result.provider,
    )


async def _submit(ctx: StageContext, plan: VideoPlan, row_id: str, key: str, take: int) -> RemoteJob:
    """Submit the job and store its id before the first poll, so that a restart finds it again."""
    name = f"clip.{plan.request.clip_id}.submit"
    job = await ctx.step(
        name, RemoteJob, lambda: ctx.video(plan.request.clip_id).submit(plan, key, ctx.call(name, take))
    )

    async def keep(session: AsyncSession) -> str:
        return (await clips.save_remote_job(session, row_id, job)).id

    await ctx.commit(f"{name}ted", keep)
    return job


async def _render(ctx: StageContext, job: RemoteJob, plan: VideoPlan, result: VideoResult) -> VideoResult:
    """Poll until the clip is stored. A failure of this clip becomes its result; the other clips go on."""
    video = ctx.video(job.clip_id)
    try:
        async with asyncio.timeout(ctx.config.timeouts.videos):
            state = await buying.watch(ctx, video, job)
            if state.status == "failed":
                raise MediaError(state.error_message or "The clip could not be made.", hint="Retry this clip.")
            key = await video.fetch(job)
    except Interrupted:
        await video.cancel(job)
        raise
    except TimeoutError:
        await video.cancel(job)
        error: AdMintError = StageTimeout(
            f"Clip {job.clip_id} took longer than {ctx.config.timeouts.videos:g} seconds.",
            hint="Retry it, or raise it with --set timeouts.videos=SECONDS.",
        )
    except AdMintError as raised:
        error = raised
    else:
        return _complete(result, key, plan)
    return _failed(result, error)


def _complete(result: VideoResult, key: str, plan: VideoPlan) -> VideoResult:
    done = {"status": "complete", "progress": 100, "url": key, "duration": plan.trim_to_s, "notes": plan.downgrades}
    return result.model_copy(update=done)


def _failed(result: VideoResult, error: AdMintError) -> VideoResult:
    log.error("clip failed", extra={"clip_id": result.scene_id, "code": error.code, "reason": error.message})
    message = f"{error.message} {error.hint}".strip()
    return result.model_copy(update={"status": "failed", "error_code": error.code, "error_message": message})


async def _store_outcome(
    ctx: StageContext, outcome: VideoResult, row_id: str, step: str, paid: tuple[Purchase[Any] | None, Bought | None]
) -> None:
    """Keep what became of a clip, book it if it was bought, and have it scored; a copied one has no row yet."""
    scoring = ctx.services.scoring.wanted(ctx.config)

    async def write(session: AsyncSession) -> list[Draft]:
        return [*await keep(session), *await buying.book_clip(ctx, session, *paid)]

    async def keep(session: AsyncSession) -> list[Draft]:
        take_id = row_id or (await clips.start_take(session, _new_take(ctx, outcome), anew=True)).id
        await generations.upsert_clip_json(session, ctx.generation_id, outcome)
        if outcome.status == "complete" and outcome.url and outcome.duration:
            await clips.finish(session, take_id, outcome.url, outcome.duration)
            if scoring:
                await quality_metrics.expect(session, ctx.generation_id, outcome.clip_index, outcome.url)
            told = VideoComplete(
                clip_id=outcome.scene_id,
                url=outcome.url,
                duration=outcome.duration,
                scoring=scoring,
                notes=outcome.notes,
            )
            return [("video_complete", told)]
        await clips.fail(session, take_id, outcome.error_code or "media_error", outcome.error_message or "")
        return [
            (
                "clip_failed",
                ClipFailed(
                    clip_id=outcome.scene_id,
                    clip_index=outcome.clip_index,
                    code=outcome.error_code or "media_error",
                    message=outcome.error_message or "The clip could not be made.",
                    hint="The other clips are kept. `admint resume` makes this one again.",
                ),
            )
        ]

    await ctx.record(step, write)
    if scoring and outcome.url:
        await ctx.services.scoring.clip(ctx.services.durable, _score_order(ctx, outcome.scene_id, outcome.url))


def _score_order(ctx: StageContext, clip_id: int | None, video: str) -> ScoreOrder:
    return ScoreOrder(generation_id=ctx.generation_id, session_id=ctx.session_id, clip_id=clip_id, video=video)


# -- the whole film ---------------------------------------------------------------------------------------------------


async def compose_bed(ctx: StageContext, film: Film) -> str:
    """Compose the music bed for the whole ad; return its key."""
    durations = [scene.duration for scene in film.scenes]
    cuts = [sum(durations[: n + 1]) for n in range(len(durations) - 1)]

    async def compose() -> _Key:
        request = AudioRequest(
            duration_s=sum(durations),
            cuts=cuts,
            mood=film.story.audio.mood,
            bpm=film.story.audio.bpm,
            seed=seed_from(ctx.plan.seed, "music"),
        )
        key = f"{ctx.prefix}/music/bed-{digest(request.model_dump(mode='json'))[:12]}.wav"
        return _Key(key=(await ctx.providers.audio.compose(request, key, ctx.call("music"))).value)

    return (await ctx.step("music.compose", _Key, compose)).key


async def finish_film(ctx: StageContext, film: Film, results: Sequence[VideoResult], bed_key: str) -> str:
    """Stitch the clips, check the film, store it and have it scored; return the final's key."""
    await ctx.tell("progress_update", ProgressUpdate(stage="stitching", message="Putting the clips together"))
    final_key = f"{ctx.prefix}/final-{digest([r.digest for r in results] + [bed_key])[:12]}.mp4"
    inputs = [
        ClipInput(key=result.url, duration_s=scene.duration, clip_id=scene.id)
        for scene, result in zip(film.scenes, results, strict=True)
        if result.url
    ]
    report = await ctx.step(
        "stitch.join",
        StitchReport,
        lambda: ctx.services.stitcher.stitch(inputs, bed_key=bed_key, output_key=final_key),
    )
    checked = await ctx.step(
        "stitch.check",
        DeliveryReport,
        lambda: ctx.services.checker.check(final_key, plan=ctx.plan, story=film.story, scenes=film.scenes),
    )

    scoring = ctx.services.scoring.wanted(ctx.config)

    async def write(session: AsyncSession) -> list[Draft]:
        await generations.save_final(session, ctx.generation_id, final_key)
        if scoring:
            await quality_metrics.expect(session, ctx.generation_id, None, final_key)
        payload = GenerationComplete(
            generation_id=ctx.generation_id,
            final_video_url=final_key,
            duration=report.duration_s,
            checks=[finding.message for finding in checked.findings],
            scoring=scoring,
        )
        return [("generation_complete", payload)]

    await ctx.record("final.save", write)
    if scoring:
        await ctx.services.scoring.film(ctx.services.durable, _score_order(ctx, None, final_key), ctx.run)
    return final_key


def to_film(ctx: StageContext, film: Film, filmed: Filmed, only: Sequence[int] = ()) -> list[Scene]:
    """Return the scenes that have no clip of what they now are, and may be filmed."""
    missing = [s for s in film.scenes if f"{s.id}:{scene_plan(ctx, film, s)[2]}" not in filmed.kept]
    return [scene for scene in missing if not only or scene.id in only]


async def film_all(ctx: StageContext, film: Film, filmed: Filmed, only: Sequence[int] = ()) -> list[VideoResult]:
    """Film every scene that has no clip of the same digest, in parallel, each as a child workflow.

    Args:
        ctx: The run.
        film: What is filmed.
        filmed: What earlier runs made.
        only: Film no other scenes than these; empty for all.

    Returns:
        One result a scene, in scene order. One that was not begun, because of `only` or a pause, is `queued`, or still
        `failed` if it was before.

    Raises:
        Interrupted: The user cancelled.
    """

    async def one(scene: Scene, prompt: str) -> VideoResult:
        request = video_request(ctx, film, scene, prompt)
        wanted = scene_plan(ctx, film, scene)[2]
        done = filmed.kept.get(f"{scene.id}:{wanted}")
        if done is not None:
            return done.model_copy(update={"clip_index": request.clip_index})
        if (only and scene.id not in only) or await ctx.control() == "pause":
            return filmed.failed.get(scene.id) or VideoResult(scene_id=scene.id, clip_index=request.clip_index)
        await ctx.obey("cancel")
        await ctx.tell("video_progress", VideoProgress(clip_id=scene.id, progress=0, status="queued"))
        take = filmed.takes.get(scene.id, 0) + 1
        argument: dict[str, Any] = {
            "generation_id": ctx.generation_id,
            "run": ctx.run,
            "take": take,
            "request": request.model_dump(mode="json"),
        }
        # A child that was stopped before it had a take left none to count: another run needs another id.
        child = f"{ctx.generation_id}:clip:{scene.id}:t{take}" + (f"r{ctx.run}" if ctx.run > 1 else "")
        made = await _film_once(ctx, wanted, child, argument)
        return made or VideoResult(scene_id=scene.id, clip_index=request.clip_index)

    concurrent = ctx.config.video_max_concurrent if ctx.config.video_parallel else 1
    return await generate_all_videos_parallel(film.scenes, film.consistency_context, concurrent, film=one)


async def _film_once(ctx: StageContext, wanted: str, child: str, argument: dict[str, Any]) -> VideoResult | None:
    """Have a child film the clip, or copy it once another ad of the user has; null when the user paused meanwhile.

    A child that finds another ad at work ends at once, and the next one has another id: a replay meets the same ones.
    """
    video = ctx.video(argument["request"]["clip_id"])
    for turn in itertools.count(1):
        found = await clip_sharing.wait_for_twin(ctx, wanted, paid=is_paid(video))
        if found == "paused":
            return None
        name = child if turn == 1 else f"{child}.{turn}"
        told = {**argument, "waited": found == "over"}
        answer = await ctx.services.durable.run_child("clip", name, video.queue, told, ctx.user_id)
        made = VideoResult.model_validate(answer)
        if made.status != "queued":
            return made
        if await ctx.control() == "pause":
            return None
    return None
