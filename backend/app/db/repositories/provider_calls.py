"""The ledger of paid calls: reserve, order, submit, book. Written by services/billing, before and after each call.

A call goes INTENT → SUBMITTED → DONE or FAILED; UNKNOWN (did it run? did it cost?) waits for a person. A row is ordered
at most once in its life: `order` is won by one caller, and a second order needs a second row.
Sums and lists: costs.py. Tests: tests/test_db/test_provider_calls.py
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from pydantic import Field
from sqlalchemy import ColumnElement, case, func, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict, NotFound
from app.db.models import Generation, ProviderCall, User
from app.db.types import Usd, utcnow
from app.schemas.base import Model
from app.schemas.money import CallKind, Limits, Standing
from app.schemas.providers import CostSource, RemoteJob
from app.schemas.unified_pipeline import PipelineConfig

CallState = Literal["INTENT", "SUBMITTED", "DONE", "FAILED", "UNKNOWN"]

_BEFORE: dict[CallState, tuple[CallState, ...]] = {
    "SUBMITTED": ("INTENT", "UNKNOWN", "SUBMITTED"),
    "DONE": ("INTENT", "SUBMITTED", "UNKNOWN", "DONE"),
    "FAILED": ("INTENT", "SUBMITTED", "UNKNOWN", "FAILED"),
    "UNKNOWN": ("INTENT", "UNKNOWN"),
}
"""State to the states it may follow; a repeat of the same state is how a re-run step looks."""


class NewCall(Model):
    """A call about to be made. `call_key` names it for ever: generation, what for, inputs, attempt."""

    call_key: str = Field(max_length=200)
    kind: CallKind = "clip"
    scene_id: int | None = None
    provider: str
    model: str = ""
    input_hash: str
    seed: int | None = None
    reserved_usd: Decimal = Field(ge=0)


class Verdict(NamedTuple):
    """Whether a batch was admitted, what it asked for, and how things stood before it."""

    admitted: bool
    wanted_usd: Decimal
    standing: Standing


async def reserve(
    session: AsyncSession, generation_id: str, calls: Sequence[NewCall], limits: Limits, *, now: datetime | None = None
) -> Verdict:
    """Write the intents of a whole batch if both caps hold all of them. All or none.

    The owner's row, then the generation's, are locked from the sums to the commit, so that no two processes can both
    pass. Keys already in the ledger are kept as they are and not counted twice.

    Raises:
        NotFound: No such generation.
    """
    user_id, standing = await stand(session, generation_id, limits, now=now or utcnow(), lock=True)
    keys = [call.call_key for call in calls]
    known = set(await session.scalars(select(ProviderCall.call_key).where(ProviderCall.call_key.in_(keys))))
    new = [call for call in calls if call.call_key not in known]
    wanted = sum((call.reserved_usd for call in new), Decimal(0))
    if new and wanted > standing.room_usd:
        return Verdict(admitted=False, wanted_usd=wanted, standing=standing)
    moment = now or utcnow()
    session.add_all(
        ProviderCall(generation_id=generation_id, user_id=user_id, intent_at=moment, **call.model_dump())
        for call in new
    )
    await session.flush()
    return Verdict(admitted=True, wanted_usd=wanted, standing=standing)


async def owner_of(session: AsyncSession, generation_id: str, *, hold: bool) -> str:
    """Return whose generation it is; `hold` keeps the owner's row until the commit. Raises NotFound.

    Who holds both rows takes the owner's first: the other way round two of them would wait for each other for ever.
    """
    user_id = await session.scalar(select(Generation.user_id).where(Generation.id == generation_id))
    if user_id is None:
        raise NotFound(f"There is no generation {generation_id}.")
    if hold:
        await session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    return user_id


async def stand(
    session: AsyncSession, generation_id: str, limits: Limits, *, now: datetime, lock: bool = False
) -> tuple[str, Standing]:
    """Return the owner of a generation and what it and they have spent and promised, beside the caps.

    With `lock` both stay as they are until the commit; always the owner first, as clip claims do.

    Raises:
        NotFound: No such generation.
    """
    user_id = await owner_of(session, generation_id, hold=lock)
    config = select(Generation.config).where(Generation.id == generation_id)
    if lock:
        config = config.with_for_update(key_share=True)
    own_cap = PipelineConfig.model_validate(await session.scalar(config) or {}).budget_usd
    spent, reserved = await sums(session, ProviderCall.generation_id == generation_id)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = await sums(session, ProviderCall.user_id == user_id, ProviderCall.intent_at >= midnight)
    return user_id, Standing(
        spent_usd=spent,
        reserved_usd=reserved,
        cap_usd=limits.cap_usd if own_cap is None else Decimal(str(own_cap)),
        today_usd=sum(today, Decimal(0)),
        daily_cap_usd=limits.daily_cap_usd,
    )


async def sums(session: AsyncSession, *which: ColumnElement[bool]) -> tuple[Decimal, Decimal]:
    """Return (spent, reserved) of the calls that match: booked costs, and promises of calls without an end."""
    promised = case((ProviderCall.state.in_(("DONE", "FAILED")), 0), else_=ProviderCall.reserved_usd)
    query = select(func.sum(ProviderCall.actual_usd), func.sum(type_coerce(promised, Usd))).where(*which)
    spent, reserved = (await session.execute(query)).one()
    return spent or Decimal(0), reserved or Decimal(0)


async def committed_usd(session: AsyncSession, generation_id: str) -> Decimal:
    """Return what a generation has cost or may still cost: booked costs, else live reservations."""
    return sum(await sums(session, ProviderCall.generation_id == generation_id), Decimal(0))


async def order(session: AsyncSession, call_key: str, *, at: datetime, input_hash: str = "") -> bool:
    """Win the right to send a call's one order; false when it was ordered before, or is no longer an intent."""
    won = (
        update(ProviderCall)
        .where(
            ProviderCall.call_key == call_key,
            ProviderCall.state == "INTENT",
            ProviderCall.ordered_at.is_(None),
        )
        .values(ordered_at=at, **({"input_hash": input_hash} if input_hash else {}))
        .returning(ProviderCall.id)
    )
    return await session.scalar(won, execution_options={"synchronize_session": False}) is not None


