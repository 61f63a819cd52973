"""The books: one transaction for a ledger entry, the caps it is held against and the event that tells of it.

Everything that pays goes through here: paid_jobs.py (images, clips) and metered.py (text, vision).
Tests: tests/test_services/test_billing.py
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import ChargeUnknown, OverCap
from app.db.models import ProviderCall
from app.db.repositories import provider_calls
from app.ports.clock import Clock
from app.schemas.money import Limits
from app.schemas.money_events import ChargeUnclear, CostUpdated
from app.services.billing.words import over_cap, unknown_charge, what_of

Draft = tuple[str, BaseModel]


class Journal(Protocol):
    """Where events go: stored in the caller's transaction, told to listeners after it."""

    async def append(self, session: AsyncSession, generation_id: str, drafts: Sequence[Draft]) -> Any:
        """Store events of a generation; return what `publish` takes."""

    async def publish(self, stored: Any) -> None:
        """Wake the listeners."""


@dataclass(frozen=True)
class PayRules:
    """The installation's caps and patience. `order_s`: how long an order may take to be answered.

    `forget_s`: for how long the provider can be asked for an order by its inputs; it forgets them after an hour.
    """

    limits: Limits
    order_s: float = 60
    forget_s: float = 50 * 60

    @property
    def until_known(self) -> timedelta:
        """How long after an order it may still turn up, the answer's time and half as much again."""
        return timedelta(seconds=self.order_s * 1.5)


@dataclass
class Entry:
    """An open ledger entry; events added to `drafts` are stored with it."""

    session: AsyncSession
    drafts: list[Draft] = field(default_factory=list)


class Ledger:
    """Writes the ledger."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        reads: async_sessionmaker[AsyncSession],
        clock: Clock,
        journal: Journal,
        rules: PayRules,
    ) -> None:
        self._sessions = sessions
        self.reads = reads
        self._clock = clock
        self._journal = journal
        self.rules = rules

    @asynccontextmanager
    async def entry(self, generation_id: str, *, tell: bool = True) -> AsyncIterator[Entry]:
        """Open one transaction on the ledger; unless not to `tell`, the new sums are told when it is committed."""
        async with self._sessions.begin() as session:
            entry = Entry(session)
            yield entry
            if tell:
                entry.drafts.append(await self.cost_updated(session, generation_id))
            stored = await self._journal.append(session, generation_id, entry.drafts)
        await self._journal.publish(stored)

    async def admit(
        self, session: AsyncSession, generation_id: str, calls: Sequence[provider_calls.NewCall], what: str
    ) -> None:
        """Reserve a whole batch in the caller's transaction, or nothing.

        Args:
            session: The caller's transaction.
            generation_id: Whose money.
            calls: The batch.
            what: What it is, for people: "The clips".

        Raises:
            OverCap: A cap does not hold it. Nothing is reserved.
        """
        verdict = await provider_calls.reserve(session, generation_id, calls, self.rules.limits, now=self._clock.now())
        if not verdict.admitted:
            raise over_cap(what, verdict.wanted_usd, verdict.standing, generation_id)

    async def check_room(self, session: AsyncSession, generation_id: str, what: str) -> None:
        """Refuse the next order of an ad whose calls have cost more than was reserved for them. Raises OverCap."""
        _, standing = await provider_calls.stand(
            session, generation_id, self.rules.limits, now=self._clock.now(), lock=True
        )
        committed = standing.spent_usd + standing.reserved_usd
        if committed > standing.cap_usd or standing.today_usd > standing.daily_cap_usd:
            raise OverCap(
                f"{what} was not ordered: this ad has cost more than was reserved, ${standing.spent_usd:.2f} so far, "
                f"and with what is under way it would pass a cap.",
                hint=f"Raise its cap to go on: admint resume {generation_id} --cap {committed:.2f}",
            )

    async def cost_updated(self, session: AsyncSession, generation_id: str) -> Draft:
        """Return the event that says how the ad stands now."""
        _, standing = await provider_calls.stand(session, generation_id, self.rules.limits, now=self._clock.now())
        told = CostUpdated(spent_usd=standing.spent_usd, reserved_usd=standing.reserved_usd, cap_usd=standing.cap_usd)
        return ("cost_updated", told)

    async def say_unknown(self, call: ProviderCall) -> ChargeUnknown:
        """Mark a call as unknown, tell the user once, and return the error that stops whoever wanted to go on."""
        error = unknown_charge(call)
        if call.state != "UNKNOWN":
            async with self.entry(call.generation_id) as entry:
                await provider_calls.mark_unknown(entry.session, call.call_key, error.message)
                told = ChargeUnclear(call=call.id, what=what_of(call), up_to_usd=call.reserved_usd, message=str(error))
                entry.drafts.append(("charge_unknown", told))
        return error

    async def count_as_spent(self, call: ProviderCall, message: str) -> None:
        """End an unclear call the careful way: as if it had cost all that was reserved."""
        async with self.entry(call.generation_id) as entry:
            await provider_calls.fail(
                entry.session, call.call_key, message, actual_usd=call.reserved_usd, source="estimate"
            )

    async def read(self, call_key: str) -> ProviderCall:
        """Return a call as it now is."""
        async with self.reads() as session:
            row = await provider_calls.get(session, call_key)
            assert row is not None
            return row

    async def newest(self, base: str) -> ProviderCall | None:
        """Return the newest attempt at something."""
        async with self.reads() as session:
            return await provider_calls.newest(session, base)
