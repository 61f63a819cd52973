"""The life of a paid job, once for images and clips: order, store the id, find again, end. Never a second blind order.

Reserve comes first (`Ledger.admit`, the whole batch or nothing). A ledger row sends one order in its whole life: who
wins `provider_calls.order` sends it, everybody else looks for it. A new row, and so a second order, exists only after
the first was surely not taken or has ended, or the user said so. Why: docs/explanation/money.md.
Called by unified_pipeline/buying.py. Tests: tests/test_integration/test_pay_once.py
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import (
    AmbiguousSubmit,
    Conflict,
    Interrupted,
    ProviderError,
    Transient,
)
from app.db.models import ProviderCall
from app.db.repositories import generations, provider_calls
from app.ports.clock import Clock
from app.ports.remote import RemoteJobs
from app.ports.storage import Storage
from app.schemas.base import Model
from app.schemas.money import CallKind
from app.schemas.providers import CallContext, CostSource, JobState, RemoteJob
from app.services.billing.ledger import Ledger

log = logging.getLogger(__name__)
P = TypeVar("P")
_SEEDS = 2**31
_SKEW = timedelta(seconds=5)
_LOOKS = 12
_END_LOOKS = 5
_LONGEST_ORDER_S = 600
"""An order may wait for its turn at a busy provider before it is sent."""
RETRY = {"decision": "retry"}
"""Outcome of an unknown call that the user allowed to be bought again."""


@dataclass(frozen=True)
class Purchase(Generic[P]):
    """One thing to buy. `base` names it for good: whatever happened to it before is found under that name."""

    base: str
    kind: CallKind
    what: str
    generation_id: str
    step: str
    model: RemoteJobs[P]
    plan: P
    model_name: str
    output: str
    scene_id: int | None = None
    price: Decimal | None = None
    """What to reserve, where it is not the plan's whole estimate."""

    def output_key(self, call_key: str) -> str:
        """Return where an attempt's file goes; `output` is the key with a ``{}`` for the attempt."""
        return self.output.format(provider_calls.attempt_of(call_key))

    def context(self, call_key: str, seed: int | None) -> CallContext:
        """Return what the adapter gets: the attempt's own random seed makes its input its name."""
        attempt = provider_calls.attempt_of(call_key)
        return CallContext(
            generation_id=self.generation_id,
            step=self.step,
            seed=seed or 0,
            attempt=attempt,
            idempotency_key=call_key,
        )

    def first_call(self, attempt: int = 1) -> provider_calls.NewCall:
        """Return the ledger row of an attempt, with a seed of its own."""
        key, seed = provider_calls.attempt_key(self.base, attempt), secrets.randbelow(_SEEDS)
        return provider_calls.NewCall(
            call_key=key,
            kind=self.kind,
            scene_id=self.scene_id,
            provider=self.model.name,
            model=self.model_name,
            input_hash=self.model.input_hash(self.plan, self.context(key, seed)),
            seed=seed,
            reserved_usd=self.model.estimate(self.plan) if self.price is None else self.price,
        )


class Ended(Model):
    """How a job ended and what it cost; `cost_usd` null when the provider does not say."""

    complete: bool
    cost_usd: Decimal | None = None
    cost_source: CostSource = "estimate"
    message: str = ""


class Placed(Model):
    """An order that was placed or found again, or the `key` of a file that is there already.

    Neither: the user paused before it went out.
    """

    job: RemoteJob | None = None
    call_key: str = ""
    key: str = ""


