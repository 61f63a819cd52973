"""The ledger of paid calls: reserve, submit, book. Called by whoever makes a paid call, before and after it.

A call goes INTENT → SUBMITTED → DONE or FAILED; UNKNOWN (did it run? did it cost?) waits for a person.
Tests: tests/test_db/test_provider_calls.py
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from pydantic import Field
from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict, NotFound
from app.db.models import Generation, ProviderCall
from app.db.types import utcnow
from app.schemas.base import Model
from app.schemas.providers import CostSource

CallState = Literal["INTENT", "SUBMITTED", "DONE", "FAILED", "UNKNOWN"]

_BEFORE: dict[CallState, tuple[CallState, ...]] = {
    "SUBMITTED": ("INTENT", "UNKNOWN", "SUBMITTED"),
    "DONE": ("SUBMITTED", "UNKNOWN", "DONE"),
    "FAILED": ("INTENT", "SUBMITTED", "UNKNOWN", "FAILED"),
    "UNKNOWN": ("INTENT", "SUBMITTED", "UNKNOWN"),
}
"""State to the states it may follow; a repeat of the same state is how a re-run step looks."""


class NewCall(Model):
    """A call about to be made. `call_key` names it for ever: generation, scene and attempt."""

    call_key: str = Field(max_length=200)
    provider: str
    model: str = ""
    input_hash: str
    seed: int | None = None
    reserved_usd: Decimal = Field(ge=0)


async def reserve(session: AsyncSession, generation_id: str, calls: Sequence[NewCall], *, cap_usd: Decimal) -> bool:
    """Write the intents of a whole batch if the cap holds all of them; return whether it did. All or none.

    The generation's row is locked from the sum to the commit, so that two processes can't both pass. Keys already in
    the ledger are kept as they are and not counted twice.

    Raises:
        NotFound: No such generation.
    """
    await _lock_generation(session, generation_id)
    keys = [call.call_key for call in calls]
    known = set(await session.scalars(select(ProviderCall.call_key).where(ProviderCall.call_key.in_(keys))))
    new = [call for call in calls if call.call_key not in known]
    wanted = sum((call.reserved_usd for call in new), Decimal(0))
    if new and await committed_usd(session, generation_id) + wanted > cap_usd:
        return False
    session.add_all(ProviderCall(generation_id=generation_id, **call.model_dump()) for call in new)
    await session.flush()
    return True


async def committed_usd(session: AsyncSession, generation_id: str) -> Decimal:
    """Return what a generation has cost or may still cost: booked costs, else live reservations."""
    promised = case((ProviderCall.state == "FAILED", 0), else_=ProviderCall.reserved_usd)
    total = select(func.sum(func.coalesce(ProviderCall.actual_usd, promised)))
    return await session.scalar(total.where(ProviderCall.generation_id == generation_id)) or Decimal(0)


async def submitted(session: AsyncSession, call_key: str, prediction_id: str) -> ProviderCall:
    """Store the provider's id of the call, before the first poll.

    Raises:
        NotFound: No such call.
        Conflict: It is already settled, or it has another id.
    """
    row = await _move(session, call_key, "SUBMITTED")
    if row.prediction_id not in (None, prediction_id):
        raise Conflict(f"The call {call_key} already runs as {row.prediction_id}.")
    row.prediction_id = prediction_id
    row.submitted_at = row.submitted_at or utcnow()
    await session.flush()
    return row


async def book(session: AsyncSession, call_key: str, actual_usd: Decimal, source: CostSource) -> ProviderCall:
    """Mark a call as done and book what it cost, also when that is above its reservation.

    Raises:
        NotFound, Conflict: As `submitted`.
    """
    row = await _move(session, call_key, "DONE")
    row.actual_usd, row.cost_source, row.finished_at = actual_usd, source, utcnow()
    await session.flush()
    return row


async def fail(
    session: AsyncSession, call_key: str, message: str, *, actual_usd: Decimal | None = None
) -> ProviderCall:
    """Mark a call as failed. Its reservation is freed; what it cost all the same is kept.

    Raises:
        NotFound, Conflict: As `submitted`.
    """
    row = await _move(session, call_key, "FAILED")
    row.error_message, row.actual_usd, row.finished_at = message, actual_usd, utcnow()
    await session.flush()
    return row


async def mark_unknown(session: AsyncSession, call_key: str, message: str) -> ProviderCall:
    """Say that nobody knows whether the call ran. Its reservation stays; only a person goes on from here.

    Raises:
        NotFound, Conflict: As `submitted`.
    """
    row = await _move(session, call_key, "UNKNOWN")
    row.error_message = message
    await session.flush()
    return row


async def get(session: AsyncSession, call_key: str) -> ProviderCall | None:
    """Return a call by its key."""
    return await session.scalar(select(ProviderCall).where(ProviderCall.call_key == call_key))


async def unsettled(session: AsyncSession, generation_id: str | None = None) -> list[ProviderCall]:
    """Return calls without an end, oldest first: of one generation, or of all (at launch)."""
    query = select(ProviderCall).where(ProviderCall.state.in_(("INTENT", "SUBMITTED", "UNKNOWN")))
    if generation_id is not None:
        query = query.where(ProviderCall.generation_id == generation_id)
    return list(await session.scalars(query.order_by(ProviderCall.intent_at, ProviderCall.call_key)))


async def _move(session: AsyncSession, call_key: str, state: CallState) -> ProviderCall:
    query = select(ProviderCall).where(ProviderCall.call_key == call_key).with_for_update()
    row = await session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"The ledger has no call {call_key}.")
    if row.state not in _BEFORE[state]:
        raise Conflict(f"The call {call_key} is {row.state} and can't become {state}.")
    row.state = state
    return row


async def _lock_generation(session: AsyncSession, generation_id: str) -> None:
    query = select(Generation.id).where(Generation.id == generation_id).with_for_update()
    if await session.scalar(query) is None:
        raise NotFound(f"There is no generation {generation_id}.")
