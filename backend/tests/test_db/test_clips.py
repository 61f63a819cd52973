"""Takes: counted a scene, adopted after a restart, never overwritten."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.db.repositories import clips, documents
from app.schemas.providers import RemoteJob
from tests.fixtures.db import add_generation


async def _take(session: AsyncSession, generation_id: str, clip_id: int = 1, digest: str = "d") -> str:
    new = clips.NewTake(generation_id=generation_id, clip_id=clip_id, clip_index=clip_id - 1, digest=digest)
    return (await clips.start_take(session, new)).id


async def test_a_step_that_runs_again_adopts_its_take(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    first = await _take(db_session, generation_id)
    await clips.set_status(db_session, first, "rendering")
    assert await _take(db_session, generation_id) == first


@pytest.mark.ac("AC-3.7")
async def test_a_retry_is_a_new_take_and_the_old_one_stays(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    first = await _take(db_session, generation_id)
    await clips.fail(db_session, first, "media_error", "The encoder stopped.")
    second = await _take(db_session, generation_id)
    await clips.finish(db_session, second, "clips/1-2.mp4", 1.5)
    old, new = await clips.require(db_session, first), await clips.require(db_session, second)
    assert (old.take, old.clip_index, old.status, old.error_code) == (1, 0, "failed", "media_error")
    assert old.error_message == "The encoder stopped."
    assert (new.take, new.status, new.storage_key, new.duration) == (2, "complete", "clips/1-2.mp4", 1.5)
    assert new.finished_at is not None


async def test_the_newest_take_of_each_scene_in_stitch_order(db_session: AsyncSession) -> None:
    generation_id, other = await add_generation(db_session), await add_generation(db_session)
    await _take(db_session, other, clip_id=9)
    for clip_id in (2, 1):
        await clips.finish(db_session, await _take(db_session, generation_id, clip_id), f"{clip_id}.mp4", 1.0)
    await clips.fail(db_session, await _take(db_session, generation_id, 1), "media_error", "no")
    found = [(row.clip_id, row.take, row.status) for row in await clips.latest(db_session, generation_id)]
    assert found == [(1, 2, "failed"), (2, 1, "complete")]
    kept = [(row.clip_id, row.take) for row in await clips.latest(db_session, generation_id, status="complete")]
    assert kept == [(1, 1), (2, 1)]


async def test_a_submitted_job_is_found_again(db_session: AsyncSession) -> None:
    take = await _take(db_session, await add_generation(db_session))
    job = RemoteJob(id="p-1", provider="local", model="m", clip_id=1, output_key="k")
    row = await clips.save_remote_job(db_session, take, job)
    await db_session.refresh(row)
    assert documents.remote_job_of(row) == job
    assert row.provider == "local"


@pytest.mark.parametrize("take_id", ["00000000-0000-7000-8000-00000000beef", "nonsense"])
async def test_a_take_that_is_none_is_not_found(db_session: AsyncSession, take_id: str) -> None:
    with pytest.raises(NotFound):
        await clips.finish(db_session, take_id, "k", 1.0)
