"""Whose places a queued workflow takes: written where DBOS's own calls leave it out.

DBOS takes from a queue with a limit per share only what was queued under one. What an AdMint without shares has queued
or parked would lie there for ever; it is given one here. Called by dbos_engine.py before its launch and by
dbos_client.py. Tests: tests/test_contracts/test_queues.py
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.durable.options import ACTIVE

NOBODY = ""
"""The share of work of which nobody knows whose it is."""


def give(engine: sa.Engine, workflow_id: str, share: str | None) -> None:
    """Put a parked workflow under a share, or under none, before it is queued again. Blocks."""
    table = _table(engine)
    with engine.begin() as connection:
        connection.execute(table.update().where(table.c.workflow_uuid == workflow_id).values(queue_partition_key=share))


def adopt(engine: sa.Engine, queues: Sequence[str]) -> None:
    """Put what was queued or is under way without a share under nobody's. Blocks."""
    table = _table(engine)
    strays = (table.c.queue_name.in_(queues), table.c.status.in_(ACTIVE), table.c.queue_partition_key.is_(None))
    with engine.begin() as connection:
        connection.execute(table.update().where(*strays).values(queue_partition_key=NOBODY))


def _table(engine: sa.Engine) -> sa.TableClause:
    columns = [sa.column(name, sa.String) for name in ("workflow_uuid", "status", "queue_name", "queue_partition_key")]
    return sa.table("workflow_status", *columns, schema=None if engine.dialect.name == "sqlite" else "dbos")
