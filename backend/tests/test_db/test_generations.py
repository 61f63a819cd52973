"""Generations: their way is recorded, stale edits are refused, and nobody reads another's."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import Conflict, NotFound
from app.db.models import Clip, Generation
from app.db.repositories import documents, generations, sql, users
from app.db.session import session_factory
from app.kit.ids import new_id
from app.schemas.unified_pipeline import StageName, Status, VideoClip

OWNER = users.LOCAL_USER_ID
WAY: list[tuple[Status, StageName | None]] = [
    ("story", "story"),
    ("references", "reference_images"),
    ("scenes", "scenes"),
    ("videos", "videos"),
    ("completed", None),
]


@pytest.mark.ac("AC-1.7")
async def test_the_whole_way_of_a_generation_is_recorded(db_engine: AsyncEngine, stored_generation: str) -> None:
    for status, stage in WAY:
        async with session_factory(db_engine).begin() as session:
            await generations.set_status(session, stored_generation, status, current_stage=stage)
    async with session_factory(db_engine)() as session:
        row = await generations.require(session, stored_generation)
        way = await generations.history(session, stored_generation)
    assert (row.status, row.current_stage) == ("completed", None)
    assert row.completed_at is not None
    assert row.updated_at > row.created_at
    assert [(each.status, each.current_stage) for each in way] == [("pending", None), *WAY]
    assert [each.at for each in way] == sorted(each.at for each in way)


async def test_the_same_state_again_is_recorded_once(db_engine: AsyncEngine, stored_generation: str) -> None:
    async with session_factory(db_engine).begin() as session:
        for substage in ("awaiting_approval", "awaiting_approval", None):
            await generations.set_status(session, stored_generation, "story", substage, "story")
        way = await generations.history(session, stored_generation)
    assert [(each.status, each.substage) for each in way][1:] == [("story", "awaiting_approval"), ("story", None)]


@pytest.mark.ac("AC-1.7")
async def test_a_failure_keeps_the_stage_and_a_retry_clears_it(db_engine: AsyncEngine, stored_generation: str) -> None:
    async with session_factory(db_engine).begin() as session:
        await generations.set_status(session, stored_generation, "videos", current_stage="videos")
        row = await generations.fail(session, stored_generation, "media_error", "Clip 2 broke.", "needs_retry")
        assert (row.status, row.substage, row.current_stage) == ("failed", "needs_retry", "videos")
        assert (row.error_code, row.error_message, row.completed_at) == ("media_error", "Clip 2 broke.", None)
        row = await generations.set_status(session, stored_generation, "videos", current_stage="videos")
        assert (row.error_code, row.error_message) == (None, None)


async def test_an_edit_of_a_stale_version_is_refused(db_engine: AsyncEngine, stored_generation: str) -> None:
    factory = session_factory(db_engine)
    async with factory.begin() as session:
        seen = (await generations.require(session, stored_generation)).version
        row = await generations.edit(session, stored_generation, {"title": "First"}, user_id=OWNER, version=seen)
        assert row.version == seen + 1
    async with factory() as session:
        with pytest.raises(Conflict, match="changed"):
            await generations.edit(session, stored_generation, {"title": "Second"}, user_id=OWNER, version=seen)
    async with factory() as session:
        assert (await generations.require(session, stored_generation)).title == "First"


async def test_a_flush_of_a_stale_row_is_a_conflict(db_engine: AsyncEngine, stored_generation: str) -> None:
    factory = session_factory(db_engine)
    async with factory() as stale:
        row = await stale.get_one(Generation, stored_generation)
        await stale.commit()
        async with factory.begin() as session:
            await generations.edit(session, stored_generation, {"favourite": True}, user_id=OWNER)
        row.title = "From yesterday"
        with pytest.raises(Conflict, match="changed"):
            await sql.flush(stale)


async def test_a_writer_refreshes_what_its_session_read_long_ago(
    db_engine: AsyncEngine, stored_generation: str
) -> None:
    factory = session_factory(db_engine)
    async with factory() as session:
        read_long_ago = await generations.require(session, stored_generation)
        await session.commit()
        async with factory.begin() as other:
            await generations.edit(other, stored_generation, {"title": "Theirs"}, user_id=OWNER)
        assert read_long_ago.title is None
        row = await generations.set_status(session, stored_generation, "story")
        await session.commit()
    assert row is read_long_ago
    assert (row.title, row.status) == ("Theirs", "story")


async def test_clips_that_land_at_the_same_moment_all_stay(db_engine: AsyncEngine, stored_generation: str) -> None:
    async def land(index: int) -> None:
        async with session_factory(db_engine).begin() as session:
            clip = VideoClip(scene_id=index + 1, clip_index=index, status="complete", progress=100)
            await generations.upsert_clip_json(session, stored_generation, clip)

    await asyncio.gather(*(land(index) for index in range(8)))
    async with session_factory(db_engine)() as session:
        row = await generations.require(session, stored_generation)
    assert [clip.scene_id for clip in documents.video_clips_of(row)] == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_only_the_owner_finds_it_and_nobody_once_it_is_deleted(
    db_engine: AsyncEngine, stored_generation: str
) -> None:
    stranger = new_id()
    async with session_factory(db_engine).begin() as session:
        assert await generations.get(session, stored_generation, user_id=stranger) is None
        with pytest.raises(NotFound):
            await generations.soft_delete(session, stored_generation, user_id=stranger)
        await generations.soft_delete(session, stored_generation, user_id=OWNER)
        assert await generations.get(session, stored_generation) is None
        with pytest.raises(NotFound):
            await generations.restore(session, stored_generation, user_id=stranger)
        back = await generations.restore(session, stored_generation, user_id=OWNER)
        assert back == await generations.get(session, stored_generation)


@pytest.mark.parametrize("nonsense", ["", "42", "'; DROP TABLE users", "\x00"])
async def test_an_id_that_is_none_is_simply_not_found(db_engine: AsyncEngine, nonsense: str) -> None:
    async with session_factory(db_engine)() as session:
        with pytest.raises(NotFound):
            await generations.require(session, nonsense)


@pytest.mark.parametrize("db_engine", ["postgres"], indirect=True)
async def test_what_belongs_to_a_held_generation_is_stored_beside_it(
    db_engine: AsyncEngine, stored_generation: str
) -> None:
    """Whoever holds it may wait for one who stores an event or a clip of it: they must not wait for each other."""
    sessions = session_factory(db_engine)
    async with sessions.begin() as holder:
        await generations.lock(holder, stored_generation)
        await generations.control_of(holder, stored_generation, 1, hold=True)
        async with sessions.begin() as session:
            await session.execute(text("SET LOCAL lock_timeout = '10s'"))
            session.add(Clip(generation_id=stored_generation, clip_id=1, clip_index=0))
