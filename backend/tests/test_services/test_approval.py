"""Which approvals count: of this draft, at this price."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import Interrupted
from app.db.models import Generation
from app.db.repositories import generations, inbox
from app.db.session import session_factory
from app.kit.clock import SystemClock
from app.schemas.unified_pipeline import Gate, Quote, UserFeedback
from app.services.unified_pipeline.approval import Approval
from tests.fixtures.db import add_generation

FREE, PAID = Quote(digest="free"), Quote(total_usd=Decimal("1.20"), digest="paid")


def approval(quote: Quote | None = None) -> Approval:
    return Approval(cast("Any", None), Gate(stage="scenes", draft_digest="now", quote=quote), "scenes.gate.1", "scenes")


def word(action: str, draft: str = "", price: str = "") -> UserFeedback:
    given = {"id": "m", "stage": "scenes", "action": action, "draft_digest": draft, "quote_digest": price}
    return UserFeedback.model_validate(given)


@pytest.mark.parametrize(
    ("quote", "draft", "price", "refused"),
    [
        (None, "now", "", ""),
        (None, "", "", ""),
        (None, "before", "", "earlier draft"),
        (FREE, "now", "", ""),
        (FREE, "now", "free", ""),
        (FREE, "now", "paid", "price has changed"),
        (PAID, "now", "paid", ""),
        (PAID, "now", "", "price has changed"),
        (PAID, "now", "other", "price has changed"),
        (PAID, "before", "paid", "earlier draft"),
    ],
)
def test_an_approval_counts_for_this_draft_at_this_price(
    quote: Quote | None, draft: str, price: str, refused: str
) -> None:
    why = approval(quote)._refused(word("approve", draft, price))
    assert refused in why
    assert bool(why) is bool(refused)


@pytest.mark.parametrize("action", ["refine", "regenerate", "edit", "reorder", "cancel"])
def test_a_wish_is_taken_whatever_it_was_about(action: str) -> None:
    assert approval(PAID)._refused(word(action, "before", "other")) == ""


@pytest.mark.parametrize(("action", "why"), [("cancel", "You stopped it"), ("timeout", "Nobody answered in time")])
def test_leaving_a_gate_interrupts_the_run_and_says_why(action: str, why: str) -> None:
    with pytest.raises(Interrupted, match=f"waits at the scenes stage. {why}"):
        approval()._followed(word(action))


def test_any_other_word_is_handed_on() -> None:
    wish = word("refine")
    assert approval()._followed(wish) is wish


WAITING = {"status": "story", "substage": "awaiting_approval", "current_stage": "story"}
STORY = Gate(stage="story", draft_digest="now")


async def waiting_at_gate(engine: AsyncEngine, **columns: Any) -> tuple[str, Approval]:
    """Return a generation that stands at its story gate, and that gate."""
    async with session_factory(engine).begin() as session:
        generation_id = await add_generation(session, gate=STORY.model_dump(mode="json"), **WAITING, **columns)

    async def settle(name: str, write: Any) -> Any:
        async with session_factory(engine).begin() as session:
            return (await write(session))[1]

    services, config = SimpleNamespace(clock=SystemClock()), SimpleNamespace(approval_timeout_h=24)
    parts = SimpleNamespace(generation_id=generation_id, run=1, settle=settle, services=services, config=config)
    ctx = cast("Any", parts)
    return generation_id, Approval(ctx, STORY, "story.gate.1", "story")


@pytest.mark.parametrize(("control", "left"), [("cancel", True), ("pause", False), (None, False)])
async def test_a_cancel_that_came_just_before_the_gate_is_not_lost(
    db_engine: AsyncEngine, control: str | None, *, left: bool
) -> None:
    generation_id, gate = await waiting_at_gate(db_engine, control=control)
    heard = await gate._take(1, timed_out=False)
    async with session_factory(db_engine)() as session:
        row: Generation = await generations.lock(session, generation_id)
        assert (heard.action if heard else None) == ("cancel" if left else None)
        assert (row.substage, row.gate is None) == (("cancelled", True) if left else ("awaiting_approval", False))


async def test_a_deletion_just_after_the_gate_opened_leaves_it_open_with_what_was_said(db_engine: AsyncEngine) -> None:
    generation_id, gate = await waiting_at_gate(db_engine)
    said = UserFeedback(id="m", stage="story", action="approve")
    async with session_factory(db_engine).begin() as session:
        await inbox.add(session, generation_id, "m", topic="story", payload=said.model_dump(mode="json"))
        owner = (await generations.require(session, generation_id)).user_id
        await generations.soft_delete(session, generation_id, user_id=owner)
    await gate._open()  # the draft's own transaction opened it; the run comes to it only now
    assert await gate._take(1, timed_out=False) is None
    late = await gate._take(2, timed_out=True)
    assert late is not None
    assert late.action == "timeout"
    async with session_factory(db_engine).begin() as session:
        row = await generations.restore(session, generation_id, user_id=owner)
        assert (row.substage, row.gate) == ("awaiting_approval", STORY.model_dump(mode="json"))
    heard = await gate._take(3, timed_out=False)
    assert heard is not None
    assert heard.action == "approve"
