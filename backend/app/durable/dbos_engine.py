"""Durable execution on DBOS: SQLite with one executor, or Postgres with many.

Built and launched by app/container.py inside the running event loop, so workflows share it. What speaks to the engine
from outside a workflow is DbosClientEngine's, the same code an `api` process has.
Rules learnt the hard way (docs/explanation/durable-engine.md):
children run in an empty context and are known by their id; queues are fixed from day one; the application version
is pinned; nothing that an earlier crash left behind starts unless this process was asked to run it.
Tests: tests/test_contracts/test_durable.py, tests/test_integration/test_kill.py
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig
from dbos._datasource import AsyncSQLAlchemyDatasource, DatasourceOptions
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import AdMintError, StorageError
from app.db.session import unwritable
from app.durable import shares
from app.durable.dbos_client import DbosClientEngine
from app.durable.options import APPLICATION, APPLICATION_VERSION, EngineOptions, QueuePlan, Workflow
from app.durable.parking import park
from app.durable.places import Places
from app.durable.slots import Slot
from app.durable.system_database import normal_url

__all__ = ["DbosEngine", "EngineOptions", "QueuePlan", "Workflow"]
T = TypeVar("T")


class DbosEngine:
    """Durable and Engine ports over one DBOS instance a process.

    Args:
        options: This process.
        app_engine: The application's database, in which steps may write.
        slot: The name it holds on Postgres; null on SQLite, where a file lock guards the one executor.
    """

    def __init__(self, options: EngineOptions, app_engine: AsyncEngine, slot: Slot | None = None) -> None:
        self._options = options
        self._app_engine = app_engine
        self._slot = slot
        self._places = Places(options.system_url, options.poll_s) if slot is not None else None
        self._outside = DbosClientEngine(options)
        self._datasource: AsyncSQLAlchemyDatasource | None = None
        self._running: dict[asyncio.Task[Any], str] = {}
        self._broken: asyncio.Future[AdMintError] | None = None
        self._guard: asyncio.Task[None] | None = None
        self._halting: asyncio.Task[None] | None = None
        self._stopping = False

    # -- life -----------------------------------------------------------------------------------------------------

    async def launch(
        self, workflows: Mapping[str, Workflow], keep: Iterable[str] | None, drop: Iterable[str] = ()
    ) -> list[str]:
        """Start executing.

        Args:
            workflows: Name to body; a body takes one JSON-able dict.
            keep: Prefixes of workflow ids this process was asked to run; everything else left active by an earlier
                process is parked first (on Postgres: by an earlier process of this name). Null goes on with it all.
            drop: Prefixes of what is parked even then.

        Returns:
            The ids that were parked.
        """
        self._broken = asyncio.get_running_loop().create_future()
        await self._outside.launch(workflows, keep)
        parked = await asyncio.to_thread(self._prepare, None if keep is None else tuple(keep), tuple(drop))
        DBOS(config=self._config())
        for name, body in workflows.items():
            DBOS.workflow(name=name)(self._tracked(name, body))
        self._datasource = await AsyncSQLAlchemyDatasource.create(
            database_url=self._app_engine.url.render_as_string(hide_password=False), engine=self._app_engine
        )
        DBOS.listen_queues([self._options.queue(plan.name) for plan in self._options.queues])
        DBOS.launch()
        if self._slot is not None:
            self._guard = asyncio.create_task(self._slot.guard(self._lose_slot))
        return parked

    async def shutdown(self) -> None:
        """Stop at once; what was running is found again by `launch`."""
        if self._guard is not None:
            self._guard.cancel()
        if self._halting is not None:
            await self._halting
        else:
            await self._stop_executing()
        if self._places is not None:
            await asyncio.to_thread(self._places.close)
        await self._outside.shutdown()

    async def broken(self) -> AdMintError:
        """Wait until this process can't execute any more, and return why. It never may."""
        assert self._broken is not None
        return await asyncio.shield(self._broken)

    async def _stop_executing(self) -> None:
        self._stopping = True
        await self._cancel_tasks("")
        loop = asyncio.get_running_loop()
        # DBOS closes the thread pool it installed, and installs it again with each workflow it starts until it stops.
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="admint"))
        with ThreadPoolExecutor(thread_name_prefix="admint-stop") as apart:
            await loop.run_in_executor(apart, lambda: DBOS.destroy(destroy_registry=True))
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="admint"))
        await self._cancel_tasks("")  # what its queues started until they were stopped

    def _lose_slot(self, error: AdMintError) -> None:
        """Another process may now do this one's work: stop doing it."""
        assert self._broken is not None
        if not self._broken.done():
            self._broken.set_result(error)
        self._halting = asyncio.create_task(self._stop_executing())

    async def _cancel_tasks(self, prefix: str) -> None:
        tasks = [
            task
            for task, workflow_id in self._running.items()
            if workflow_id.startswith(prefix) and task is not asyncio.current_task()
        ]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _config(self) -> DBOSConfig:
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": normal_url(self._options.system_url),
            "application_version": APPLICATION_VERSION,
            "executor_id": self._options.executor_id,
            "log_level": "ERROR",
            "notification_listener_polling_interval_sec": self._options.poll_s,
        }
        if self._outside.database.dialect.name == "sqlite":
            config["system_database_engine"] = self._outside.database
        return config

    def _prepare(self, keep: tuple[str, ...] | None, drop: tuple[str, ...]) -> list[str]:
        """Register the queues and park unfinished work, both before the launch that would act on them."""
        for plan in self._options.queues:
            self._outside.client.register_queue(
                self._options.queue(plan.name),
                worker_concurrency=plan.per_worker,
                global_concurrency=plan.overall,
                partition_concurrency=plan.per_share,
                polling_interval_sec=self._options.poll_s,
            )
        shared = [self._options.queue(plan.name) for plan in self._options.queues if plan.per_share is not None]
        shares.adopt(self._outside.database, shared)
        return park(self._outside.client, self._outside.database, self._options, keep, drop)

    # -- inside a workflow (Durable port) ---------------------------------------------------------------------------

    async def step(self, name: str, fn: Callable[[], Awaitable[T]]) -> T:
        """See ports.durable.Durable."""
        self._crash(name, "before")

        async def body() -> T:
            result = await fn()
            self._crash(name, "unrecorded")
            return result

        recorded: T = await DBOS.run_step_async({"name": name}, body)
        self._crash(name, "after")
        return recorded

    async def transact(self, name: str, fn: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """See ports.durable.Durable."""
        assert self._datasource is not None
        datasource = self._datasource
        self._crash(name, "before")
        options: DatasourceOptions = {
            "name": name,
            "isolation_level": "SERIALIZABLE" if self._app_engine.dialect.name == "sqlite" else "READ COMMITTED",
        }

        async def body() -> T:
            result = await fn(datasource.sql_session())
            self._crash(name, "unrecorded")
            return result

        recorded: T = await datasource.run_tx_step_async(options, body)
        self._crash(name, "after")
        return recorded

    async def run_child(
        self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any], share: str = ""
    ) -> Any:
        """See ports.durable.Durable. The empty context keeps the child out of the parent's step numbers."""

        async def body() -> Any:
            await self.enqueue(workflow, workflow_id, queue, argument, share)
            return await self.wait(workflow_id)

        return await asyncio.create_task(body(), context=contextvars.Context())

    async def start_child(self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any]) -> None:
        """See ports.durable.Durable. The empty context keeps the child out of the parent's step numbers."""
        started = self.enqueue(workflow, workflow_id, queue, argument)
        await asyncio.create_task(started, context=contextvars.Context())

    async def receive(self, topic: str, timeout_s: float) -> Any | None:
        """See ports.durable.Durable."""
        return await DBOS.recv_async(topic, timeout_seconds=timeout_s)

    # -- from outside (Engine port) -----------------------------------------------------------------------------------

    async def enqueue(
        self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any], share: str = ""
    ) -> None:
        """See ports.durable.Engine; a parked workflow is put back on its queue."""
        await self._outside.enqueue(workflow, workflow_id, queue, argument, share)

    async def send(self, workflow_id: str, topic: str, message: Any, idempotency_key: str) -> None:
        """See ports.durable.Engine."""
        await self._outside.send(workflow_id, topic, message, idempotency_key)

    async def wait(self, workflow_id: str) -> Any:
        """See ports.durable.Engine.

        Raises:
            Interrupted: The workflow was cancelled or parked.
            StorageError: The engine can't write any more, so no outcome will ever be recorded.
            Conflict: This process lost its slot.
        """
        result = asyncio.ensure_future(self._outside.wait(workflow_id))
        assert self._broken is not None
        try:
            await asyncio.wait([result, self._broken], return_when=asyncio.FIRST_COMPLETED)
            if not result.done():
                raise self._broken.result()
            return await result
        finally:
            result.cancel()

    async def cancel(self, workflow_id: str) -> None:
        """See ports.durable.Engine; what of it runs in this process stops at once."""
        await self._outside.cancel(workflow_id)
        await self._cancel_tasks(workflow_id)

    async def state(self, workflow_id: str) -> str:
        """See ports.durable.Engine."""
        return await self._outside.state(workflow_id)

    async def runs(self, prefix: str) -> list[str]:
        """See ports.durable.Engine."""
        return await self._outside.runs(prefix)

    async def depth(self, workflow: str) -> tuple[int, int]:
        """See ports.durable.Engine."""
        return await self._outside.depth(workflow)

    def _tracked(self, name: str, body: Workflow) -> Workflow:
        """Wrap a body so that `cancel`, and `shutdown` before the engine's threads are gone, can stop it.

        DBOS's queues start work until its last moment; its threads are gone by then, and a step would fail for good.
        A task counts until its very end: after the body DBOS still tidies up in the application's database.
        """

        async def run(argument: dict[str, Any]) -> Any:
            if self._stopping:
                raise asyncio.CancelledError
            task = asyncio.current_task()
            assert task is not None
            self._running[task] = DBOS.workflow_id or ""
            task.add_done_callback(lambda done: self._running.pop(done, None))
            try:
                async with self._place(DBOS.workflow_id or ""):
                    return await body(argument)
            except sa.exc.OperationalError as error:
                self._note_full_disk(error)
                raise

        run.__name__ = run.__qualname__ = name
        return run

    @asynccontextmanager
    async def _place(self, workflow_id: str) -> AsyncIterator[None]:
        """Hold a place of the workflow's queue, where its limit is over all processes. Takes no step number."""
        plan = None
        if self._places is not None:
            found = self._outside.queue_of(workflow_id)
            plan = self._options.plan(await asyncio.create_task(found, context=contextvars.Context()))
        if self._places is None or plan is None or plan.overall is None:
            yield
            return
        async with self._places.one(plan.name, plan.overall):
            yield

    def _note_full_disk(self, error: sa.exc.OperationalError) -> None:
        if unwritable(error) and self._broken is not None and not self._broken.done():
            self._broken.set_result(
                StorageError(
                    f"The disk that holds AdMint's database is full or failing ({error.orig}).",
                    hint="Free some space or set ADMINT_HOME to another disk, then resume: nothing is lost.",
                )
            )

    def _crash(self, name: str, point: str) -> None:
        if self._options.crash_at == f"{name}:{point}":
            os.kill(os.getpid(), signal.SIGKILL)
