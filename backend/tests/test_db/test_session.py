"""Engine and sessions: what SQLite is told, who waits for whom, and what a wrong URL says."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import ConfigError, StorageError
from app.db import session as db
from app.db.models import Generation, Session
from app.db.repositories import sessions, users
from app.kit.ids import new_id
from tests.fixtures.db import SESSION_ID


async def test_sqlite_is_durable_patient_and_strict(sqlite_url: str) -> None:
    db.upgrade_database(sqlite_url)
    engine = db.create_engine(sqlite_url)
    async with engine.connect() as connection:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        found = [await connection.scalar(text(f"PRAGMA {name}")) for name in names]
    await engine.dispose()
    assert found == ["wal", 2, 30000, 1]


@pytest.mark.parametrize("isolation", [None, "SERIALIZABLE"])
async def test_a_session_that_may_write_holds_the_write_lock_from_its_first_read(
    sqlite_url: str, isolation: str | None
) -> None:
    """The durable datasource sets SERIALIZABLE, which resets the driver's isolation_level."""
    db.upgrade_database(sqlite_url)
    engine = db.create_engine(sqlite_url)
    for _ in range(2):
        async with db.session_factory(engine)() as session:
            if isolation:
                await session.connection(execution_options={"isolation_level": isolation})
            await session.execute(text("SELECT 1"))
            assert _is_write_locked(sqlite_url)
    async with db.read_factory(engine)() as session:
        await session.execute(text("SELECT 1 FROM users"))
        assert not _is_write_locked(sqlite_url)
    await engine.dispose()


async def test_a_closed_engine_has_waited_for_its_users_and_opens_nothing_more(sqlite_url: str) -> None:
    db.upgrade_database(sqlite_url)
    engine, begun, told = db.create_engine(sqlite_url), asyncio.Event(), asyncio.Event()

    async def reading() -> None:
        async with db.read_factory(engine)() as session:
            await session.execute(text("SELECT 1"))
            begun.set()
            await told.wait()

    reader = asyncio.ensure_future(reading())
    await begun.wait()
    closing = asyncio.ensure_future(db.close_engine(engine))
    await asyncio.sleep(0.05)
    assert not closing.done()
    told.set()
    await asyncio.gather(reader, closing)
    with pytest.raises(StorageError, match="The database is closed"):
        await reading()


def _is_write_locked(url: str) -> bool:
    other = sqlite3.connect(db.parse_url(url).database or "", timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    finally:
        other.close()
    return False


async def test_a_reader_sees_one_moment_while_a_writer_commits(db_engine: AsyncEngine, stored_generation: str) -> None:
    async with db.read_factory(db_engine)() as reader:
        before = await reader.scalar(text("SELECT seq FROM sessions"))
        async with db.session_factory(db_engine).begin() as writer:
            await writer.execute(text("UPDATE sessions SET seq = 7"))
        assert before == 0
    async with db.read_factory(db_engine)() as reader:
        assert await reader.scalar(text("SELECT seq FROM sessions")) == 7


async def test_reading_then_writing_loses_no_update_on_sqlite(sqlite_url: str) -> None:
    db.upgrade_database(sqlite_url)
    engine = db.create_engine(sqlite_url)
    factory = db.session_factory(engine)
    async with factory.begin() as session:
        user = await users.ensure_local_user(session)
        await sessions.ensure(session, SESSION_ID, user.id)

    async def raise_by_one() -> None:
        async with factory.begin() as session:
            row = await session.get_one(Session, SESSION_ID)
            row.seq += 1

    await asyncio.gather(*(raise_by_one() for _ in range(10)))
    async with factory() as session:
        assert (await session.get_one(Session, SESSION_ID)).seq == 10
    await engine.dispose()


async def test_foreign_keys_are_enforced(db_session: AsyncSession) -> None:
    db_session.add(Generation(user_id=new_id(), prompt="an orphan"))
    with pytest.raises(IntegrityError):
        await db_session.flush()


async def test_a_status_the_spec_does_not_know_is_refused(db_engine: AsyncEngine, stored_generation: str) -> None:
    async with db.session_factory(db_engine)() as session:
        row = await session.get_one(Generation, stored_generation)
        row.status = "almost"
        with pytest.raises(IntegrityError):
            await session.flush()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "not a database URL"),
        ("mysql://root@localhost/ads", "mysql"),
        ("sqlite://", "names no file"),
        ("sqlite+aiosqlite:///:memory:", "names no file"),
    ],
)
def test_a_url_we_cannot_use_is_refused_with_the_way_out(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        db.create_engine(url)
    assert "postgresql://" in caught.value.hint


def test_common_spellings_get_our_driver() -> None:
    assert db.parse_url("postgres://u@h/d").drivername == "postgresql+psycopg"
    assert db.parse_url("sqlite:///a.db").drivername == "sqlite+aiosqlite"


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(StorageError) as caught:
        db.current_revision("postgresql://ann:hunter2@127.0.0.1:1/ads?connect_timeout=2")
    assert "127.0.0.1:1" in caught.value.message
    assert "hunter2" not in str(caught.value)
