"""Durable execution: steps that run once, waits that survive a restart, children known by their id.

The orchestrator knows only this port; DBOS lives in app/durable/dbos_engine.py.
Suite: tests/test_contracts/test_durable.py, and the kill tests in tests/test_integration/.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


class Durable(Protocol):
    """What a workflow body may use. Arguments and results must be JSON-able."""

    async def step(self, name: str, fn: Callable[[], Awaitable[T]]) -> T:
        """Run `fn` once; after a restart return what it returned. Crash points ``<name>:before`` and ``:after``."""

    async def transact(self, name: str, fn: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Like step, but `fn`'s database writes and the step's record commit together."""

    async def run_child(
        self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any], share: str = ""
    ) -> Any:
        """Start (or find) the child by its id, wait for it and return its result. Safe under gather.

        `share` says whom it is for (a user), on a queue that limits how many places one of them may take.
        """

    async def start_child(self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any]) -> None:
        """Start (or find) the child by its id and go on without it: it never holds up or fails the parent."""

    async def receive(self, topic: str, timeout_s: float) -> Any | None:
        """Wait for the next message on `topic`; null when the deadline, fixed at the first wait, passes."""


class Engine(Protocol):
    """What the doors use from outside a workflow."""

    async def enqueue(
        self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any], share: str = ""
    ) -> None:
        """Queue a workflow; a second call with the same id does nothing. `share`: see Durable.run_child."""

    async def send(self, workflow_id: str, topic: str, message: Any, idempotency_key: str) -> None:
        """Deliver a message once per key, also to a workflow that is not running."""

    async def wait(self, workflow_id: str) -> Any:
        """Wait for the workflow and return its result, or raise what it raised."""

    async def cancel(self, workflow_id: str) -> None:
        """Cancel the workflow and its children."""

    async def state(self, workflow_id: str) -> str:
        """Return the engine's own word for a workflow's state. Raises NotFound."""

    async def runs(self, prefix: str) -> list[str]:
        """Return the ids of all workflows that start with `prefix`, oldest first."""

    async def depth(self, workflow: str) -> tuple[int, int]:
        """Return how many workflows of one kind wait, and how many are being worked on, in all processes."""
