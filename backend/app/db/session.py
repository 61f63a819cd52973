"""The database itself: engine, sessions, schema version. Called by container.py, the CLI's `db` verbs and tests.

SQLite by default, Postgres (psycopg 3) by URL. The border that opens a session commits it; repositories never do.
Our engine is also the engine of the durable datasource, so rows, events and step records commit together.
Tests: tests/test_db/test_session.py, tests/test_db/test_migrations.py
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.core.errors import ConfigError, StorageError

HEAD = "0004"
"""The schema version this AdMint wants: the newest file of migrations/versions."""

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_PRAGMAS = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
_READ_ONLY = "admint_read_only"
_CLOSING_LOOK_S = 0.02
_CLOSING_LOOKS = 500
_UPGRADE_LOCK_KEY = 7_165_010_402
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def parse_url(url: str) -> sa.URL:
    """Return `url` with the driver AdMint uses.

    Raises:
        ConfigError: Not a database URL, not SQLite or Postgres, or a SQLite database without a file.
    """
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise ConfigError("DATABASE_URL is not a database URL.", hint=_URL_HINT) from error
    kind = parsed.drivername.partition("+")[0]
    if kind not in _DRIVERS:
        raise ConfigError(f"DATABASE_URL names '{kind}', which AdMint does not speak.", hint=_URL_HINT)
    if kind == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigError("DATABASE_URL names no file: AdMint keeps its work on disk.", hint=_URL_HINT)
    return parsed.set(drivername=_DRIVERS[kind])


_URL_HINT = "Use sqlite:///<file> or postgresql://<user>@<host>/<database>, or leave it empty."


def create_engine(url: str) -> AsyncEngine:
    """Return the engine for `url`; opens nothing yet.

    On SQLite every transaction begins with BEGIN IMMEDIATE, so that a read is never out of date by the write that
    follows it; `read_factory` opens plain ones. Readers and one writer run side by side (WAL), and a commit
    survives a power cut (synchronous FULL).

    Raises:
        ConfigError: As `parse_url`.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed, json_serializer=_to_json, pool_pre_ping=True)
    engine = create_async_engine(parsed, json_serializer=_to_json)
    _prepare_sqlite(engine.sync_engine)
    return engine


async def close_engine(engine: AsyncEngine) -> None:
    """Close every connection and open none any more: whoever comes later gets a StorageError, not a stray connection.

    A connection that is still in use is waited for; given back to a pool that was disposed of, it would stay open.
    """
    pool: Any = engine.pool
    for _ in range(_CLOSING_LOOKS):
        if not pool.checkedout():
            break
        await asyncio.sleep(_CLOSING_LOOK_S)
    event.listen(engine.sync_engine, "do_connect", _refuse)
    await engine.dispose()


def _refuse(*_: object) -> None:
    raise StorageError("The database is closed: this process is stopping.", hint="Start it again.")


def session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return the factory of sessions that may write. Keep them short: on SQLite an open one holds the write lock."""
    return async_sessionmaker(engine, expire_on_commit=False)


def read_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return the factory of sessions that only read: one consistent view, and nobody waits for them."""
    return async_sessionmaker(engine.execution_options(**{_READ_ONLY: True}), expire_on_commit=False)


def current_revision(url: str) -> str | None:
    """Return the schema version of the database at `url`, null when it has none. Blocks.

    Raises:
        StorageError: The database can't be opened.
    """
    with _connection(url) as connection:
        return _revision(connection)


def upgrade_database(url: str, revision: str = "head") -> None:
    """Bring the schema up to `revision`; safe from several processes at once. Blocks.

    Raises:
        ConfigError: A newer AdMint has written this database.
        StorageError: The database can't be opened.
    """
    with _upgrade_lock(parse_url(url)), _connection(url) as connection:
        _lock_schema(connection)
        found = _revision(connection)
        _refuse_newer(found)
        if found != HEAD:
            _run_alembic(connection, "upgrade", revision)


def downgrade_database(url: str, revision: str) -> None:
    """Take the schema down to `revision` (or "base"). What the newer tables held is lost. Blocks.

    Raises:
        ConfigError, StorageError: As `upgrade_database`.
    """
    with _upgrade_lock(parse_url(url)), _connection(url) as connection:
        _lock_schema(connection)
        _refuse_newer(_revision(connection))
        _run_alembic(connection, "downgrade", revision)


def prepare_database(url: str) -> None:
    """Make the database ready at start: SQLite upgrades itself, Postgres must have been upgraded. Blocks.

    Raises:
        ConfigError: A newer AdMint has written it, or Postgres awaits its upgrade.
        StorageError: The database can't be opened.
    """
    if parse_url(url).get_backend_name() == "sqlite":
        upgrade_database(url)
        return
    found = current_revision(url)
    _refuse_newer(found)
    if found != HEAD:
        raise ConfigError(
            f"The database is at schema version {found or 'none'}; this AdMint needs {HEAD}.",
            hint="Run: admint db upgrade",
        )


def _to_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _ESCAPED_NUL.sub(r"\1", text) if "\\u0000" in text else text


def _prepare_sqlite(engine: sa.Engine) -> None:
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # Said in full rather than through the driver's isolation_level, which the durable datasource resets.
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


@contextmanager
def _connection(url: str) -> Iterator[sa.Connection]:
    parsed = parse_url(url)
    engine = sa.create_engine(_sync_url(parsed), poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        _prepare_sqlite(engine)
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        raise StorageError(
            f"The database {parsed.render_as_string(hide_password=True)} can't be opened: {error.orig}".strip(),
            hint="Check DATABASE_URL, the folder's permissions and the free space, or start the server.",
        ) from error
    finally:
        engine.dispose()


def _sync_url(parsed: sa.URL) -> sa.URL:
    return parsed.set(drivername="sqlite") if parsed.get_backend_name() == "sqlite" else parsed


@contextmanager
def _upgrade_lock(parsed: sa.URL) -> Iterator[None]:
    if parsed.get_backend_name() != "sqlite":
        yield
        return
    path = Path(f"{parsed.database}.upgrade.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lock_schema(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_lock(_UPGRADE_LOCK_KEY)))
    connection.commit()


def _revision(connection: sa.Connection) -> str | None:
    found: str | None = None
    if sa.inspect(connection).has_table("alembic_version"):
        found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    connection.rollback()
    return found


def _refuse_newer(found: str | None) -> None:
    known = {path.name.partition("_")[0] for path in _versions_folder().glob("[0-9]*.py")}
    if found is not None and found not in known:
        raise ConfigError(
            f"This database was written by a newer AdMint (schema version {found}; this one knows {HEAD}).",
            hint="Update AdMint, or point DATABASE_URL at another database.",
        )


def _versions_folder() -> Path:
    return Path(__file__).parent / "migrations" / "versions"


def _run_alembic(connection: sa.Connection, verb: str, revision: str) -> None:
    # Imported here: only a process that changes the schema pays for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_versions_folder().parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    getattr(command, verb)(config, revision)


def unwritable(error: OperationalError) -> bool:
    """True when SQLite says, in one of its two ways, that the disk takes no more."""
    return any(words in str(error.orig) for words in ("database or disk is full", "disk I/O error"))
