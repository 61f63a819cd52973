"""Durable execution on DBOS: SQLite with one executor, or Postgres with many. The only file that knows DBOS.

Built and launched by app/container.py inside the running event loop, so workflows share it.
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
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig
from dbos._datasource import AsyncSQLAlchemyDatasource, DatasourceOptions
from dbos._error import DBOSAwaitedWorkflowCancelledError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import ConfigError, Interrupted, NotFound, StorageError
from app.db.session import unwritable

T = TypeVar("T")
Workflow = Callable[[dict[str, Any]], Awaitable[Any]]

APPLICATION_VERSION = "admint-1"
_APPLICATION = "admint"
_RESULT_POLL_S = 0.05
_ACTIVE = ["PENDING", "ENQUEUED", "DELAYED"]


@dataclass(frozen=True)
class QueuePlan:
    """A queue's limits: `per_worker` of this process, `overall` of all processes; null is no limit."""

    name: str
    per_worker: int | None = None
    overall: int | None = None


@dataclass(frozen=True)
class EngineOptions:
    """What the engine needs to know of its process."""

    system_url: str
    executor_id: str
    poll_s: float
    queues: tuple[QueuePlan, ...]
    crash_at: str = ""


class DbosEngine:
    """Durable and Engine ports over one DBOS instance a process."""

    def __init__(self, options: EngineOptions, app_engine: AsyncEngine) -> None:
        self._options = options
        self._app_engine = app_engine
        self._datasource: AsyncSQLAlchemyDatasource | None = None
        self._system_engine: sa.Engine | None = None
        self._running: set[asyncio.Task[Any]] = set()
        self._broken: asyncio.Future[StorageError] | None = None

    # -- life -----------------------------------------------------------------------------------------------------

    async def launch(self, workflows: Mapping[str, Workflow], keep: Iterable[str] | None) -> list[str]:
        """Start executing.

        Args:
            workflows: Name to body; a body takes one JSON-able dict.
            keep: Prefixes of workflow ids this process was asked to run; everything else left active by an earlier
                process is parked first. Null parks nothing.

        Returns:
            The ids that were parked.
        """
        self._broken = asyncio.get_running_loop().create_future()
        self._system_engine = _system_engine(self._options.system_url)
        parked = await asyncio.to_thread(self._prepare, None if keep is None else tuple(keep))
        DBOS(config=self._config())
        for name, body in workflows.items():
            DBOS.workflow(name=name)(self._tracked(name, body))
        self._datasource = await AsyncSQLAlchemyDatasource.create(
            database_url=self._app_engine.url.render_as_string(hide_password=False), engine=self._app_engine
        )
        DBOS.launch()
        return parked

    async def shutdown(self) -> None:
        """Stop at once; what was running is found again by `launch`."""
        tasks = [task for task in self._running if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="admint"))  # DBOS closes the one it installed
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        if self._system_engine is not None:
            self._system_engine.dispose()

    def _config(self) -> DBOSConfig:
        config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_url": self._options.system_url,
            "application_version": APPLICATION_VERSION,
            "executor_id": self._options.executor_id,
            "log_level": "ERROR",
            "notification_listener_polling_interval_sec": self._options.poll_s,
        }
        if self._system_engine is not None and self._system_engine.dialect.name == "sqlite":
            config["system_database_engine"] = self._system_engine
        return config

    def _prepare(self, keep: tuple[str, ...] | None) -> list[str]:
        """Register the queues and park unfinished work, both before the launch that would act on them."""
        if not _has_system_tables(self._system_engine):
            DBOS.migrate(self._options.system_url)
        client = DBOSClient(
            system_database_url=self._options.system_url,
            system_database_engine=self._system_engine,
            application_name=_APPLICATION,
        )
        try:
            for queue in self._options.queues:
                client.register_queue(
                    queue.name,
                    worker_concurrency=queue.per_worker,
                    global_concurrency=queue.overall,
                    polling_interval_sec=self._options.poll_s,
                )
            return [] if keep is None else _park_others(client, keep)
        finally:
            client.destroy()

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

    async def run_child(self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any]) -> Any:
        """See ports.durable.Durable. The empty context keeps the child out of the parent's step numbers."""

        async def body() -> Any:
            await self.enqueue(workflow, workflow_id, queue, argument)
            return await self.wait(workflow_id)

        return await asyncio.create_task(body(), context=contextvars.Context())

    async def receive(self, topic: str, timeout_s: float) -> Any | None:
        """See ports.durable.Durable."""
        return await DBOS.recv_async(topic, timeout_seconds=timeout_s)

    # -- from outside (Engine port) -----------------------------------------------------------------------------------

    async def enqueue(self, workflow: str, workflow_id: str, queue: str, argument: dict[str, Any]) -> None:
        """See ports.durable.Engine; a parked workflow is put back on its queue."""
        status = await DBOS.get_workflow_status_async(workflow_id)
        if status is None:
            await DBOS.enqueue_workflow_with_options_async(
                {
                    "workflow_name": workflow,
                    "queue_name": queue,
                    "workflow_id": workflow_id,
                    "app_version": APPLICATION_VERSION,
                },
                argument,
            )
        elif status.status == "CANCELLED":
            await DBOS.resume_workflow_async(workflow_id, queue_name=queue)

    async def send(self, workflow_id: str, topic: str, message: Any, idempotency_key: str) -> None:
        """See ports.durable.Engine."""
        await DBOS.send_async(workflow_id, message, topic, idempotency_key=idempotency_key)

    async def wait(self, workflow_id: str) -> Any:
        """See ports.durable.Engine.

        Raises:
            Interrupted: The workflow was cancelled or parked.
            StorageError: The engine can't write any more, so no outcome will ever be recorded.
        """
        result = asyncio.ensure_future(self._result(workflow_id))
        assert self._broken is not None
        await asyncio.wait([result, self._broken], return_when=asyncio.FIRST_COMPLETED)
        if not result.done():
            result.cancel()
            raise self._broken.result()
        return await result

    async def _result(self, workflow_id: str) -> Any:
        handle: Any = await DBOS.retrieve_workflow_async(workflow_id)
        try:
            return await handle.get_result(polling_interval_sec=_RESULT_POLL_S)
        except DBOSAwaitedWorkflowCancelledError as error:
            raise Interrupted("The run was stopped.", hint="`admint resume` goes on from where it was.") from error

    async def cancel(self, workflow_id: str) -> None:
        """See ports.durable.Engine."""
        active = await DBOS.list_workflows_async(workflow_id_prefix=workflow_id, status=_ACTIVE, load_input=False)
        if active:
            await DBOS.cancel_workflows_async([w.workflow_id for w in active])

    async def state(self, workflow_id: str) -> str:
        """Return the engine's own word for a workflow's state; raises NotFound."""
        status = await DBOS.get_workflow_status_async(workflow_id)
        if status is None:
            raise NotFound(f"There is no run {workflow_id}.")
        return status.status

    async def runs(self, prefix: str) -> list[str]:
        """Return the ids of all workflows that start with `prefix`, oldest first."""
        found = await DBOS.list_workflows_async(workflow_id_prefix=prefix, load_input=False, load_output=False)
        return [w.workflow_id for w in found]

    def _tracked(self, name: str, body: Workflow) -> Workflow:
        """Wrap a body so that `shutdown` can cancel it before the engine's threads are gone."""

        async def run(argument: dict[str, Any]) -> Any:
            task = asyncio.current_task()
            assert task is not None
            self._running.add(task)
            try:
                return await body(argument)
            except sa.exc.OperationalError as error:
                self._note_full_disk(error)
                raise
            finally:
                self._running.discard(task)

        run.__name__ = run.__qualname__ = name
        return run

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


def _park_others(client: DBOSClient, keep: tuple[str, ...]) -> list[str]:
    active = client.list_workflows(status=_ACTIVE, load_input=False, load_output=False)
    others = [each.workflow_id for each in active if not (keep and each.workflow_id.startswith(keep))]
    if others:
        client.cancel_workflows(others)
    return others


def _system_engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=5)
    Path(sa.make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _has_system_tables(engine: sa.Engine | None) -> bool:
    assert engine is not None
    try:
        schema = None if engine.dialect.name == "sqlite" else "dbos"
        return sa.inspect(engine).has_table("workflow_status", schema=schema)
    except sa.exc.OperationalError as error:
        raise ConfigError(
            "The engine's database can't be opened.", hint="Check ADMINT_HOME or DATABASE_URL, then try again."
        ) from error
