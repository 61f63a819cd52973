"""Ordering once: an order is written down before it is sent, so that a restart knows what was sent and can find it.

The record lies beside the output (`<output>.order.json`): what was sent, when, and the job's id once it is known. A
call without a record was never sent. A record without an id may have been taken: it is looked for on the account's
list, and when it is not there, a person is asked; nobody guesses with money. Shared by the replicate adapters.
Tests: tests/test_providers/test_replicate/test_orders.py
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, ValidationError

from app.core.errors import AmbiguousSubmit, BadOutput, NotFound, ProviderError, Transient
from app.kit.ids import digest, seed_from
from app.ports.storage import Storage
from app.providers.replicate.client import Prediction, ReplicateClient
from app.providers.replicate.errors import PROVIDER, outcome_error
from app.providers.replicate.hints import Hints
from app.providers.replicate.progress import measured
from app.schemas.base import Model
from app.schemas.providers import CallContext, JobState, RemoteJob

log = logging.getLogger(__name__)
FORGOTTEN = timedelta(minutes=50)
"""Inputs are removed an hour after a job ends; older orders can't be recognised any more."""
_SLACK = timedelta(seconds=60)
_LARGEST_SEED = 2**31 - 1


NOBODY = CallContext(generation_id="", step="check")
"""The context of an order that is only looked at."""


class Order(Model):
    """What is written down. `plan` is the modality's plan as JSON, for whoever settles the job later."""

    call: str
    model: str
    clip_id: int = 0
    input: dict[str, Any]
    plan: dict[str, Any]
    sent_at: datetime
    state: Literal["sent", "taken", "stored", "refused"] = "sent"
    remote_id: str = ""
    beside_usd: Decimal = Field(Decimal(0), description="What was bought for it before: its keyframe.")


def order_key(output_key: str) -> str:
    """Return where the order of an output is written down."""
    return f"{output_key}.order.json"


def seed_of(ctx: CallContext) -> int:
    """Return the seed of a call, different for every attempt of every ad: it makes the whole input unique."""
    return seed_from(ctx.idempotency_key, ctx.step, ctx.attempt, ctx.seed) & _LARGEST_SEED


def call_hash(model: str, given: dict[str, Any], shown: Sequence[str], ctx: CallContext) -> str:
    """Return the name of an order: what would be sent (images by storage key) and for whom."""
    return digest([model, given, list(shown), ctx.idempotency_key, seed_of(ctx)])