async def not_taken(session: AsyncSession, call_key: str) -> None:
    """Take an order back that the provider surely did not take; it may be sent again."""
    row = await _load(session, call_key)
    if row.state == "INTENT":
        row.ordered_at = None
        await session.flush()


async def submitted(session: AsyncSession, call_key: str, job: RemoteJob) -> ProviderCall:
    """Store the provider's job, before the first poll.

    Raises:
        NotFound: No such call.
        Conflict: It is already settled, it has another job, or the job is another call's.
    """
    row = await _move(session, call_key, "SUBMITTED")
    if row.prediction_id not in (None, job.id):
        raise Conflict(f"The call {call_key} already runs as {row.prediction_id}.")
    if await session.scalar(
        select(ProviderCall.id).where(ProviderCall.prediction_id == job.id, ProviderCall.id != row.id)
    ):
        raise Conflict(f"The job {job.id} belongs to another call.")
    row.prediction_id, row.remote_job = job.id, job.model_dump(mode="json")
    row.submitted_at = row.submitted_at or utcnow()
    row.error_message = None
    await session.flush()
    return row


async def book(
    session: AsyncSession,
    call_key: str,
    actual_usd: Decimal,
    source: CostSource,
    *,
    outcome: dict[str, Any] | None = None,
) -> ProviderCall:
    """Mark a call as done and book what it cost, also when that is above its reservation.

    Raises:
        NotFound, Conflict: As `submitted`.
    """
    row = await _move(session, call_key, "DONE")
    row.actual_usd, row.cost_source, row.finished_at = actual_usd, source, utcnow()
    row.outcome, row.error_message = outcome or row.outcome, None
    await session.flush()
    return row


