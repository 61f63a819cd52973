"""Paid jobs against a vendor that counts: killed at every point, answers lost, lists late; at most one order."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import AdMintError, ChargeUnknown, Interrupted, OverCap, Rejected
from app.db import session as db
from app.db.repositories import clips, generations, provider_calls
from app.db.types import utcnow
from app.schemas.money import Limits, Standing
from app.services.billing import paid_jobs
from app.services.billing.ledger import Ledger, PayRules
from app.services.billing.paid_jobs import Ended, PaidJobs, Purchase
from app.services.billing.words import over_cap
from app.storage.local import LocalStorage
from tests.fixtures.db import add_generation
from tests.fixtures.vendor import PRICE, Killed, Plan, Silent, TurningClock, Vendor

POINTS = ("before", "sent", "answered", "poll", "fetch", "settle")
LISTINGS = ("prompt", "late", "empty", "failing")


class Desk:
    """A process that buys: made anew after each kill, over the same database."""

    def __init__(self, engine: AsyncEngine, folder: Path, vendor: Vendor, limits: Limits) -> None:
        self.sessions, self.reads = db.session_factory(engine), db.read_factory(engine)
        self.vendor, self.storage, self.journal = vendor, LocalStorage(folder), Silent()
        self.limits, self.on_postgres = limits, engine.dialect.name == "postgresql"
        self.clock = TurningClock(utcnow())

    def open(self) -> PaidJobs:
        rules = PayRules(self.limits, order_s=2)
        self.ledger = Ledger(self.sessions, self.reads, self.clock, self.journal, rules)
        return PaidJobs(self.ledger, self.clock, self.storage)

    async def add(self) -> str:
        async with self.sessions.begin() as session:
            return await add_generation(session, status="videos")

    def item(self, generation_id: str, text: str = "a bottle") -> Purchase[Plan]:
        return Purchase(
            base=f"{generation_id}:clip:1:{text}",
            kind="clip",
            what="Clip 1",
            generation_id=generation_id,
            step="clip.1",
            model=self.vendor,
            plan=Plan(text=text),
            model_name="m",
            output="clips/1-{}.mp4",
            scene_id=1,
        )

    async def live(self, generation_id: str, text: str = "a bottle") -> str:
        """The whole life of a job, as the pipeline leads it; returns the key of its file."""
        jobs, item = self.open(), self.item(generation_id, text)
        placed = await jobs.place(item, 1)
        if placed.key:
            return placed.key
        assert placed.job is not None
        state = await self.vendor.poll(placed.job)
        key = await self.vendor.fetch(placed.job)
        await self.storage.put_bytes(key, b"film", "video/mp4")
        self.vendor.die("settle")
        ended = Ended(complete=state.status == "complete", cost_usd=state.cost_usd, cost_source=state.cost_source)
        async with self.ledger.entry(generation_id) as entry:
            await jobs.settle(entry.session, placed.call_key, ended, key=key)
        return key

    async def waits_for_a_lock(self) -> bool:
        """True while anybody in the database waits for somebody else."""
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        async with self.reads() as session:
            return bool(await session.scalar(waiting))

    async def states(self, generation_id: str) -> list[str]:
        async with self.reads() as session:
            rows = [await provider_calls.newest(session, self.item(generation_id).base)]
        return [row.state for row in rows if row is not None]

    async def committed(self, generation_id: str) -> Decimal:
        async with self.reads() as session:
            return await provider_calls.committed_usd(session, generation_id)

    async def call_id(self, generation_id: str) -> str:
        async with self.reads() as session:
            row = await provider_calls.newest(session, self.item(generation_id).base)
            assert row is not None
            return row.call_key


@pytest.fixture
def desk(db_engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    async def at_once(_: float) -> None:
        return

    monkeypatch.setattr(paid_jobs.asyncio, "sleep", at_once)
    limits = Limits(cap_usd=Decimal(10), daily_cap_usd=Decimal(1000))
    return Desk(db_engine, tmp_path / "media", Vendor(), limits)


async def test_killed_at_any_point_a_job_is_paid_once_or_shown_as_unknown(desk: Desk) -> None:
    """The pay-once table: every point of the life × every kind of list, and each restart dies nowhere else."""
    seen: dict[tuple[str, str], str] = {}
    for listing in LISTINGS:
        for point in POINTS:
            desk.vendor = vendor = Vendor(listing=listing, die_at=point)
            generation_id = await desk.add()
            with pytest.raises(Killed):
                await desk.live(generation_id)
            outcome = "paid"
            for _ in range(3):  # and again: a restart must not find more to pay
                try:
                    await desk.live(generation_id)
                except ChargeUnknown:
                    outcome = "unknown"
            assert len(vendor.taken) <= 1, (listing, point)
            assert (outcome == "paid") == (await desk.states(generation_id) == ["DONE"]), (listing, point)
            seen[listing, point] = outcome
    lost = {at for at, outcome in seen.items() if outcome == "unknown"}
    assert lost == {
        *((listing, "before") for listing in LISTINGS),
        *((listing, point) for listing in ("empty", "failing") for point in ("sent", "answered")),
    }


@pytest.mark.parametrize("listing", LISTINGS)
async def test_an_order_that_was_taken_and_not_answered_is_found_or_asked_about(desk: Desk, listing: Any) -> None:
    desk.vendor = Vendor(trouble="lost", listing=listing)
    generation_id = await desk.add()
    if listing in {"prompt", "late"}:
        await desk.live(generation_id)
        assert await desk.states(generation_id) == ["DONE"]
    else:
        for _ in range(2):
            with pytest.raises(ChargeUnknown, match=r"Clip 1 may have been charged \(up to \$0.60\)"):
                await desk.live(generation_id)
        assert await desk.states(generation_id) == ["UNKNOWN"]
        assert await desk.committed(generation_id) == PRICE
        assert [kind for kind, _ in desk.journal.said].count("charge_unknown") == 1
    assert len(desk.vendor.taken) == 1


async def test_two_that_want_to_order_the_same_at_once_send_one_order(desk: Desk) -> None:
    for _ in range(10):
        generation_id, desk.vendor = await desk.add(), Vendor()
        jobs, item = desk.open(), desk.item(generation_id)
        async with desk.ledger.entry(generation_id) as entry:
            await desk.ledger.admit(entry.session, generation_id, [item.first_call()], item.what)
        both = await asyncio.gather(jobs.place(item, 1), jobs.place(item, 1), return_exceptions=True)
        assert len(desk.vendor.taken) == 1, both


async def test_an_order_waits_for_whoever_holds_its_owner_and_nobody_waits_in_a_circle(desk: Desk) -> None:
    """Claims of clips and reservations hold the owner first, then the ad; on Postgres the other order is a deadlock."""
    generation_id = await desk.add()
    jobs, item = desk.open(), desk.item(generation_id)
    async with desk.ledger.entry(generation_id) as entry:
        await desk.ledger.admit(entry.session, generation_id, [item.first_call()], item.what)
    async with desk.sessions.begin() as session:
        await clips.lock_claims(session, generation_id)
        placing = asyncio.create_task(jobs.place(item, 1))
        while desk.on_postgres and not await desk.waits_for_a_lock():
            assert not placing.done()
        await generations.lock(session, generation_id)
    assert (await placing).job is not None


async def test_an_order_that_surely_was_never_sent_is_sent_after_a_crash(desk: Desk) -> None:
    desk.vendor = Vendor(listing="sure", die_at="before")
    generation_id = await desk.add()
    with pytest.raises(Killed):
        await desk.live(generation_id)
    await desk.live(generation_id)
    assert (len(desk.vendor.taken), await desk.states(generation_id)) == (1, ["DONE"])


async def test_after_an_order_was_sent_nobody_is_believed_that_it_was_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any) -> None:
        return

    desk.vendor = Vendor(trouble="lost")
    monkeypatch.setattr(desk.vendor, "find", nothing)
    generation_id = await desk.add()
    with pytest.raises(ChargeUnknown):
        await desk.live(generation_id)
    assert (len(desk.vendor.taken), await desk.states(generation_id)) == (1, ["UNKNOWN"])


async def test_an_unknown_order_that_turns_up_later_is_adopted_not_bought_again(desk: Desk) -> None:
    desk.vendor = Vendor(trouble="lost", listing="empty")
    generation_id = await desk.add()
    with pytest.raises(ChargeUnknown):
        await desk.live(generation_id)
    desk.vendor.listing = "prompt"
    await desk.live(generation_id)
    assert (len(desk.vendor.taken), await desk.states(generation_id)) == (1, ["DONE"])


async def test_only_the_users_word_buys_an_unknown_order_again_and_the_first_counts_as_spent(desk: Desk) -> None:
    desk.vendor = Vendor(trouble="lost", listing="empty")
    generation_id = await desk.add()
    with pytest.raises(ChargeUnknown):
        await desk.live(generation_id)
    async with desk.ledger.entry(generation_id) as entry:
        await provider_calls.keep_outcome(entry.session, await desk.call_id(generation_id), dict(paid_jobs.RETRY))
    desk.vendor.trouble = ""
    await desk.live(generation_id)
    assert (len(desk.vendor.taken), await desk.states(generation_id)) == (2, ["DONE"])
    assert await desk.committed(generation_id) == 2 * PRICE


async def test_a_refused_order_costs_nothing_and_a_busy_vendor_is_asked_again_later(desk: Desk) -> None:
    generation_id = await desk.add()
    desk.vendor.trouble = "refused"
    with pytest.raises(Rejected):
        await desk.live(generation_id)
    assert (await desk.states(generation_id), await desk.committed(generation_id)) == (["FAILED"], 0)
    desk.vendor.trouble = "busy"
    with pytest.raises(AdMintError, match="busy"):
        await desk.live(generation_id)
    assert await desk.states(generation_id) == ["INTENT"]
    desk.vendor.trouble = ""
    await desk.live(generation_id)
    assert len(desk.vendor.taken) == 1


async def test_a_cost_above_its_reservation_is_booked_and_stops_the_next_order(desk: Desk) -> None:
    desk.limits = Limits(cap_usd=Decimal("1.30"), daily_cap_usd=Decimal(100))
    desk.vendor.cost = Decimal("1.00")
    generation_id = await desk.add()
    jobs = desk.open()
    async with desk.ledger.entry(generation_id) as entry:
        both = [desk.item(generation_id, text).first_call() for text in ("a bottle", "a cup")]
        await desk.ledger.admit(entry.session, generation_id, both, "The clips")
    await desk.live(generation_id)
    with pytest.raises(OverCap, match=r"this ad has cost more than was reserved, \$1.00 so far"):
        await jobs.place(desk.item(generation_id, "a cup"), 1)
    assert len(desk.vendor.taken) == 1


@pytest.mark.parametrize("word", ["cancel", "superseded"])
async def test_a_run_that_was_cancelled_or_replaced_may_not_order(desk: Desk, word: str) -> None:
    generation_id = await desk.add()
    async with desk.sessions.begin() as session:
        row = await generations.lock(session, generation_id)
        row.control, row.run = ("cancel", 1) if word == "cancel" else (None, 2)
    with pytest.raises(Interrupted):
        await desk.live(generation_id)
    assert desk.vendor.taken == []


async def test_a_paused_run_orders_nothing_and_goes_on_later(desk: Desk) -> None:
    generation_id = await desk.add()
    async with desk.sessions.begin() as session:
        await generations.set_control(session, generation_id, "pause")
    placed = await desk.open().place(desk.item(generation_id), 1)
    assert (placed.job, placed.key, desk.vendor.taken) == (None, "", [])
    async with desk.sessions.begin() as session:
        await generations.set_control(session, generation_id, None)
    await desk.live(generation_id)
    assert len(desk.vendor.taken) == 1


async def test_an_abandoned_job_is_cancelled_and_what_it_cost_is_booked(desk: Desk) -> None:
    generation_id = await desk.add()
    jobs, item = desk.open(), desk.item(generation_id)
    placed = await jobs.place(item, 1)
    assert placed.job is not None
    desk.vendor.cancelled.append(placed.job.id)
    await jobs.abandon(item)
    assert (await desk.states(generation_id), await desk.committed(generation_id)) == (["FAILED"], PRICE)


async def test_a_finished_job_whose_file_is_there_is_never_bought_again(desk: Desk) -> None:
    generation_id = await desk.add()
    key = await desk.live(generation_id)
    assert await desk.live(generation_id) == key
    assert len(desk.vendor.taken) == 1


async def test_what_a_failed_job_cost_and_nobody_says_counts_in_full(desk: Desk) -> None:
    generation_id = await desk.add()
    jobs = desk.open()
    placed = await jobs.place(desk.item(generation_id), 1)
    async with desk.ledger.entry(generation_id) as entry:
        await jobs.settle(entry.session, placed.call_key, Ended(complete=False, message="black"))
    assert await desk.committed(generation_id) == PRICE


async def test_the_days_cap_holds_over_all_ads_and_a_new_day_is_new(desk: Desk) -> None:
    desk.limits = Limits(cap_usd=Decimal(10), daily_cap_usd=Decimal("1.00"))
    first, second = await desk.add(), await desk.add()
    await desk.live(first)
    with pytest.raises(OverCap, match=r"\$0.60 of your \$1.00 a day is used: nothing was bought"):
        await desk.live(second)
    desk.clock = TurningClock(utcnow() + timedelta(days=1))
    await desk.live(second)
    assert len(desk.vendor.taken) == 2


@pytest.mark.parametrize(
    ("cap", "spent", "said"),
    [
        ("2", "0", "The clips cost up to $4.50; your cap is $2.00: nothing was bought."),
        ("0", "0", "The clips cost up to $4.50; no cap is set for this ad: nothing was bought."),
        ("5", "1", "The clips cost up to $4.50; $1.00 of your cap of $5.00 is used: nothing was bought."),
    ],
)
def test_over_the_cap_is_said_with_numbers_and_the_next_step(cap: str, spent: str, said: str) -> None:
    standing = Standing(cap_usd=Decimal(cap), spent_usd=Decimal(spent), daily_cap_usd=Decimal(20))
    error = over_cap("The clips", Decimal("4.50"), standing, "ID")
    assert error.message == said
    enough = Decimal("4.50") + Decimal(spent)
    assert error.hint == f"Raise the cap to go on: admint resume ID --cap {enough:.2f}"
