"""What the pipeline buys: the clips of a film and its reference images, admitted together, then each lived to its end.

Only for models whose queue is ``remote``; free ones go their own way (video_stage.py, reference_stage.py).
Tests: tests/test_services/test_billing.py, tests/test_integration/test_pay_once.py
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import (
    AdMintError,
    Interrupted,
    MediaError,
    ProviderError,
    SafetyRefused,
    StageTimeout,
    StorageError,
    Transient,
)
from app.db.repositories import clips, provider_calls
from app.kit.ids import digest
from app.ports.video import PaidVideoModel, VideoModel
from app.schemas.events import VideoProgress
from app.schemas.providers import ImagePlan, JobState, RemoteJob, VideoPlan
from app.schemas.unified_pipeline import Scene, VideoResult
from app.services.billing.paid_jobs import Ended, Placed, Purchase
from app.services.unified_pipeline.filming import Film, is_paid, scene_plan
from app.services.unified_pipeline.stage_context import Draft, StageContext

log = logging.getLogger(__name__)
_POLL_S = {"media": 0.1, "remote": 2.0}
_ASK_S = 1.0
_STILL_THERE = "It is paid: retrying looks for it again and does not pay twice."


class Bought(BaseModel):
    """What came of a clip: its result, and how its job ended; no end while the provider still has it."""

    result: VideoResult
    ended: Ended | None = None
    call_key: str = ""


class _Checked(BaseModel):
    count: int


class _Key(BaseModel):
    key: str


def clip_purchase(ctx: StageContext, model: VideoModel, plan: VideoPlan, wanted: str) -> Purchase[VideoPlan]:
    """Return a clip as something to buy; `wanted` is its digest. Its opening picture is bought apart."""
    scene_id, paid = plan.request.clip_id, cast("PaidVideoModel", model)
    picture = paid.keyframe(plan)
    apart = paid.keyframes.estimate(picture) if picture else Decimal(0)
    return Purchase(
        base=f"{ctx.generation_id}:clip:{scene_id}:{wanted[:24]}",
        kind="clip",
        what=f"Clip {scene_id}",
        generation_id=ctx.generation_id,
        step=f"clip.{scene_id}",
        model=paid,
        plan=plan,
        model_name=plan.model,
        output=f"{ctx.prefix}/clips/scene-{scene_id}-{wanted[:12]}-{{}}.mp4",
        scene_id=scene_id,
        price=paid.estimate(plan) - apart,
    )


def image_purchase(ctx: StageContext, model: Any, plan: ImagePlan, number: int) -> Purchase[ImagePlan]:
    """Return a reference image as something to buy."""
    wanted = digest(plan.model_dump(mode="json", exclude={"downgrades"}))
    return Purchase(
        base=f"{ctx.generation_id}:image:{number}:{wanted[:24]}",
        kind="image",
        what=f"Reference image {number}",
        generation_id=ctx.generation_id,
        step=f"reference.{number}",
        model=model,
        plan=plan,
        model_name=plan.model,
        output=f"{ctx.prefix}/references/{number}-{wanted[:12]}-{{}}.png",
        scene_id=number,
    )


def keyframe_purchase(ctx: StageContext, model: PaidVideoModel, plan: VideoPlan) -> Purchase[ImagePlan] | None:
    """Return the picture a clip begins with as something to buy of its own; null when it needs none."""
    picture = model.keyframe(plan)
    if picture is None:
        return None
    scene_id, wanted = plan.request.clip_id, digest(picture.model_dump(mode="json", exclude={"downgrades"}))
    return Purchase(
        base=f"{ctx.generation_id}:keyframe:{scene_id}:{wanted[:24]}",
        kind="keyframe",
        what=f"The opening picture of clip {scene_id}",
        generation_id=ctx.generation_id,
        step=f"clip.{scene_id}.keyframe",
        model=model.keyframes,
        plan=picture,
        model_name=picture.model,
        output=f"{ctx.prefix}/keyframes/scene-{scene_id}-{wanted[:12]}-{{}}.png",
        scene_id=scene_id,
    )


# -- admission: every one valid and priced, or none is bought ---------------------------------------------------------


async def admit_clips(ctx: StageContext, film: Film, scenes: Sequence[Scene]) -> None:
    """Check all paid clips of these scenes, then reserve them together. Free ones cost no step.

    Raises:
        OverCap: The caps do not hold them all; nothing was bought.
        ProviderError: One of them can't be ordered; nothing was bought.
    """
    items: list[Purchase[Any]] = []
    for scene in scenes:
        model, plan, wanted = scene_plan(ctx, film, scene)
        if is_paid(model):
            picture = keyframe_purchase(ctx, cast("PaidVideoModel", model), plan)
            items += [clip_purchase(ctx, model, plan, wanted), *([picture] if picture else [])]
    await admit(ctx, items, "clips", "The clips" if len(scenes) > 1 else f"Clip {scenes[0].id}" if scenes else "")


async def admit(ctx: StageContext, items: Sequence[Purchase[Any]], step: str, what: str) -> None:
    """Check and reserve a batch in two recorded steps. Raises as `admit_clips`."""
    if not items:
        return

    async def check() -> _Checked:
        for item in items:
            await item.model.check(item.plan)
        return _Checked(count=len(items))

    async def reserve(session: AsyncSession) -> tuple[list[Draft], int]:
        wanted = [new for item in items if (new := await ctx.services.jobs.next_call(item, session)) is not None]
        await ctx.services.ledger.admit(session, ctx.generation_id, wanted, what)
        return [await ctx.services.ledger.cost_updated(session, ctx.generation_id)], len(wanted)

    await ctx.step(f"{step}.check", _Checked, check)
    await ctx.settle(f"{step}.reserve", reserve)


async def _give_back(ctx: StageContext, session: AsyncSession, item: Purchase[Any]) -> None:
    """Give back what a clip and its opening picture have reserved: it was copied from another ad, for nothing."""
    picture = keyframe_purchase(ctx, cast("PaidVideoModel", item.model), item.plan)
    for unneeded in (item, picture):
        newest = await provider_calls.newest(session, unneeded.base) if unneeded else None
        if newest is not None:
            await provider_calls.release(session, item.generation_id, only=newest.call_key)


async def book_clip(
    ctx: StageContext, session: AsyncSession, item: Purchase[Any] | None, bought: Bought | None
) -> list[Draft]:
    """Book how a clip's job ended in the transaction that keeps the clip; one that was not bought is given back."""
    if item is None:
        return []
    if bought is None:
        await _give_back(ctx, session, item)
    elif bought.ended is not None:
        key = bought.result.url if bought.result.status == "complete" else None
        await ctx.services.jobs.settle(session, bought.call_key, bought.ended, key=key or "")
    return [await ctx.services.ledger.cost_updated(session, ctx.generation_id)]


