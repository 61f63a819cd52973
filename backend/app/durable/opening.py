"""Which engine a process has, by its kind and its database. Called by app/container.py.

SQLite: one executing process, guarded by the container's file lock. Postgres: any number; each that executes holds a
slot, and an `api` process is a client only. Tests: tests/test_integration/test_slots.py
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import ConfigError
from app.core.settings import Settings
from app.durable.dbos_client import DbosClientEngine
from app.durable.dbos_engine import DbosEngine
from app.durable.options import EngineOptions, ProcessKind, QueuePlan
from app.durable.slots import Slot, take_slot


@dataclass(frozen=True)
class Engines:
    """A process's two ports of the engine; `executor` is never launched in an `api` process."""

    engine: DbosEngine | DbosClientEngine
    executor: DbosEngine
    slot: Slot | None


def open_engines(
    settings: Settings, kind: ProcessKind, queues: tuple[QueuePlan, ...], database: AsyncEngine
) -> Engines:
    """Build the engine of a process and take its slot; nothing is launched yet. Blocks.

    Raises:
        ConfigError: `api` or `worker` on SQLite, which has exactly one process.
        Conflict: The slot that ADMINT_EXECUTOR_ID names is another live process's.
        StorageError: The database can't be reached.
    """
    if settings.is_sqlite and kind in ("api", "worker"):
        raise ConfigError(
            f"A process of kind {kind!r} needs Postgres; on SQLite exactly one process does everything.",
            hint="Use `admint serve`, or set DATABASE_URL to a Postgres database.",
        )
    role = "run" if kind == "run" else "worker"
    executes = kind != "api" and not settings.is_sqlite
    slot = take_slot(settings.engine_url, role, settings.executor_id) if executes else None
    options = EngineOptions(
        system_url=settings.engine_url,
        executor_id=slot.name if slot is not None else settings.executor_id or "local-0",
        poll_s=settings.queue_poll_s,
        queues=queues,
        crash_at=settings.crash_at,
        private=kind == "run" and slot is not None,
    )
    executor = DbosEngine(options, database, slot)
    return Engines(DbosClientEngine(options) if kind == "api" else executor, executor, slot)


async def close_engines(engines: Engines) -> None:
    """Stop executing and give the slot back, in this order."""
    await engines.engine.shutdown()
    if engines.slot is not None:
        await asyncio.to_thread(engines.slot.release)
