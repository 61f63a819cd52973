"""The schema's versions: up and down on both engines, several processes at once, a database from the future."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.core.errors import ConfigError, StorageError
from app.db import session as db
from app.db.models import Base
from app.db.repositories import events, generations
from tests.fixtures.db import SESSION_ID, add_generation

VERSIONS = Path(db.__file__).parent / "migrations" / "versions"


def test_head_is_the_newest_file() -> None:
    assert max(path.name for path in VERSIONS.glob("[0-9]*.py")).partition("_")[0] == db.HEAD


async def test_up_down_up_keeps_what_the_older_version_knows(database_url: str) -> None:
    db.upgrade_database(database_url)
    engine = db.create_engine(database_url)
    async with db.session_factory(engine).begin() as session:
        generation_id = await add_generation(session)
        await events.append_event(session, SESSION_ID, generation_id, "status_changed", {"status": "pending"})
    await engine.dispose()

    db.downgrade_database(database_url, "0001")
    assert db.current_revision(database_url) == "0001"
    db.upgrade_database(database_url)
    assert db.current_revision(database_url) == db.HEAD

    async with db.session_factory(engine)() as session:
        assert (await generations.require(session, generation_id)).prompt == "A thermos for hikers"
        assert [row.seq for row in await events.since(session, SESSION_ID, 0)] == [1]
    await engine.dispose()


def test_down_to_nothing_and_up_again(database_url: str) -> None:
    db.upgrade_database(database_url)
    db.downgrade_database(database_url, "base")
    assert db.current_revision(database_url) is None
    with _connect(database_url) as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    db.upgrade_database(database_url)
    assert db.current_revision(database_url) == db.HEAD


def test_migrations_build_exactly_the_models(database_url: str) -> None:
    db.upgrade_database(database_url)
    with _connect(database_url) as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        options = {"compare_type": True, "include_object": _is_comparable if on_sqlite else None}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


def test_four_processes_upgrade_an_empty_database_at_once(sqlite_url: str) -> None:
    code = "import sys; from app.db.session import prepare_database; prepare_database(sys.argv[1])"
    running = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", code, sqlite_url], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    ended = [(process.communicate()[1], process.returncode) for process in running]
    assert ended == [("", 0)] * 4
    assert db.current_revision(sqlite_url) == db.HEAD


def test_a_database_of_a_newer_admint_is_refused(database_url: str) -> None:
    db.upgrade_database(database_url)
    with _connect(database_url) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    for call in (db.prepare_database, db.upgrade_database):
        with pytest.raises(ConfigError, match="newer AdMint") as caught:
            call(database_url)
        assert "9999" in caught.value.message
    with pytest.raises(ConfigError, match="newer AdMint"):
        db.downgrade_database(database_url, "base")


def test_sqlite_prepares_itself_and_postgres_asks_first(sqlite_url: str, postgres_url: str) -> None:
    db.prepare_database(sqlite_url)
    assert db.current_revision(sqlite_url) == db.HEAD
    with pytest.raises(ConfigError, match="schema version none") as caught:
        db.prepare_database(postgres_url)
    assert "admint db upgrade" in caught.value.hint
    assert db.current_revision(postgres_url) is None
    db.upgrade_database(postgres_url)
    db.prepare_database(postgres_url)


def test_a_migration_that_fails_leaves_nothing_behind(sqlite_url: str) -> None:
    with _connect(sqlite_url) as connection:
        connection.execute(sa.text("CREATE TABLE session_events (in_the_way INTEGER)"))
        connection.commit()
    with pytest.raises(StorageError):
        db.upgrade_database(sqlite_url)
    with _connect(sqlite_url) as connection:
        assert sa.inspect(connection).get_table_names() == ["session_events"]


def _connect(url: str) -> sa.Connection:
    parsed = db.parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(drivername="sqlite")
    return sa.create_engine(parsed, poolclass=sa.NullPool).connect()


def _is_comparable(_thing: object, name: str, kind: str, _reflected: bool, _counterpart: object) -> bool:
    """SQLite can't reflect descending indexes; test_schema.py reads those two from its own catalogue."""
    return not (kind == "index" and name in {"idx_generations_history", "idx_generations_created_at"})