# -- one clip ---------------------------------------------------------------------------------------------------------


async def buy_clip(
    ctx: StageContext, item: Purchase[VideoPlan], result: VideoResult, row_id: str, suffix: str = ""
) -> Bought | None:
    """Order a clip or find it again, wait for it and fetch it; null when the user paused before it was ordered.

    `suffix` tells its steps from those of another order of the same clip.

    Raises:
        Interrupted: The user cancelled: what ran is cancelled at the provider. Or a newer run has taken over.
    """
    name = f"clip.{result.scene_id}{suffix}"
    jobs = ctx.services.jobs
    try:
        try:
            item = await _with_keyframe(ctx, item, f"{name}.keyframe")
            placed = await ctx.step(f"{name}.submit", Placed, lambda: jobs.place(item, ctx.run))
        except Interrupted:
            raise
        except AdMintError as error:
            return Bought(result=_failed(result, error))
        if placed.job is None and not placed.key:
            return None
        if placed.job is not None:
            await _note_job(ctx, row_id, placed.job, f"{name}.submitted")
        return await ctx.step(f"{name}.render", Bought, lambda: _collect(ctx, item, placed, result))
    except Interrupted:
        if await ctx.control() in {"cancel", "deleted"}:
            await jobs.abandon(item)
        raise


async def _with_keyframe(ctx: StageContext, item: Purchase[VideoPlan], step: str) -> Purchase[VideoPlan]:
    """Buy the clip's opening picture, if it needs one, and return the clip's order with it."""
    model = cast("PaidVideoModel", item.model)
    picture = keyframe_purchase(ctx, model, item.plan)
    if picture is None:
        return item

    async def buy() -> _Key:
        return _Key(key=await buy_image(ctx, picture))

    key = (await ctx.step(step, _Key, buy)).key
    return replace(item, plan=model.with_keyframe(item.plan, key))


async def _note_job(ctx: StageContext, row_id: str, job: RemoteJob, step: str) -> None:
    async def keep(session: AsyncSession) -> str:
        return (await clips.save_remote_job(session, row_id, job)).id

    await ctx.commit(step, keep)


async def _collect(ctx: StageContext, item: Purchase[VideoPlan], placed: Placed, result: VideoResult) -> Bought:
    """Wait for the job and fetch its file. A failure of this clip becomes its result; the other clips go on."""
    try:
        key, ended = await collect(ctx, item, placed, ctx.config.timeouts.videos)
    except JobEnded as end:
        return Bought(result=_failed(result, end.error), ended=end.ended, call_key=placed.call_key)
    except Interrupted:
        raise
    except AdMintError as error:
        kept = error if isinstance(error, StorageError) else Transient(error.message, hint=_STILL_THERE)
        return Bought(result=_failed(result, kept), call_key=placed.call_key)
    plan = item.plan
    done = {"status": "complete", "progress": 100, "url": key, "duration": plan.trim_to_s, "notes": plan.downgrades}
    return Bought(result=result.model_copy(update=done), ended=ended, call_key=placed.call_key)


