"""The Engine port from outside an executor: queue, tell, wait, cancel, look. Executes nothing and holds no slot.

What an `api` process has; inside an executing process it is the outer half of DbosEngine.
Tests: tests/test_contracts/test_durable.py, tests/test_integration/test_slots.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions, WorkflowStatus
from dbos._error import DBOSAwaitedWorkflowCancelledError

from app.core.errors import Interrupted, NotFound
from app.durable import shares
from app.durable.options import ACTIVE, APPLICATION_VERSION, EngineOptions, Workflow
from app.durable.system_database import open_client, open_system_database, quiet_library

_RESULT_POLL_S = 0.05
_IN_FLIGHT_S = 2.0


class DbosClientEngine:
    """Engine port over DBOS's tables alone."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._database: sa.Engine | None = None
        self._client: DBOSClient | None = None

    @property
    def database(self) -> sa.Engine:
        """The blocking engine on DBOS's tables, while open."""
        assert self._database is not None, "the engine is not open"
        return self._database

    @property
    def client(self) -> DBOSClient:
        """DBOS's own client, while open."""
        assert self._client is not None, "the engine is not open"
        return self._client

    async def launch(
        self, workflows: Mapping[str, Workflow], keep: Iterable[str] | None, drop: Iterable[str] = ()
    ) -> list[str]:
        """Open the tables. Nothing is executed, so nothing is parked: returns an empty list."""
        quiet_library()
        self._database = open_system_database(self._options.system_url)
        self._client = await asyncio.to_thread(open_client, self._options.system_url, self._database)
        return []

    async def shutdown(self) -> None:
        """Close the tables."""
        if self._client is not None:
            await asyncio.to_thread(self._client.destroy)
        if self._database is not None:
            await self._calls_in_flight()
            self._database.dispose()

    async def _calls_in_flight(self) -> None:
        """Wait a moment for calls whose waiter was cancelled: they still hold a connection in their thread."""
        pool, patience = self.database.pool, _IN_FLIGHT_S
        while isinstance(pool, sa.QueuePool) and pool.checkedout() and patience > 0:
            await asyncio.sleep(_RESULT_POLL_S)
            patience -= _RESULT_POLL_S

    async def enqueue(
        self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any], share: str = ""
    ) -> None:
        """See ports.durable.Engine; a parked workflow is put back on its queue."""
        queue, own = self._options.queue(queue), self._options.share(queue, share)
        status = await self._find(workflow_id)
        if status is None:
            order: EnqueueOptions = {
                "workflow_name": workflow,
                "queue_name": queue,
                "workflow_id": workflow_id,
                "app_version": APPLICATION_VERSION,
            }
            if own is not None:
                order["queue_partition_key"] = own
            await self.client.enqueue_async(order, argument)
        elif status.status == "CANCELLED":
            await asyncio.to_thread(shares.give, self.database, workflow_id, own)
            await self.client.resume_workflow_async(workflow_id, queue_name=queue)

    async def send(self, workflow_id: str, topic: str, message: Any, idempotency_key: str) -> None:
        """See ports.durable.Engine."""
        await self.client.send_async(workflow_id, message, topic, idempotency_key=idempotency_key)

    async def wait(self, workflow_id: str) -> Any:
        """See ports.durable.Engine. Raises Interrupted when the workflow was cancelled or parked."""
        handle: Any = await self.client.retrieve_workflow_async(workflow_id)
        try:
            return await handle.get_result(polling_interval_sec=_RESULT_POLL_S)
        except DBOSAwaitedWorkflowCancelledError as error:
            raise Interrupted("The run was stopped.", hint="`admint resume` goes on from where it was.") from error

    async def cancel(self, workflow_id: str) -> None:
        """See ports.durable.Engine."""
        active = await self.client.list_workflows_async(
            workflow_id_prefix=workflow_id, status=ACTIVE, load_input=False, load_output=False
        )
        if active:
            await self.client.cancel_workflows_async([each.workflow_id for each in active])

    async def state(self, workflow_id: str) -> str:
        """See ports.durable.Engine."""
        status = await self._find(workflow_id)
        if status is None:
            raise NotFound(f"There is no run {workflow_id}.")
        return str(status.status)

    async def runs(self, prefix: str) -> list[str]:
        """See ports.durable.Engine."""
        found = await self.client.list_workflows_async(workflow_id_prefix=prefix, load_input=False, load_output=False)
        return [each.workflow_id for each in found]

    async def depth(self, workflow: str) -> tuple[int, int]:
        """See ports.durable.Engine."""
        found = await self.client.list_workflows_async(
            name=workflow, status=ACTIVE, load_input=False, load_output=False
        )
        busy = sum(each.status == "PENDING" for each in found)
        return len(found) - busy, busy

    async def queue_of(self, workflow_id: str) -> str:
        """Return the name of the queue a workflow came from; empty for none."""
        status = await self._find(workflow_id)
        return (status.queue_name or "") if status else ""

    async def _find(self, workflow_id: str) -> WorkflowStatus | None:
        found = await self.client.list_workflows_async(workflow_ids=[workflow_id], load_input=False, load_output=False)
        return found[0] if found else None
