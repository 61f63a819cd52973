"""DBOS's own tables: open them, make them on first use, keep the library's log off the terminal.

Called by dbos_engine.py, dbos_client.py and slots.py. Tests: tests/test_contracts/test_durable.py
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient

from app.core.errors import ConfigError
from app.db.session import parse_url
from app.durable.options import APPLICATION

_FIRST_USE_LOCK = 7_165_010_403


def normal_url(url: str) -> str:
    """Return an address in the form that DBOS and a blocking engine take. Raises ConfigError."""
    return url if url.startswith("sqlite") else parse_url(url).render_as_string(hide_password=False)


def open_system_database(url: str) -> sa.Engine:
    """Return a blocking engine on DBOS's tables; SQLite writes ahead and survives a power cut."""
    if not url.startswith("sqlite"):
        return sa.create_engine(normal_url(url), pool_size=10, max_overflow=0, pool_pre_ping=True)
    Path(sa.make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def open_client(url: str, engine: sa.Engine) -> DBOSClient:
    """Return a client of DBOS's tables, which are made if need be. Blocks. Raises ConfigError: can't be opened."""
    with _first_use(engine):
        if not _has_tables(engine):
            DBOS.migrate(normal_url(url))
    return DBOSClient(system_database_url=normal_url(url), system_database_engine=engine, application_name=APPLICATION)


def quiet_library() -> None:
    """Send DBOS's log to ours: it puts a handler on standard error unless it finds one."""
    logger = logging.getLogger("dbos")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.ERROR)
    logger.propagate = True


@contextmanager
def _first_use(engine: sa.Engine) -> Iterator[None]:
    """Let one process at a time make the tables. SQLite has one process only."""
    if engine.dialect.name == "sqlite":
        yield
        return
    try:
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    except sa.exc.OperationalError as error:
        raise _unopened() from error
    with connection:
        # Asked for again and again, not waited for: DBOS builds indexes concurrently, which waits for every open query.
        while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_FIRST_USE_LOCK))):
            time.sleep(0.05)
        try:
            yield
        finally:
            connection.scalar(sa.select(sa.func.pg_advisory_unlock(_FIRST_USE_LOCK)))


def _has_tables(engine: sa.Engine) -> bool:
    try:
        schema = None if engine.dialect.name == "sqlite" else "dbos"
        return sa.inspect(engine).has_table("workflow_status", schema=schema)
    except sa.exc.OperationalError as error:
        raise _unopened() from error


def _unopened() -> ConfigError:
    return ConfigError(
        "The engine's database can't be opened.", hint="Check ADMINT_HOME or DATABASE_URL, then try again."
    )
