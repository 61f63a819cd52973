"""The `replicate` video model: clips from the catalogue's video models, brought to the ad's shape on this machine.

What was bought is kept as it came (`<clip>.source.mp4`) beside the finished clip, so that finishing it again is free.
Built by providers/registry.py. Tests: tests/test_providers/test_replicate_video/test_adapter.py
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any, cast

from app.core.errors import AmbiguousSubmit, BadOutput, InvalidInput, MediaError, ProviderError
from app.kit.media.facts import probe, verify_decodes
from app.kit.worker import run_job
from app.ports.video import POSTER_AT, VideoModel, poster_key
from app.providers.catalogue import image_model, video_model
from app.providers.registry import ProviderDeps
from app.providers.registry import build as build_provider
from app.providers.replicate.client import Pace
from app.providers.replicate.download import download
from app.providers.replicate.errors import PROVIDER
from app.providers.replicate.inputs import Shown, keys_of, named, require_images, require_legal, uploaded
from app.providers.replicate.line import Line
from app.providers.replicate.orders import NOBODY, Order, call_hash, seed_of
from app.providers.replicate.wording import clip_prompt, keyframe_prompt, plainer_text, wording
from app.providers.replicate_image.adapter import ReplicateImageModel
from app.providers.replicate_video.planning import plan_clip, shown_references
from app.schemas.providers import CallContext, ImagePlan, JobState, RemoteJob, RemoteTake, VideoPlan, VideoRequest

CANCEL_AFTER = "10m"
_FINISH = "app.providers.local_video.overlay:finish_clip"
_SHORT_BY_S = 0.15
"""A clip may end this much before the scene does: its last picture is held."""


class ReplicateVideoModel:
    """VideoModel and RemoteJobs[VideoPlan] over Replicate. `keyframes` buys what `keyframe` asks for."""

    name = PROVIDER
    queue = "remote"

    def __init__(self, line: Line, local: VideoModel, at_once: int) -> None:
        self._line = line
        self._local = local
        self._slots = asyncio.Semaphore(max(1, at_once))
        self.keyframes = ReplicateImageModel(line)
        video_model(line.models.video, PROVIDER)  # an unknown or ended one is refused when the run is set up

    @property
    def lengths_s(self) -> list[float]:
        """See ports.video.VideoModel."""
        return [float(length) for length in video_model(self._line.models.video, PROVIDER).durations]

    def plan(self, request: VideoRequest) -> VideoPlan:
        """See ports.video.VideoModel."""
        return plan_clip(request, video_model(self._line.models.video, PROVIDER), self._line.models)

    def keyframe(self, plan: VideoPlan) -> ImagePlan | None:
        """See ports.video.PaidVideoModel."""
        take = _take(plan)
        if take.consistency != "keyframe" or take.first_frame_key:
            return None
        shown = shown_references(plan.request)[: image_model(take.image_model, PROVIDER).max_references]
        return ImagePlan(
            model=take.image_model,
            prompt=keyframe_prompt(plan.request.prompt, [image.type for image in shown]),
            aspect_ratio=take.aspect_ratio,
            resolution=self.keyframes.resolution(),
            reference_keys=[image.url for image in shown],
        )

    def with_keyframe(self, plan: VideoPlan, key: str) -> VideoPlan:
        """See ports.video.PaidVideoModel."""
        return plan.model_copy(update={"remote": _take(plan).model_copy(update={"first_frame_key": key})})

    def plainer(self, plan: VideoPlan) -> VideoPlan | None:
        """See ports.video.PaidVideoModel."""
        request = plan.request
        shown = [image for image in request.references if image.type != "character"]
        text = plainer_text(request.prompt, product=any(image.type == "product" for image in shown))
        if text == request.prompt:
            return None
        request = request.model_copy(update={"prompt": text, "references": shown})
        take = _take(plan).model_copy(update={"first_frame_key": None})
        if not shown_references(request):
            take = take.model_copy(update={"consistency": "text"})
        return plan.model_copy(update={"request": request, "remote": take})

    def estimate(self, plan: VideoPlan) -> Decimal:
        """Return the worst list price in USD of what this plan still has to buy: the clip, and its keyframe before."""
        take, entry = _take(plan), video_model(plan.model, PROVIDER)
        clip = entry.price(take.resolution, audio=take.audio) * Decimal(str(plan.render_duration_s))
        before = self.keyframe(plan)
        return clip + (self.keyframes.estimate(before) if before else Decimal(0))

    def input_hash(self, plan: VideoPlan, ctx: CallContext) -> str:
        """See ports.remote.RemoteJobs."""
        return call_hash(plan.model, _given(plan, ctx), keys_of(_shown(plan)), ctx)

    async def check(self, plan: VideoPlan) -> None:
        """See ports.remote.RemoteJobs. A keyframe still to be bought is checked too."""
        line, shown, before = self._line, _shown(plan), self.keyframe(plan)
        line.client.require_key()
        await require_images(line.storage, keys_of(shown))
        given: dict[str, Any] = {**_given(plan, NOBODY), **shown}
        if before is not None:
            await self.keyframes.check(before)
            given[video_model(plan.model, PROVIDER).fields["first_frame"]] = "keyframe"
        await require_legal(line.live, plan.model, given)

    async def submit(self, plan: VideoPlan, output_key: str, ctx: CallContext) -> RemoteJob:
        """See ports.remote.RemoteJobs. A keyframe that is still missing is bought first; `estimate` has counted it."""
        line, call, beside = self._line, self.input_hash(plan, ctx), Decimal(0)
        known = await line.orders.earlier(call, output_key)
        before = self.keyframe(plan)
        images: dict[str, Any] = {}
        if known is None:
            if before is not None:
                beside, plan = await self._with_bought_keyframe(plan, before, output_key, ctx)
            images = await uploaded(line.client, line.storage, _shown(plan))
        order = Order(
            call=call,
            model=plan.model,
            clip_id=plan.request.clip_id,
            input={**_given(plan, ctx), **images},
            plan=plan.model_dump(mode="json"),
            sent_at=line.client.pace.now(),
            beside_usd=beside,
        )
        try:
            return await line.orders.place(order, output_key, CANCEL_AFTER)
        except ProviderError as error:
            error.cost_usd = None if isinstance(error, AmbiguousSubmit) else beside
            raise

    async def _with_bought_keyframe(
        self, plan: VideoPlan, before: ImagePlan, output_key: str, ctx: CallContext
    ) -> tuple[Decimal, VideoPlan]:
        """Buy the opening picture; return what it cost and the plan with it. The same order is never sent twice."""
        key = keyframe_key(output_key)
        step = ctx.model_copy(update={"step": f"{ctx.step}.keyframe"})
        state = await self.keyframes.buy(before, key, step)
        return state.cost_usd or Decimal(0), self.with_keyframe(plan, key)

    async def find(self, plan: VideoPlan, output_key: str, ctx: CallContext, since: datetime) -> RemoteJob | None:
        """See ports.remote.RemoteJobs."""
        return await self._line.orders.find(self.input_hash(plan, ctx), output_key, since)

    async def poll(self, job: RemoteJob) -> JobState:
        """See ports.remote.RemoteJobs."""
        order = await self._line.orders.read(job.output_key)
        price = beside = Decimal(0)
        if order is not None:
            beside = order.beside_usd
            plan = VideoPlan.model_validate(order.plan)
            take = _take(plan)
            price = video_model(plan.model, PROVIDER).price(take.resolution, audio=take.audio)
            price *= Decimal(str(plan.render_duration_s))
        return await self._line.orders.poll(job, price, beside)

    async def cancel(self, job: RemoteJob) -> None:
        """See ports.remote.RemoteJobs."""
        await self._line.orders.cancel(job)

    async def fetch(self, job: RemoteJob) -> str:
        """See ports.remote.RemoteJobs. Downloads what was bought once, then finishes it: length, rate, size, copy."""
        order = await self._line.orders.read(job.output_key)
        if order is None:
            raise MediaError(f"The order of clip {job.clip_id} is no longer stored.", hint="Retry the clip.")
        plan = VideoPlan.model_validate(order.plan)
        if await self._is_finished(job, plan):
            return job.output_key
        source = source_key(job.output_key)
        async with self._folder() as folder:
            if not await self._line.storage.exists(source):
                await self._buy(job, plan, folder / "source.mp4", source)
            await self._finish(job, plan, folder, source)
        return job.output_key

    async def still(self, plan: VideoPlan, at: float, output_key: str) -> str:
        """See ports.video.VideoModel. Drawn by the local renderer: a storyboard costs nothing."""
        return await self._local.still(self._local.plan(plan.request), at, output_key)

    async def _is_finished(self, job: RemoteJob, plan: VideoPlan) -> bool:
        if not await self._line.storage.exists(job.output_key):
            return False
        async with self._line.storage.local_copy(job.output_key) as path:
            try:
                await asyncio.to_thread(_verify_finished, path, plan, job.id)
            except (MediaError, InvalidInput):
                return False
        return True

    async def _buy(self, job: RemoteJob, plan: VideoPlan, raw: Path, key: str) -> None:
        """Download the clip as it came, check it and store it. Raises BadOutput, Transient."""
        address = await self._line.orders.output_address(job)
        await download(address, raw, plain=self._line.plain, pace=self._line.client.pace)
        try:
            await asyncio.to_thread(_verify_source, raw, plan)
        except (MediaError, InvalidInput) as error:
            raise BadOutput(
                f"The clip that came back can't be used: {error.message}",
                hint="Retry this clip.",
                provider=PROVIDER,
                model=job.model,
                remote_id=job.id,
            ) from error
        await self._line.storage.put_file(key, raw, "video/mp4")

    async def _finish(self, job: RemoteJob, plan: VideoPlan, folder: Path, source: str) -> None:
        request, storage = plan.request, self._line.storage
        output, poster = folder / "clip.mp4", folder / "poster.jpg"
        async with self._slots, contextlib.AsyncExitStack() as stack:
            film = await stack.enter_async_context(storage.local_copy(source))
            logos = [image for image in request.references if image.type == "logo"]
            paths = [(image.type, await stack.enter_async_context(storage.local_copy(image.url))) for image in logos]
            payload = {
                "request": request.model_dump(mode="json"),
                "source": str(film),
                "images": [{"type": kind, "path": str(path)} for kind, path in paths],
                "keep_sound": _take(plan).audio,
                "output": str(output),
                "comment": job.id,
                "poster": str(poster),
                "poster_frame": int(plan.trim_to_s * request.fps * POSTER_AT),
            }
            await run_job(_FINISH, payload)
        await asyncio.to_thread(_verify_finished, output, plan, job.id)
        await storage.put_file(poster_key(job.output_key), poster, "image/jpeg")
        await storage.put_file(job.output_key, output, "video/mp4")

    @contextlib.asynccontextmanager
    async def _folder(self) -> AsyncIterator[Path]:
        await asyncio.to_thread(self._line.work_dir.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._line.work_dir, prefix="clip-") as folder:
            yield Path(folder)


def keyframe_key(output_key: str) -> str:
    """Return where the picture a clip begins with is kept, when it is bought with the clip."""
    return str(PurePosixPath(output_key).with_suffix(".keyframe.png"))


def source_key(output_key: str) -> str:
    """Return where a clip is kept as it was bought."""
    return str(PurePosixPath(output_key).with_suffix(".source.mp4"))


def _take(plan: VideoPlan) -> RemoteTake:
    if plan.remote is None:
        raise InvalidInput("This plan was made for another provider.", hint="Plan the clip again.")
    return plan.remote


def _given(plan: VideoPlan, ctx: CallContext) -> dict[str, Any]:
    """Return the input without its images."""
    entry, take = video_model(plan.model, PROVIDER), _take(plan)
    kinds = [image.type for image in shown_references(plan.request)] if take.consistency == "references" else []
    values = {
        "prompt": clip_prompt(plan.request.prompt, kinds, sound=take.audio),
        "aspect_ratio": take.aspect_ratio,
        "duration": int(plan.render_duration_s),
        "resolution": take.resolution,
        "negative_prompt": wording().negative,
        "audio": take.audio,
        "seed": seed_of(ctx),
    }
    return {**named(entry.fields, values), **entry.send}


def _shown(plan: VideoPlan) -> Shown:
    """Return the images the model is shown, by input name."""
    fields, take = video_model(plan.model, PROVIDER).fields, _take(plan)
    if take.consistency == "references":
        return {fields["references"]: [image.url for image in shown_references(plan.request)]}
    return {fields["first_frame"]: take.first_frame_key} if take.first_frame_key else {}


def _verify_source(path: Path, plan: VideoPlan) -> None:
    """Refuse a bought file that is no film, does not decode or ends before the scene does."""
    video = probe(path).video
    if video is None:
        raise MediaError("there is no picture in it.")
    if video.duration < plan.trim_to_s - _SHORT_BY_S:
        raise MediaError(f"it lasts {video.duration:.1f} s of the {plan.trim_to_s:g} s that are needed.")
    verify_decodes(path)


def _verify_finished(path: Path, plan: VideoPlan, comment: str) -> None:
    request, facts = plan.request, probe(path)
    frames = round(plan.trim_to_s * request.fps)
    video = facts.video
    found = video and (video.width, video.height, video.frames, float(video.rate), facts.comment)
    if found != (request.width, request.height, frames, float(request.fps), comment):
        raise MediaError(f"The finished clip is {found}.", hint="Retry the clip: it is not bought again.")


def build(deps: ProviderDeps, pace: Pace | None = None) -> ReplicateVideoModel:
    """Build the adapter for providers/registry.py."""
    local = cast(VideoModel, build_provider("video", "local", deps))
    return ReplicateVideoModel(Line.of(deps, pace), local, deps.media_workers)
