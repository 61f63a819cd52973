"""How a run ends early: at a cap, or failed. What was finished stays; the reason is stored with its event.

Called by orchestrator.py. Tests: tests/test_services/test_orchestrator.py, tests/test_integration/test_money.py
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import AdMintError, ChargeUnknown, OverCap
from app.db.repositories import generations, provider_calls
from app.schemas.events import ErrorRaised, StatusChanged
from app.schemas.unified_pipeline import Status, VideoResult
from app.services.unified_pipeline.stage_context import Draft, StageContext

log = logging.getLogger(__name__)


async def hold(ctx: StageContext, error: OverCap) -> None:
    """Stop at the cap: nothing failed, nothing more was bought; raising the cap goes on."""
    log.info("run stopped at the cap", extra={"generation_id": ctx.generation_id, "reason": error.message})

    async def write(session: AsyncSession) -> list[Draft]:
        text = f"{error.message} {error.hint}".strip()
        await provider_calls.release(session, ctx.generation_id)
        row = await generations.hold(session, ctx.generation_id, "over_cap", error.code, text)
        told = StatusChanged(
            status=cast("Status", row.status), substage="over_cap", current_stage=ctx.stage, message=error.message
        )
        return [("status_changed", told), await ctx.services.ledger.cost_updated(session, ctx.generation_id)]

    await asyncio.shield(ctx.record("run.over_cap", write))


async def fail(ctx: StageContext, error: AdMintError) -> None:
    """Record the failure; what was finished stays, and `resume` runs on from there."""
    log.error("run failed", extra={"generation_id": ctx.generation_id, "code": error.code, "reason": error.message})

    async def write(session: AsyncSession) -> list[Draft]:
        text = f"{error.message} {error.hint}".strip()
        await generations.fail(session, ctx.generation_id, error.code, text, "needs_retry")
        raised = ErrorRaised(code=error.code, message=error.message, hint=error.hint, stage=ctx.stage, retryable=True)
        return [
            ("error", raised),
            ("status_changed", StatusChanged(status="failed", substage="needs_retry", current_stage=ctx.stage)),
        ]

    await asyncio.shield(ctx.record("run.failed", write))


def stop_for_money(failed: Sequence[VideoResult]) -> None:
    """A clip that stopped at a cap, or whose charge nobody knows, stops the run for that reason. Raises it."""
    for kind in (ChargeUnknown, OverCap):
        found = next((each for each in failed if each.error_code == kind.code), None)
        if found is not None:
            raise kind(found.error_message or "")
