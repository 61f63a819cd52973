"""The `replicate` image model: reference images and keyframes from the catalogue's image models.

Built by providers/registry.py. The pipeline buys through ports.remote.RemoteJobs, under ledger and cap.
Tests: tests/test_providers/test_replicate_image/test_adapter.py
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from PIL import Image

from app.core.errors import BadOutput, InvalidInput, ProviderError
from app.kit.images import check_image
from app.providers.catalogue import image_model
from app.providers.registry import ProviderDeps
from app.providers.replicate.client import Pace
from app.providers.replicate.download import download
from app.providers.replicate.errors import PROVIDER
from app.providers.replicate.inputs import Shown, keys_of, named, require_images, require_legal, uploaded
from app.providers.replicate.line import Line
from app.providers.replicate.orders import NOBODY, Order, call_hash, seed_of
from app.providers.replicate.wording import image_prompt
from app.schemas.providers import CallContext, ImagePlan, ImageRequest, JobState, RemoteJob, Result

CANCEL_AFTER = "3m"
MOST_BYTES = 60_000_000
_POLL_S = 2.0


class ReplicateImageModel:
    """ImageModel and RemoteJobs[ImagePlan] over Replicate."""

    name = PROVIDER
    queue = "remote"

    def __init__(self, line: Line) -> None:
        self._line = line
        image_model(line.models.image, PROVIDER)  # an unknown or ended one is refused when the run is set up

    def plan(self, request: ImageRequest) -> ImagePlan:
        """Return the order for one reference image; the user's own images go along where the model takes some."""
        entry = image_model(self._line.models.image, PROVIDER)
        keys, told = list(request.reference_keys), list[str]()
        if len(keys) > entry.max_references:
            told.append(f"{entry.label} is shown {entry.max_references} of your {len(keys)} images")
            keys = keys[: entry.max_references]
        return ImagePlan(
            request=request,
            model=self._line.models.image,
            prompt=image_prompt(request.type, request.prompt, ["product"] * len(keys)),
            aspect_ratio=request.aspect_ratio,
            resolution=self.resolution(),
            reference_keys=keys,
            downgrades=told,
        )

    def resolution(self) -> str | None:
        """Return the size that pictures are ordered in, null where the model has only one."""
        entry, wanted = image_model(self._line.models.image, PROVIDER), self._line.models.image_resolution
        if not entry.resolutions:
            return None
        return wanted if wanted in entry.resolutions else entry.resolutions[0]

    def estimate(self, plan: ImagePlan) -> Decimal:
        """See ports.remote.RemoteJobs."""
        return image_model(plan.model, PROVIDER).price(plan.resolution)

    def input_hash(self, plan: ImagePlan, ctx: CallContext) -> str:
        """See ports.remote.RemoteJobs."""
        return call_hash(plan.model, self._given(plan, ctx), keys_of(_shown(plan)), ctx)

    async def check(self, plan: ImagePlan) -> None:
        """See ports.remote.RemoteJobs."""
        self._line.client.require_key()
        shown = _shown(plan)
        await require_images(self._line.storage, keys_of(shown))
        await require_legal(self._line.live, plan.model, {**self._given(plan, NOBODY), **shown})

    async def submit(self, plan: ImagePlan, output_key: str, ctx: CallContext) -> RemoteJob:
        """See ports.remote.RemoteJobs."""
        line, shown = self._line, _shown(plan)
        call = self.input_hash(plan, ctx)
        known = await line.orders.earlier(call, output_key)
        images = {} if known else await uploaded(line.client, line.storage, shown)
        order = Order(
            call=call,
            model=plan.model,
            input={**self._given(plan, ctx), **images},
            plan=plan.model_dump(mode="json"),
            sent_at=line.client.pace.now(),
        )
        return await line.orders.place(order, output_key, CANCEL_AFTER)

    async def find(self, plan: ImagePlan, output_key: str, ctx: CallContext, since: datetime) -> RemoteJob | None:
        """See ports.remote.RemoteJobs."""
        return await self._line.orders.find(self.input_hash(plan, ctx), output_key, since)

    async def poll(self, job: RemoteJob) -> JobState:
        """See ports.remote.RemoteJobs."""
        order = await self._line.orders.read(job.output_key)
        resolution = ImagePlan.model_validate(order.plan).resolution if order else None
        return await self._line.orders.poll(job, image_model(job.model, PROVIDER).price(resolution))

    async def cancel(self, job: RemoteJob) -> None:
        """See ports.remote.RemoteJobs."""
        await self._line.orders.cancel(job)

    async def fetch(self, job: RemoteJob) -> str:
        """See ports.remote.RemoteJobs. The picture is stored as PNG."""
        line = self._line
        if await line.orders.is_stored(job):
            return job.output_key
        address = await line.orders.output_address(job)
        await asyncio.to_thread(line.work_dir.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=line.work_dir, prefix="image-") as folder:
            raw, picture = Path(folder) / "raw", Path(folder) / "picture.png"
            await download(address, raw, plain=line.plain, pace=line.client.pace)
            try:
                await asyncio.to_thread(_write_png, raw, picture)
            except InvalidInput as error:
                raise BadOutput(
                    f"The picture that came back can't be used: {error.message}",
                    hint="Retry it.",
                    provider=PROVIDER,
                    model=job.model,
                    remote_id=job.id,
                ) from error
            await line.storage.put_file(job.output_key, picture, "image/png")
        await line.orders.note_stored(job)
        return job.output_key

    async def generate(self, data: ImageRequest, output_key: str, ctx: CallContext) -> Result[str]:
        """See ports.image.ImageModel: order, wait and store. No cap is kept here: the pipeline uses RemoteJobs."""
        plan = self.plan(data)
        state = await self.buy(plan, output_key, ctx)
        cost = state.cost_usd or Decimal(0)
        return Result(
            value=output_key, provider=PROVIDER, model=plan.model, cost_usd=cost, cost_source=state.cost_source
        )

    async def buy(self, plan: ImagePlan, output_key: str, ctx: CallContext) -> JobState:
        """Order a picture (or take up the same order again), wait for it, store it; return how its job ended."""
        job = await self.submit(plan, output_key, ctx)
        pace = self._line.client.pace
        while (state := await self.poll(job)).status not in ("complete", "failed"):
            await pace.sleep(_POLL_S * (0.75 + pace.spread() / 2))
        try:
            await self.fetch(job)  # tells why, where it failed
        except ProviderError as error:
            error.cost_usd = state.cost_usd
            raise
        return state

    def _given(self, plan: ImagePlan, ctx: CallContext) -> dict[str, Any]:
        entry = image_model(plan.model, PROVIDER)
        values = {
            "prompt": plan.prompt,
            "aspect_ratio": plan.aspect_ratio,
            "resolution": plan.resolution,
            "output_format": "png",
            "seed": seed_of(ctx),
        }
        return {**named(entry.fields, values), **entry.send}


def _shown(plan: ImagePlan) -> Shown:
    field = image_model(plan.model, PROVIDER).fields.get("references")
    return {field: list(plan.reference_keys)} if field and plan.reference_keys else {}


def _write_png(source: Path, target: Path) -> None:
    """Check a picture and write it as PNG. Raises InvalidInput."""
    data = source.read_bytes()
    check_image(data, max_bytes=MOST_BYTES, name="the picture")
    with Image.open(source) as image:
        image.convert("RGBA" if image.mode in ("RGBA", "LA", "P") else "RGB").save(target, "PNG", compress_level=4)


def build(deps: ProviderDeps, pace: Pace | None = None) -> ReplicateImageModel:
    """Build the adapter for providers/registry.py."""
    return ReplicateImageModel(Line.of(deps, pace))
