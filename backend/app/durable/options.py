"""What an engine is told about its process, and the names that never change. Called by app/container.py.

Tests: tests/test_contracts/test_durable.py
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

Workflow = Callable[[dict[str, Any]], Awaitable[Any]]

ProcessKind = Literal["run", "server", "api", "worker"]
"""run: the command line, for its own ads. server: API and executor. api: API alone. worker: executor alone."""

APPLICATION = "admint"
APPLICATION_VERSION = "admint-1"
"""Pinned: a default made of the code's hash would strand what waits at every edit."""

ACTIVE = ["PENDING", "ENQUEUED", "DELAYED"]
"""DBOS's words for what has not ended."""


@dataclass(frozen=True)
class QueuePlan:
    """A queue's limits: of this process, of all processes, of whom the work is for; null is no limit.

    A queue with `per_share` gives free places to those who wait in turn by lot, whoever came first.
    """

    name: str
    per_worker: int | None = None
    overall: int | None = None
    per_share: int | None = None


@dataclass(frozen=True)
class EngineOptions:
    """What the engine needs to know of its process.

    `private` gives the process queues of its own (`sessions@run-0`): it works on what it was given and takes nothing
    from the queues that the workers share.
    """

    system_url: str
    executor_id: str
    poll_s: float
    queues: tuple[QueuePlan, ...]
    crash_at: str = ""
    private: bool = False

    def queue(self, name: str) -> str:
        """Return the name under which this process knows a queue."""
        return private_queue(name, self.executor_id) if self.private else name

    def plan(self, queue: str) -> QueuePlan | None:
        """Return the limits of a queue by the name under which any process knows it; null: not one of ours."""
        name = queue.partition("@")[0]
        return next((plan for plan in self.queues if plan.name == name), None)

    def share(self, queue: str, share: str) -> str | None:
        """Return under which share work is queued; null where a queue has none."""
        plan = self.plan(queue)
        return None if plan is None or plan.per_share is None else share


def private_queue(name: str, executor_id: str) -> str:
    """Return the name of an executor's own queue."""
    return f"{name}@{executor_id}"