class Orders:
    """Jobs of one account.

    Args:
        client: The API.
        storage: Keeps the records.
        hints: What webhooks told, if any are taken.
        hooks: Address they are sent to, without the call; null: none are asked for.
    """

    def __init__(
        self, client: ReplicateClient, storage: Storage, hints: Hints | None = None, hooks: str | None = None
    ) -> None:
        self._client = client
        self._storage = storage
        self._hints = hints
        self._hooks = hooks

    async def earlier(self, call: str, output_key: str) -> Order | None:
        """Return the record of exactly this call, if one was sent and not refused."""
        order = await self.read(output_key)
        return order if order and order.call == call and order.state != "refused" else None

    async def place(self, order: Order, output_key: str, cancel_after: str) -> RemoteJob:
        """Write the order down, send it, write down its id. See ports.remote.RemoteJobs.submit."""
        known = await self.earlier(order.call, output_key)
        if known is not None and known.remote_id:
            return _job(known, output_key)
        if known is not None:
            raise AmbiguousSubmit(
                "This very order was sent before and its answer was lost.",
                hint="Look for it first; a new attempt is a new order.",
                provider=PROVIDER,
                model=order.model,
            )
        await self._write(order, output_key)
        webhook = f"{self._hooks}/{order.call}" if self._hooks else None
        try:
            made = await self._client.create(order.model, order.input, cancel_after, webhook)
        except AmbiguousSubmit:
            raise
        except ProviderError:
            await self._write(order.model_copy(update={"state": "refused"}), output_key)
            raise
        return await self._taken(order, output_key, made.id)

    async def find(self, call: str, output_key: str, since: datetime) -> RemoteJob | None:
        """See ports.remote.RemoteJobs.find. One look: lists may be late, so the caller looks again for a while."""
        order = await self.earlier(call, output_key)
        if order is None:
            return None
        if order.remote_id:
            return _job(order, output_key)
        begun = min(since.astimezone(UTC), order.sent_at)
        if self._client.pace.now() - begun > FORGOTTEN:
            raise _unknown(order, "it is too old to be recognised")
        matching = await self._hinted(order, begun) or await self._matching(order, begun)
        if len(matching) == 1:
            return await self._taken(order, output_key, matching[0].id)
        raise _unknown(order, f"{len(matching)} jobs look like it" if matching else "it is not on the list of jobs")

    async def poll(self, job: RemoteJob, price: Decimal, beside: Decimal = Decimal(0)) -> JobState:
        """Return the job's state. An unreachable provider is not the end of a job: it counts as still under way.

        Args:
            job: Which.
            price: Its list price in USD, for what it cost.
            beside: What was bought for it before, in USD, however it ends.
        """
        try:
            seen = await self._client.get(job.id)
        except Transient:
            log.warning("provider unreachable while a job runs", extra={"provider": PROVIDER, "remote_id": job.id})
            return JobState(status="processing")
        if not seen.ended:
            waiting = seen.status == "starting"
            return JobState(status="queued" if waiting else "processing", progress=measured(seen.logs))
        if seen.status == "succeeded":
            return JobState(status="complete", progress=1.0, cost_usd=price + beside, cost_source="list_price")
        error = outcome_error(seen.status, seen.error or "", job.model, job.id)
        # Failed jobs are usually free, canceled ones may not be (providers.md): say the worst, call it an estimate.
        cost = price if seen.status == "canceled" else Decimal(0)
        return JobState(
            status="failed",
            cost_usd=cost + beside,
            cost_source="estimate",
            error_code=error.code,
            error_message=f"{error.message} {error.hint}".strip(),
        )

    async def cancel(self, job: RemoteJob) -> None:
        """See ports.remote.RemoteJobs.cancel."""
        try:
            await self._client.cancel(job.id)
        except BadOutput:  # the provider no longer knows it: it has ended
            return

    async def output_address(self, job: RemoteJob) -> str:
        """Return where the finished job's one file is.

        Raises:
            BadOutput: There is none, or no longer.
            ProviderError: The job did not succeed.
        """
        seen = await self._client.get(job.id)
        if not seen.ended:
            raise Transient("The job has not ended yet.", provider=PROVIDER, model=job.model, remote_id=job.id)
        if seen.status != "succeeded":
            raise outcome_error(seen.status, seen.error or "", job.model, job.id)
        output = seen.output[0] if isinstance(seen.output, list) and seen.output else seen.output
        if not isinstance(output, str) or not output:
            gone = "Replicate has removed the job's file" if seen.data_removed else "The finished job has no file"
            raise BadOutput(f"{gone} ({job.id}).", hint="Retry it.", provider=PROVIDER, model=job.model)
        return output

    async def is_stored(self, job: RemoteJob) -> bool:
        """True when exactly this job's file is stored already."""
        order = await self.read(job.output_key)
        done = order is not None and order.state == "stored" and order.remote_id == job.id
        return done and await self._storage.exists(job.output_key)

    async def note_stored(self, job: RemoteJob) -> None:
        """Write down that this job's file is stored."""
        order = await self.read(job.output_key)
        if order is not None and order.remote_id == job.id:
            await self._write(order.model_copy(update={"state": "stored"}), job.output_key)

    async def read(self, output_key: str) -> Order | None:
        """Return the record of an output, null when there is none."""
        try:
            return Order.model_validate_json(await self._storage.read_bytes(order_key(output_key)))
        except (NotFound, ValidationError):
            return None

    async def _hinted(self, order: Order, begun: datetime) -> list[Prediction]:
        """Return the job a webhook named for this order, if it is this order."""
        told = await self._hints.job_of(order.call) if self._hints else None
        if told is None:
            return []
        try:
            seen = await self._client.get(told)
        except (BadOutput, Transient):
            return []
        return [seen] if _is(seen, order, begun) else []

    async def _matching(self, order: Order, begun: datetime) -> list[Prediction]:
        try:
            return [seen async for seen in self._client.predictions(begun - _SLACK) if _is(seen, order, begun)]
        except Transient as error:
            raise _unknown(order, "Replicate's list of jobs can't be read") from error

    async def _taken(self, order: Order, output_key: str, remote_id: str) -> RemoteJob:
        taken = order.model_copy(update={"state": "taken", "remote_id": remote_id})
        await self._write(taken, output_key)
        return _job(taken, output_key)

    async def _write(self, order: Order, output_key: str) -> None:
        await self._storage.put_bytes(order_key(output_key), order.model_dump_json().encode(), "application/json")


def _is(seen: Prediction, order: Order, begun: datetime) -> bool:
    """True when a job is the order: the same model and every input that was sent; what we didn't send may differ."""
    if seen.created_at is None or seen.created_at < begun - _SLACK or seen.model not in ("", order.model):
        return False
    given = seen.input or {}
    return all(name in given and given[name] == value for name, value in order.input.items())


def _job(order: Order, output_key: str) -> RemoteJob:
    return RemoteJob(
        id=order.remote_id, provider=PROVIDER, model=order.model, clip_id=order.clip_id, output_key=output_key
    )


def _unknown(order: Order, why: str) -> AmbiguousSubmit:
    return AmbiguousSubmit(
        f"An order for {order.model} was sent and nobody can tell whether it was taken: {why}.",
        hint="Look at replicate.com/predictions; ordering it again may pay for it twice.",
        provider=PROVIDER,
        model=order.model,
    )
