"""A clip that a content policy refuses is ordered once more in plainer words: recorded, under the same caps, and said.

Refused again, it fails and its scene can be edited; the other clips go on. The model says what is plainer
(ports/video.py). Called by video_stage.py. Tests: tests/test_integration/test_refused.py
"""

from __future__ import annotations

from typing import cast

from app.core.errors import OverCap, SafetyRefused
from app.ports.video import PaidVideoModel
from app.schemas.providers import VideoPlan
from app.schemas.unified_pipeline import VideoResult
from app.services.billing.paid_jobs import Purchase
from app.services.unified_pipeline.buying import Bought, buy_clip, clip_purchase
from app.services.unified_pipeline.filming import clip_digest
from app.services.unified_pipeline.stage_context import StageContext

PLAINER = "The model's content policy refused this scene, so it was filmed in plainer words, without people."
_TWICE = "The content policy refused this scene, and once more in plainer words. Change the scene, then retry it."
_NO_ROOM = "A second try in plainer words did not fit your cap."


async def buy_or_reword(
    ctx: StageContext, item: Purchase[VideoPlan], result: VideoResult, row_id: str
) -> Bought | None:
    """As `buying.buy_clip`, with one more order in plainer words after a refusal. Null and Raises: as there."""
    first = await buy_clip(ctx, item, result, row_id)
    if first is None or first.result.error_code != SafetyRefused.code:
        return first
    plain = _plainer(ctx, item)
    if plain is None:
        return first
    await _book(ctx, first)
    again = await buy_clip(ctx, plain, result, row_id, ".plainer")
    return None if again is None else again.model_copy(update={"result": said(first.result, again.result)})


def _plainer(ctx: StageContext, item: Purchase[VideoPlan]) -> Purchase[VideoPlan] | None:
    model = cast("PaidVideoModel", item.model)
    plan = model.plainer(item.plan)
    return None if plan is None else clip_purchase(ctx, model, plan, clip_digest(plan, paid=True))


async def _book(ctx: StageContext, refused: Bought) -> None:
    """Close what the refused order has reserved; one that was refused before it ran is closed already."""
    if refused.ended is None:
        return
    async with ctx.services.ledger.entry(ctx.generation_id) as entry:
        await ctx.services.jobs.settle(entry.session, refused.call_key, refused.ended)


def said(first: VideoResult, again: VideoResult) -> VideoResult:
    """Return the second order's result with what a person should know of the first."""
    if again.status == "complete":
        return again.model_copy(update={"notes": [PLAINER, *again.notes]})
    if again.error_code == SafetyRefused.code:
        return again.model_copy(update={"error_message": _TWICE})
    if again.error_code == OverCap.code:
        return first.model_copy(update={"error_message": f"{first.error_message} {_NO_ROOM}"})
    return again
