"""Fetches what was paid before a crash: providers delete a finished file within the hour, long before the next click.

Called by the container when a server or worker starts. Orders nothing. Tests: tests/test_integration/test_rescue.py
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

from app.core.errors import AdMintError
from app.db.models import ProviderCall
from app.db.repositories import documents, generations, provider_calls
from app.ports.video import PaidVideoModel
from app.schemas.providers import JobState, RemoteJob
from app.schemas.unified_pipeline import PipelineConfig
from app.services.billing.paid_jobs import Ended
from app.services.unified_pipeline.stage_context import PipelineServices

log = logging.getLogger(__name__)
_LOOK_S = 5.0
_PATIENCE_S = 900.0


async def rescue_jobs(services: PipelineServices) -> None:
    """Wait for every ordered job of an ad that stands still, and store its file; the ad takes it when it goes on."""
    async with services.reads() as session:
        open_calls = [call for call in await provider_calls.unsettled(session) if call.state == "SUBMITTED"]
        kept = []
        for call in open_calls:
            row = await generations.get(session, call.generation_id)
            if row is not None and row.substage in {"interrupted", "needs_retry", "paused", "over_cap", "expired"}:
                kept.append((call, documents.config_of(row)))
    for call, config in kept:
        try:
            await _rescue(services, call, _model_of(services, call, config))
        except AdMintError as error:
            log.warning("paid job not rescued", extra={"call": call.call_key, "reason": error.message})


def _model_of(services: PipelineServices, call: ProviderCall, config: PipelineConfig) -> Any:
    """Return the model a job was ordered from."""
    task = "image" if call.kind == "image" else "video"
    models = services.providers(config.providers.model_copy(update={task: call.provider}), config.models)
    if call.kind == "keyframe":
        return cast("PaidVideoModel", models.video).keyframes
    return models.image if task == "image" else models.video


async def _rescue(services: PipelineServices, call: ProviderCall, model: Any) -> None:
    job = RemoteJob.model_validate(call.remote_job)
    state = await asyncio.wait_for(_end_of(model, job), _PATIENCE_S)
    key = await model.fetch(job) if state.status == "complete" else ""
    ended = Ended(
        complete=bool(key),
        cost_usd=state.cost_usd,
        cost_source=state.cost_source,
        message=state.error_message or "",
    )
    async with services.ledger.entry(call.generation_id) as entry:
        await services.jobs.settle(entry.session, call.call_key, ended, key=key)
    log.info("paid job rescued", extra={"call": call.call_key, "key": key})


async def _end_of(model: Any, job: RemoteJob) -> JobState:
    while True:
        state: JobState = await model.poll(job)
        if state.status in {"complete", "failed"}:
            return state
        await asyncio.sleep(_LOOK_S)


async def cancel_jobs(services: PipelineServices, generation_id: str) -> None:
    """Cancel at the provider what an ad that stands still has ordered, and give up what it only reserved."""
    async with services.reads() as session:
        row = await generations.get(session, generation_id)
        open_calls = await provider_calls.unsettled(session, generation_id)
    if row is None or not open_calls:
        return
    config = documents.config_of(row)
    async with services.ledger.entry(generation_id) as entry:
        await provider_calls.release(entry.session, generation_id)
    for call in open_calls:
        if call.state != "SUBMITTED" or call.kind not in {"clip", "image", "keyframe"}:
            continue
        try:
            await services.jobs.stop_call(call, _model_of(services, call, config))
        except AdMintError as error:
            log.warning("paid job not cancelled", extra={"call": call.call_key, "reason": error.message})