class PaidJobs:
    """Orders and ends paid jobs."""

    def __init__(self, ledger: Ledger, clock: Clock, storage: Storage) -> None:
        self._ledger = ledger
        self._clock = clock
        self._storage = storage

    async def next_call(self, item: Purchase[P], session: AsyncSession) -> provider_calls.NewCall | None:
        """Return the row to reserve before this can be bought; null when one is there that can still be used."""
        newest = await provider_calls.newest(session, item.base)
        if newest is None:
            return item.first_call()
        if newest.state == "FAILED" or (newest.state == "DONE" and not await self._has(newest)):
            return item.first_call(provider_calls.attempt_of(newest.call_key) + 1)
        return None

    async def _has(self, call: ProviderCall) -> bool:
        key = (call.outcome or {}).get("key", "")
        return bool(key) and await self._storage.exists(key)

    async def place(self, item: Purchase[P], run: int) -> Placed:
        """Order the job, or find again what an earlier try has ordered.

        Args:
            item: What to buy.
            run: The run that asks; one that a newer run has replaced may not order.

        Raises:
            OverCap: A new attempt does not fit the caps.
            ChargeUnknown: An order went out and nobody can tell what became of it.
            Interrupted: The user cancelled, or this run is not the newest.
            ProviderError: The provider refused; nothing was bought.
        """
        told_none = False
        while True:
            call = await self._open_call(item)
            if call.state == "DONE":
                return Placed(call_key=call.call_key, key=str((call.outcome or {}).get("key", "")))
            if call.remote_job is not None and call.state == "SUBMITTED":
                return Placed(job=RemoteJob.model_validate(call.remote_job), call_key=call.call_key)
            if call.state == "INTENT" and call.ordered_at is None:
                at = await self._win(item, call, run)
                if at is None:
                    if await self._paused(item, run):
                        return Placed()
                    continue
                placed = await self._order(item, call, at)
            elif told_none and call.state == "INTENT":
                raise await self._ledger.say_unknown(call)
            else:
                placed = await self._look_for(item, call)
                told_none = True
            if placed is not None:
                return placed

    async def _open_call(self, item: Purchase[P]) -> ProviderCall:
        """Return the attempt to go on with, reserved anew if there is none."""
        async with self._ledger.reads() as session:
            wanted = await self.next_call(item, session)
        if wanted is not None:
            async with self._ledger.entry(item.generation_id) as entry:
                await self._ledger.admit(entry.session, item.generation_id, [wanted], item.what)
        newest = await self._ledger.newest(item.base)
        assert newest is not None
        return newest

    async def _win(self, item: Purchase[P], call: ProviderCall, run: int) -> datetime | None:
        """Win the row's one order, in a transaction that sees the user's last word and the caps; return since when."""
        async with self._ledger.entry(item.generation_id, tell=False) as entry:
            await provider_calls.owner_of(entry.session, item.generation_id, hold=True)
            word = await generations.control_of(entry.session, item.generation_id, run, hold=True)
            if word == "pause":
                return None
            if word is not None:
                raise Interrupted("You stopped it.", hint="`admint resume` goes on from there.")
            await self._ledger.check_room(entry.session, item.generation_id, item.what)
            at = self._clock.now()
            sent = item.model.input_hash(item.plan, item.context(call.call_key, call.seed))
            won = await provider_calls.order(entry.session, call.call_key, at=at, input_hash=sent)
            return at if won else None

    async def _paused(self, item: Purchase[P], run: int) -> bool:
        async with self._ledger.reads() as session:
            return await generations.control_of(session, item.generation_id, run) == "pause"

    async def _order(self, item: Purchase[P], call: ProviderCall, at: datetime) -> Placed | None:
        """Send the one order of this row. A process that slept since it won must not: others look for it by now."""
        context = item.context(call.call_key, call.seed)
        if (self._clock.now() - at).total_seconds() > self._ledger.rules.order_s:
            return None
        try:
            async with asyncio.timeout(_LONGEST_ORDER_S):
                job = await item.model.submit(item.plan, item.output_key(call.call_key), context)
        except (AmbiguousSubmit, TimeoutError) as error:
            log.warning("paid order unanswered", extra={"call": call.call_key, "reason": str(error)})
            return await self._look_for(item, await self._ledger.read(call.call_key), sent=True)
        except Transient:
            async with self._ledger.entry(item.generation_id, tell=False) as entry:
                await provider_calls.not_taken(entry.session, call.call_key)
            raise
        except ProviderError as error:
            cost = error.cost_usd or None
            async with self._ledger.entry(item.generation_id) as entry:
                await provider_calls.fail(
                    entry.session, call.call_key, error.message, actual_usd=cost, source="list_price"
                )
            raise
        return await self._store(item, call, job)

    async def _store(self, item: Purchase[P], call: ProviderCall, job: RemoteJob) -> Placed:
        async with self._ledger.entry(item.generation_id, tell=False) as entry:
            await provider_calls.submitted(entry.session, call.call_key, job)
        log.info("paid job ordered", extra={"call": call.call_key, "remote_id": job.id})
        return Placed(job=job, call_key=call.call_key)

    async def _look_for(self, item: Purchase[P], call: ProviderCall, *, sent: bool = False) -> Placed | None:
        """Look for an order without an answer until it would have turned up.

        Null: the adapter is sure that it was never sent, or the user allowed another; it may be ordered now.

        Raises:
            ChargeUnknown: Nobody can tell. That a job is not listed proves nothing: lists are late.
        """
        assert call.ordered_at is not None
        rules, context = self._ledger.rules, item.context(call.call_key, call.seed)
        known_at = self._clock.now()
        if call.state == "INTENT":
            known_at = max(call.ordered_at + rules.until_known, known_at + rules.until_known / 3)
        while True:
            age = (self._clock.now() - call.ordered_at).total_seconds()
            never_sent = False
            if age < rules.forget_s and call.input_hash == item.model.input_hash(item.plan, context):
                job = await self._find(item, context, call)
                never_sent = job is None and not sent
                if isinstance(job, RemoteJob):
                    try:
                        return await self._store(item, call, job)
                    except Conflict as error:
                        log.warning("found job not ours", extra={"call": call.call_key, "reason": error.message})
            call = await self._ledger.read(call.call_key)
            if call.remote_job is not None and call.state == "SUBMITTED":
                return Placed(job=RemoteJob.model_validate(call.remote_job), call_key=call.call_key)
            if self._clock.now() >= known_at:
                if never_sent and call.state == "INTENT":
                    async with self._ledger.entry(item.generation_id, tell=False) as entry:
                        await provider_calls.not_taken(entry.session, call.call_key)
                    return None
                await self._give_in(item, call)
                return None
            await asyncio.sleep(rules.order_s / _LOOKS)

    async def _find(
        self, item: Purchase[P], context: CallContext, call: ProviderCall
    ) -> RemoteJob | Literal["unclear"] | None:
        assert call.ordered_at is not None
        try:
            return await item.model.find(item.plan, item.output_key(call.call_key), context, call.ordered_at - _SKEW)
        except ProviderError as error:
            log.warning("paid order not found", extra={"call": call.call_key, "reason": error.message})
            return "unclear"

    async def _give_in(self, item: Purchase[P], call: ProviderCall) -> None:
        """Nothing turned up: stop and ask, unless the user has said already that it may be bought again."""
        if call.state == "UNKNOWN" and call.outcome == RETRY:
            await self._ledger.count_as_spent(call, "Bought again at your word; this order may have been charged.")
            return
        raise await self._ledger.say_unknown(call)

    # -- the end ----------------------------------------------------------------------------------------------------

    async def settle(self, session: AsyncSession, call_key: str, ended: Ended, *, key: str = "") -> None:
        """Book how a job ended, in the caller's transaction. What it cost and nobody says counts in full.

        `key` is where its file is: a step that runs again finds it there and buys nothing.
        """
        row = await provider_calls.get(session, call_key)
        if row is None or row.state in {"DONE", "FAILED"}:
            return
        cost, source = ended.cost_usd, ended.cost_source
        if cost is None:
            cost, source = row.reserved_usd, "estimate"
        if ended.complete:
            await provider_calls.book(session, call_key, cost, source, outcome={"key": key} if key else None)
        else:
            await provider_calls.fail(session, call_key, ended.message, actual_usd=cost, source=source)

    async def stop(self, job: RemoteJob, model: Any) -> JobState | None:
        """Cancel a job and wait a moment for its end; return the last state seen, null when it can't be seen."""
        state: JobState | None = None
        try:
            await model.cancel(job)
            for _ in range(_END_LOOKS):
                state = await model.poll(job)
                if state.status in {"complete", "failed"}:
                    break
                await asyncio.sleep(1)
        except ProviderError as error:
            log.warning("paid job not cancelled", extra={"remote_id": job.id, "reason": error.message})
        return state

    async def abandon(self, item: Purchase[P]) -> None:
        """The user cancelled the ad: cancel what runs, book what it cost, give up what was never ordered."""
        call = await self._ledger.newest(item.base)
        if call is None:
            return
        if call.state == "SUBMITTED":
            await self.stop_call(call, item.model)
        elif call.state == "INTENT" and call.ordered_at is None:
            async with self._ledger.entry(item.generation_id) as entry:
                await provider_calls.release(entry.session, item.generation_id, only=call.call_key)

    async def stop_call(self, call: ProviderCall, model: Any) -> None:
        """Cancel an ordered job and book what it cost. One that was done before is left: a resume takes it, paid."""
        state = await self.stop(RemoteJob.model_validate(call.remote_job), model)
        if state is None or state.status != "failed":
            return
        ended = Ended(
            complete=False, cost_usd=state.cost_usd, cost_source=state.cost_source, message="You cancelled it."
        )
        async with self._ledger.entry(call.generation_id) as entry:
            await self.settle(entry.session, call.call_key, ended)