async def fail(
    session: AsyncSession,
    call_key: str,
    message: str,
    *,
    actual_usd: Decimal | None = None,
    source: CostSource | None = None,
) -> ProviderCall:
    """Mark a call as failed. Its reservation is freed; what it cost all the same is kept.

    Raises:
        NotFound, Conflict: As `submitted`.
    """
    row = await _move(session, call_key, "FAILED")
    row.error_message, row.finished_at = message, utcnow()
    row.actual_usd, row.cost_source = actual_usd, source if actual_usd is not None else None
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


async def keep_outcome(session: AsyncSession, call_key: str, outcome: dict[str, Any]) -> None:
    """Note what a running job has already given, for example where its file was put."""
    row = await _load(session, call_key)
    row.outcome = outcome
    await session.flush()


async def release(session: AsyncSession, generation_id: str, *, only: str | None = None) -> int:
    """Give up intents that were surely never ordered: all of a generation's, or one by key. Returns how many."""
    given_up = update(ProviderCall).where(
        ProviderCall.generation_id == generation_id, ProviderCall.state == "INTENT", ProviderCall.ordered_at.is_(None)
    )
    if only is not None:
        given_up = given_up.where(ProviderCall.call_key == only)
    values = {
        "state": "FAILED",
        "error_message": "It was never ordered.",
        "finished_at": utcnow(),
    }
    done = given_up.values(**values).returning(ProviderCall.id)
    return len(list(await session.scalars(done, execution_options={"synchronize_session": False})))


async def get(session: AsyncSession, call_key: str) -> ProviderCall | None:
    """Return a call by its key, as it now is."""
    query = select(ProviderCall).where(ProviderCall.call_key == call_key)
    return await session.scalar(query.execution_options(populate_existing=True))


async def newest(session: AsyncSession, base: str) -> ProviderCall | None:
    """Return the newest attempt at something: the highest of the keys ``<base>#<attempt>``."""
    query = select(ProviderCall).where(ProviderCall.call_key.startswith(f"{base}#", autoescape=True))
    rows = list(await session.scalars(query.execution_options(populate_existing=True)))
    return max(rows, key=lambda row: attempt_of(row.call_key), default=None)


def attempt_of(call_key: str) -> int:
    """Return the attempt a key names."""
    return int(call_key.rpartition("#")[2])


def attempt_key(base: str, attempt: int) -> str:
    """Return the key of an attempt."""
    return f"{base}#{attempt}"


async def require(session: AsyncSession, call_id: str, generation_id: str) -> ProviderCall:
    """Return a generation's call by its row id, held until the commit. Raises NotFound."""
    query = select(ProviderCall).where(ProviderCall.id == call_id, ProviderCall.generation_id == generation_id)
    row = await session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("This ad has no such charge.", hint="`admint costs` lists them.")
    return row


async def unsettled(session: AsyncSession, generation_id: str | None = None) -> list[ProviderCall]:
    """Return calls without an end, oldest first: of one generation, or of all (at launch)."""
    query = select(ProviderCall).where(ProviderCall.state.in_(("INTENT", "SUBMITTED", "UNKNOWN")))
    if generation_id is not None:
        query = query.where(ProviderCall.generation_id == generation_id)
    return list(await session.scalars(query.order_by(ProviderCall.intent_at, ProviderCall.call_key)))


async def _move(session: AsyncSession, call_key: str, state: CallState) -> ProviderCall:
    row = await _load(session, call_key)
    if row.state not in _BEFORE[state]:
        raise Conflict(f"The call {call_key} is {row.state} and can't become {state}.")
    row.state = state
    return row


async def _load(session: AsyncSession, call_key: str) -> ProviderCall:
    query = select(ProviderCall).where(ProviderCall.call_key == call_key).with_for_update()
    row = await session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"The ledger has no call {call_key}.")
    return row
