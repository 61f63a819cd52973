"""What a launch must not start: unfinished work that this process was not asked to run is parked first.

On SQLite there is one process, so everything unfinished is an earlier one's. On Postgres others are alive: parked is
only what was running or queued under this process's own name, or under the name of a `run` that is dead.
Called by dbos_engine.py. Tests: tests/test_contracts/test_durable.py, tests/test_integration/test_slots.py
"""

from __future__ import annotations

import sqlalchemy as sa
from dbos import DBOSClient

from app.durable.options import ACTIVE, EngineOptions, private_queue
from app.durable.slots import dead_slots

_RUN = "run-"


def park(
    client: DBOSClient,
    engine: sa.Engine,
    options: EngineOptions,
    keep: tuple[str, ...] | None,
    drop: tuple[str, ...] = (),
) -> list[str]:
    """Park what must not start by surprise and return its ids. Blocks.

    Args:
        client: DBOS's client.
        engine: The blocking engine on its tables.
        options: This process.
        keep: Prefixes of ids to leave alone; null leaves all of this process's own work alone.
        drop: Prefixes of ids to park all the same, of this process's own work.
    """
    if engine.dialect.name == "sqlite":
        others = _all_but(client, keep, drop)
    else:
        others = _own_and_dead(client, engine, options, keep, drop)
    if others:
        client.cancel_workflows(others)
    return others


def _all_but(client: DBOSClient, keep: tuple[str, ...] | None, drop: tuple[str, ...]) -> list[str]:
    if keep is None and not drop:
        return []
    active = client.list_workflows(status=ACTIVE, load_input=False, load_output=False)
    return [each.workflow_id for each in active if not _is_kept(each.workflow_id, keep, drop)]


def _own_and_dead(
    client: DBOSClient,
    engine: sa.Engine,
    options: EngineOptions,
    keep: tuple[str, ...] | None,
    drop: tuple[str, ...],
) -> list[str]:
    found = _dead_runs_work(client, engine, options)
    if keep is None and not drop:
        return found
    own = _work_of(client, options, [options.executor_id])
    return found + [each for each in own if not _is_kept(each, keep, drop)]


def _dead_runs_work(client: DBOSClient, engine: sa.Engine, options: EngineOptions) -> list[str]:
    """What a `run` left that will not come back by itself: another launch may get another slot."""
    active = client.list_workflows(status=ACTIVE, load_input=False, load_output=False)
    named = {each.executor_id for each in active} | {(each.queue_name or "").partition("@")[2] for each in active}
    runs = sorted(name for name in named if name and name.startswith(_RUN) and name != options.executor_id)
    dead = dead_slots(engine, runs)
    return _work_of(client, options, dead)


def _work_of(client: DBOSClient, options: EngineOptions, executors: list[str]) -> list[str]:
    """Ids of what these executors were running, and of what waits in their own queues."""
    if not executors:
        return []
    running = client.list_workflows(status="PENDING", executor_id=executors, load_input=False, load_output=False)
    queues = [private_queue(plan.name, executor) for plan in options.queues for executor in executors]
    queued = client.list_workflows(status=ACTIVE, queue_name=queues, load_input=False, load_output=False)
    return list(dict.fromkeys(each.workflow_id for each in [*running, *queued]))


def _is_kept(workflow_id: str, keep: tuple[str, ...] | None, drop: tuple[str, ...]) -> bool:
    if keep is None:
        return not workflow_id.startswith(drop)
    return bool(keep) and workflow_id.startswith(keep)
