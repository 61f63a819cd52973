"""The `local` video model: renders clips on this machine, one child process a clip, at most `max_workers` at once.

Built by app/container.py. A job is a JSON plan in `work_dir`; its clip is rendered to a temporary file, verified,
then stored under the job's output key. A finished clip found in the store is adopted, never rendered again.
Tests: tests/test_providers/test_local_video/test_adapter.py
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.core.errors import AdMintError, InvalidInput, MediaError, NotFound
from app.kit.ids import digest
from app.kit.media.facts import probe, verify_decodes
from app.kit.worker import run_job
from app.ports.storage import Storage
from app.ports.video import POSTER_AT, poster_key
from app.providers.local_video.planning import plan_request
from app.providers.registry import ProviderDeps
from app.schemas.providers import CallContext, JobState, RemoteJob, VideoPlan, VideoRequest

_CLIP = "app.providers.local_video.render:render_clip"
_STILL = "app.providers.local_video.render:render_still"


@dataclass
class _Job:
    """A job known to this process."""

    task: asyncio.Task[None]
    state: JobState = field(default_factory=lambda: JobState(status="queued", progress=0.0))


class LocalVideoModel:
    """VideoModel over the planar renderer. `work_dir` holds plans and half-made files."""

    name = "local"
    queue = "media"
    lengths_s = None

    def __init__(self, storage: Storage, work_dir: Path, max_workers: int) -> None:
        self._storage = storage
        self._work_dir = work_dir
        self._slots = asyncio.Semaphore(max(1, max_workers))
        self._jobs: dict[str, _Job] = {}

    def plan(self, request: VideoRequest) -> VideoPlan:
        """See ports.video.VideoModel."""
        return plan_request(request)

    def estimate(self, plan: VideoPlan) -> Decimal:
        """See ports.video.VideoModel; local work is free."""
        return Decimal(0)

    async def submit(self, plan: VideoPlan, output_key: str, ctx: CallContext) -> RemoteJob:
        """See ports.video.VideoModel. The same plan and key give the same job; a failed one may start again."""
        body = plan.model_dump(mode="json")
        job_id = digest([body, output_key])[:32]
        await asyncio.to_thread(self._write_plan, job_id, body)
        known = self._jobs.get(job_id)
        if known is not None and known.task.done() and known.state.status == "failed":
            del self._jobs[job_id]
        return RemoteJob(
            id=job_id, provider=self.name, model=plan.model, clip_id=plan.request.clip_id, output_key=output_key
        )

    async def poll(self, job: RemoteJob) -> JobState:
        """See ports.video.VideoModel. Starts the render if it neither runs nor is finished."""
        return self._started(job).state

    async def cancel(self, job: RemoteJob) -> None:
        """See ports.video.VideoModel. Kills the child; the job stays failed until it is submitted again."""
        known = self._jobs.get(job.id)
        if known is None or known.task.done():
            return
        known.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await known.task

    async def fetch(self, job: RemoteJob) -> str:
        """See ports.video.VideoModel. Waits for the render. Raises MediaError when it failed."""
        known = self._started(job)
        await asyncio.wait([known.task])
        if known.state.status != "complete":
            raise MediaError(
                known.state.error_message or f"Clip {job.clip_id} was not rendered.", hint="Retry the clip."
            )
        return job.output_key

    async def still(self, plan: VideoPlan, at: float, output_key: str) -> str:
        """See ports.video.VideoModel."""
        request = plan.request
        frame = min(max(0, int(at * request.fps)), round(plan.render_duration_s * request.fps) - 1)
        part = self._work_dir / f"{digest([plan.model_dump(mode='json'), frame, output_key])[:32]}.jpg.part"
        async with self._slots, contextlib.AsyncExitStack() as stack:
            payload = await self._payload(request, stack)
            await asyncio.to_thread(self._work_dir.mkdir, parents=True, exist_ok=True)
            try:
                await run_job(_STILL, {**payload, "frame": frame, "output": str(part)})
                await self._storage.put_file(output_key, part, "image/jpeg")
            finally:
                await asyncio.to_thread(part.unlink, missing_ok=True)
        return output_key

    def _started(self, job: RemoteJob) -> _Job:
        known = self._jobs.get(job.id)
        if known is None:
            known = _Job(asyncio.create_task(self._run(job), name=f"clip-{job.clip_id}"))
            self._jobs[job.id] = known
        return known

    async def _run(self, job: RemoteJob) -> None:
        """Adopt or render; the outcome is left in the job's state, never raised (a poll reads it)."""
        try:
            plan = await asyncio.to_thread(self._read_plan, job)
            if not await self._adopted(job, plan):
                async with self._slots:
                    self._set(job, JobState(status="processing", progress=0.0))
                    await self._render(job, plan)
            self._set(job, JobState(status="complete", progress=1.0))
        except AdMintError as error:
            self._set(job, JobState(status="failed", error_code=error.code, error_message=str(error)))
        except asyncio.CancelledError:
            self._set(job, JobState(status="failed", error_code="interrupted", error_message="The render was stopped."))
            raise

    def _set(self, job: RemoteJob, state: JobState) -> None:
        if job.id in self._jobs:
            self._jobs[job.id].state = state

    async def _adopted(self, job: RemoteJob, plan: VideoPlan) -> bool:
        """True when the store already holds this job's clip, whole."""
        if not await self._storage.exists(job.output_key):
            return False
        async with self._storage.local_copy(job.output_key) as path:
            try:
                await asyncio.to_thread(verify_clip, path, plan, job.id)
            except (MediaError, InvalidInput):
                return False
        return True

    async def _render(self, job: RemoteJob, plan: VideoPlan) -> None:
        part = self._work_dir / f"{job.id}.mp4.part"
        poster = self._work_dir / f"{job.id}.jpg.part"
        middle = int(plan.render_duration_s * plan.request.fps * POSTER_AT)

        def progress(report: dict[str, Any]) -> None:
            share = report["frames"] / report["planned"]
            self._set(job, JobState(status="rendering", progress=min(share, 1.0)))

        try:
            async with contextlib.AsyncExitStack() as stack:
                payload = await self._payload(plan.request, stack)
                job_payload = {
                    **payload,
                    "output": str(part),
                    "comment": job.id,
                    "poster": str(poster),
                    "poster_frame": middle,
                }
                await run_job(_CLIP, job_payload, progress)
            await asyncio.to_thread(verify_clip, part, plan, job.id)
            await self._storage.put_file(poster_key(job.output_key), poster, "image/jpeg")
            await self._storage.put_file(job.output_key, part, "video/mp4")
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
            await asyncio.to_thread(poster.unlink, missing_ok=True)

    async def _payload(self, request: VideoRequest, stack: contextlib.AsyncExitStack) -> dict[str, Any]:
        """Return the worker's payload; the images' local copies live as long as `stack`."""
        images = []
        for reference in request.references:
            if reference.type in request.scene.references:
                path = await stack.enter_async_context(self._storage.local_copy(reference.url))
                images.append({"type": reference.type, "path": str(path)})
        return {"request": request.model_dump(mode="json"), "images": images}

    def _write_plan(self, job_id: str, body: dict[str, Any]) -> None:
        self._work_dir.mkdir(parents=True, exist_ok=True)
        part = self._work_dir / f"{job_id}.json.part"
        part.write_text(json.dumps(body))
        part.replace(self._work_dir / f"{job_id}.json")

    def _read_plan(self, job: RemoteJob) -> VideoPlan:
        path = self._work_dir / f"{job.id}.json"
        if not path.is_file():
            raise NotFound(f"The plan of clip {job.clip_id} is gone.", hint="Submit the clip again.")
        return VideoPlan.model_validate_json(path.read_text())


def verify_clip(path: Path, plan: VideoPlan, comment: str) -> None:
    """Check a rendered file against its plan.

    Raises:
        MediaError: It differs from the plan, or does not decode.
        InvalidInput: It is no media file.
    """
    request = plan.request
    facts = probe(path)
    frames = round(plan.render_duration_s * request.fps)
    video = facts.video
    if video is None:
        raise MediaError("The rendered clip has no picture.", hint="Render it again.")
    found = (video.width, video.height, video.frames, float(video.rate), facts.comment)
    wanted = (request.width, request.height, frames, float(request.fps), comment)
    if found != wanted or verify_decodes(path) != frames:
        raise MediaError(f"The rendered clip is {found}, planned was {wanted}.", hint="Render it again.")


def build(deps: ProviderDeps) -> LocalVideoModel:
    """Build the adapter for providers/registry.py."""
    return LocalVideoModel(deps.storage, deps.work_dir, deps.media_workers)