def _failed(result: VideoResult, error: AdMintError) -> VideoResult:
    log.error("clip failed", extra={"clip_id": result.scene_id, "code": error.code, "reason": error.message})
    message = f"{error.message} {error.hint}".strip()
    return result.model_copy(update={"status": "failed", "error_code": error.code, "error_message": message})


# -- one image --------------------------------------------------------------------------------------------------------


async def buy_image(ctx: StageContext, item: Purchase[ImagePlan]) -> str:
    """Order a reference image or find it again, fetch it and book it; return its key. The inside of one step.

    Raises:
        OverCap, ChargeUnknown, Interrupted, ProviderError, StageTimeout: As they say.
    """
    jobs, ledger = ctx.services.jobs, ctx.services.ledger
    try:
        placed = await jobs.place(item, ctx.run)
        if placed.job is None and not placed.key:
            raise Interrupted("You paused it.", hint="`admint resume` goes on from there.")
        key, ended = await collect(ctx, item, placed, ctx.config.timeouts.reference_images)
    except JobEnded as end:
        async with ledger.entry(ctx.generation_id) as entry:
            await jobs.settle(entry.session, placed.call_key, end.ended)
        raise end.error from end
    except Interrupted:
        if await ctx.control() in {"cancel", "deleted"}:
            await jobs.abandon(item)
        raise
    async with ledger.entry(ctx.generation_id) as entry:
        await jobs.settle(entry.session, placed.call_key, ended, key=key)
    return key


# -- what both share --------------------------------------------------------------------------------------------------


class JobEnded(Exception):
    """A job ended without a file; `error` is what to say, `ended` what to book."""

    def __init__(self, error: AdMintError, ended: Ended) -> None:
        super().__init__(error.message)
        self.error = error
        self.ended = ended


async def collect(ctx: StageContext, item: Purchase[Any], placed: Placed, limit_s: float) -> tuple[str, Ended]:
    """Wait for a job and fetch its file; return its key and how it ended.

    Raises:
        JobEnded: It gave nothing and never will.
        AdMintError: Its file can't be had now; the provider still has it.
        Interrupted: The user cancelled.
    """
    if placed.job is None:
        return placed.key, Ended(complete=True)
    job = placed.job
    try:
        async with asyncio.timeout(limit_s):
            state = await watch(ctx, item.model, job)
    except TimeoutError:
        found = await ctx.services.jobs.stop(job, item.model)
        if found is None or found.status != "complete":
            raise _timed_out(item, found, limit_s) from None
        state = found
    ended = Ended(
        complete=state.status == "complete",
        cost_usd=state.cost_usd,
        cost_source=state.cost_source,
        message=state.error_message or "",
    )
    if state.status != "complete":
        kind = SafetyRefused if state.error_code == SafetyRefused.code else MediaError
        said = state.error_message  # with its next step
        error = kind(said) if said else kind(f"{item.what} could not be made.", hint="Change the scene or retry.")
        raise JobEnded(error, ended)
    try:
        return await item.model.fetch(job), ended
    except (Transient, StorageError):
        raise
    except (ProviderError, MediaError) as error:
        raise JobEnded(error, ended.model_copy(update={"message": error.message})) from error


def _timed_out(item: Purchase[Any], found: JobState | None, limit_s: float) -> Exception:
    """Say that a job took too long: ended for good if the provider says so, else still its own."""
    error = StageTimeout(
        f"{item.what} took longer than {limit_s:g} seconds and was cancelled.",
        hint="Retry it, or allow more with --set timeouts.videos=SECONDS.",
    )
    if found is None or found.status != "failed":
        return error
    ended = Ended(complete=False, cost_usd=found.cost_usd, cost_source=found.cost_source, message=error.message)
    return JobEnded(error, ended)


async def watch(ctx: StageContext, model: Any, job: RemoteJob) -> JobState:
    """Poll a job until it has ended and return its last state; progress of a clip is told on the way.

    Raises:
        Interrupted: The user cancelled, or a newer run has taken over.
        ProviderError: It can't be asked.
    """
    clock = ctx.services.clock
    last: tuple[str, int | None] | None = None
    asked = clock.monotonic()
    while True:
        if clock.monotonic() - asked >= _ASK_S:
            await ctx.obey("cancel")
            asked = clock.monotonic()
        state: JobState = await model.poll(job)
        progress = None if state.progress is None else round(state.progress * 100)
        if job.clip_id and (state.status, progress) != last:
            last = (state.status, progress)
            told = VideoProgress(
                clip_id=job.clip_id, progress=progress or 0, status=state.status, estimated=progress is None
            )
            await ctx.tell("video_progress", told)
        if state.status in {"complete", "failed"}:
            return state
        await asyncio.sleep(_POLL_S[model.queue] * (0.75 + random.random() / 2))  # clips don't ask in step
