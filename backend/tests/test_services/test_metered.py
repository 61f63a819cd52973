"""Paid text calls: reserved before, booked after, never repeated by themselves; a paid answer is never lost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import AuthFailed, BadOutput, ChargeUnknown, OverCap
from app.db import session as db
from app.db.repositories import provider_calls
from app.db.types import utcnow
from app.schemas.money import Limits
from app.schemas.providers import BriefInput, BriefReading, CallContext, Result
from app.services.billing.ledger import Ledger, PayRules
from app.services.billing.metered import MeteredText
from app.services.billing.paid_jobs import RETRY
from tests.fixtures.db import add_generation
from tests.fixtures.vendor import Killed, Silent, TurningClock

BRIEF = BriefInput(prompt="A bottle")
MOST, COST = Decimal("0.02"), Decimal("0.005")


class Sold:
    """A text model that sells its answers and counts them."""

    def __init__(self) -> None:
        self.asked = 0
        self.raises: BaseException | None = None

    def estimate(self, task: str, data: Any) -> Decimal:
        return MOST

    async def read_brief(self, data: BriefInput, ctx: CallContext) -> Result[BriefReading]:
        self.asked += 1
        if self.raises is not None:
            raise self.raises
        reading = BriefReading(product="bottle")
        return Result(value=reading, provider="sold", model="m", cost_usd=COST, cost_source="list_price")


class Till:
    def __init__(self, engine: AsyncEngine, cap: str = "1") -> None:
        self.sessions, self.reads = db.session_factory(engine), db.read_factory(engine)
        limits = Limits(cap_usd=Decimal(cap), daily_cap_usd=Decimal(100))
        clock = TurningClock(utcnow())
        self.ledger = Ledger(self.sessions, self.reads, clock, Silent(), PayRules(limits))
        self.model = Sold()
        self.text = MeteredText(self.model, "sold", self.ledger, clock)

    async def add(self) -> str:
        async with self.sessions.begin() as session:
            return await add_generation(session)

    async def ask(self, generation_id: str) -> Result[BriefReading]:
        return await self.text.read_brief(BRIEF, CallContext(generation_id=generation_id, step="brief"))

    async def rows(self, generation_id: str) -> list[Any]:
        async with self.reads() as session:
            return await provider_calls.unsettled(session, generation_id)

    async def committed(self, generation_id: str) -> Decimal:
        async with self.reads() as session:
            return await provider_calls.committed_usd(session, generation_id)


@pytest.fixture
def till(db_engine: AsyncEngine, tmp_path: Path) -> Till:
    return Till(db_engine)


async def test_an_answer_is_booked_and_a_step_that_runs_again_gets_it_for_nothing(till: Till) -> None:
    generation_id = await till.add()
    first = await till.ask(generation_id)
    assert (await till.ask(generation_id)).value == first.value == BriefReading(product="bottle")
    assert (till.model.asked, await till.committed(generation_id)) == (1, COST)


async def test_a_call_that_was_cut_off_waits_for_the_users_word_and_counts_as_spent(till: Till) -> None:
    generation_id = await till.add()
    till.model.raises = Killed()
    with pytest.raises(Killed):
        await till.ask(generation_id)
    till.model.raises = None
    for _ in range(2):
        with pytest.raises(ChargeUnknown, match=r"A text call \(brief\) may have been charged \(up to \$0.02\)"):
            await till.ask(generation_id)
    [row] = await till.rows(generation_id)
    assert (row.state, till.model.asked, await till.committed(generation_id)) == ("UNKNOWN", 1, MOST)
    async with till.ledger.entry(generation_id) as entry:
        await provider_calls.keep_outcome(entry.session, row.call_key, dict(RETRY))
    await till.ask(generation_id)
    assert (till.model.asked, await till.committed(generation_id)) == (2, MOST + COST)


async def test_over_the_cap_nothing_is_asked(db_engine: AsyncEngine) -> None:
    till = Till(db_engine, cap="0.01")
    generation_id = await till.add()
    with pytest.raises(OverCap, match=r"The next text call costs up to \$0.02; your cap is \$0.01: nothing was bought"):
        await till.ask(generation_id)
    assert (till.model.asked, await till.committed(generation_id)) == (0, 0)


@pytest.mark.parametrize(
    ("error", "cost"),
    [(AuthFailed("No."), "0"), (BadOutput("Nonsense."), "0.003"), (BadOutput("Cut off."), None)],
)
async def test_a_failed_call_costs_what_its_error_says_or_the_worst(
    till: Till, error: AuthFailed | BadOutput, cost: str | None
) -> None:
    generation_id = await till.add()
    error.cost_usd = None if cost is None else Decimal(cost)
    till.model.raises = error
    with pytest.raises(type(error)):
        await till.ask(generation_id)
    assert await till.committed(generation_id) == (MOST if cost is None else Decimal(cost))
