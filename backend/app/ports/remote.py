"""What a paid model adds to its modality's port: its work is a job that is ordered once, found again and settled.

The order of a paid call, kept by the services: reserve (intent in the ledger) -> submit -> store the id -> poll ->
fetch -> book. After a crash or an answer that never came, `find` looks for the job before anybody orders again.
Adapters: app/providers/replicate_*. Facts behind it: an order has no idempotency key, so its whole input (with a
random seed) is its name, and the provider forgets inputs after an hour.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from app.schemas.providers import CallContext, JobState, RemoteJob

P = TypeVar("P", contravariant=True)


class RemoteJobs(Protocol[P]):
    """Paid jobs of one model; `P` is the modality's plan (VideoPlan, ImagePlan)."""

    name: str
    """Registry name, for example ``replicate``."""
    queue: str
    """Always ``remote``: the durable queue with the global and per-user limits."""

    def estimate(self, plan: P) -> Decimal:
        """Return the worst list price of the job in USD, by the catalogue."""

    def input_hash(self, plan: P, ctx: CallContext) -> str:
        """Return the SHA-256 (hex) of what would be sent, seed included: the order's name in the ledger."""

    async def check(self, plan: P) -> None:
        """Refuse a plan that can't be ordered, before any of its batch is: key, model, limits, inputs. Costs nothing.

        Raises:
            AuthFailed: No key, or it is refused; the hint names the variable and the free alternative.
            QuotaExhausted, ModelGone, Rejected: As they say.
        """

    async def submit(self, plan: P, output_key: str, ctx: CallContext) -> RemoteJob:
        """Order the job: one POST, repeated only where it surely was not taken (429, no connection).

        Raises:
            AmbiguousSubmit: It was sent and its answer is unknown (5xx, timeout, cut): look for it with `find`.
            ProviderError: It was surely not taken.
        """

    async def find(self, plan: P, output_key: str, ctx: CallContext, since: datetime) -> RemoteJob | None:
        """Look for the job an earlier submit of the same plan and context may have begun, since that moment (UTC).

        Returns:
            The job, or null when there surely is none.

        Raises:
            AmbiguousSubmit: Nobody can tell: the listing fails, several match, or inputs of then are forgotten.
        """

    async def poll(self, job: RemoteJob) -> JobState:
        """Return the job's state, and what it cost once it has ended. Raises ProviderError."""

    async def cancel(self, job: RemoteJob) -> None:
        """Stop the job if it still runs; no error when it has ended."""

    async def fetch(self, job: RemoteJob) -> str:
        """Store the output under `job.output_key`, verified, and return the key. Repeating it is harmless."""
