"""Takes: counted a scene, adopted after a restart, never overwritten."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.db.repositories import clips, documents, generations, users
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


async def test_a_copied_clip_is_a_take_of_its_own(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    left = await _take(db_session, generation_id)
    new = clips.NewTake(generation_id=generation_id, clip_id=1, clip_index=0, digest="d")
    copied = await clips.start_take(db_session, new, anew=True)
    assert (copied.take, (await clips.require(db_session, left)).status) == (2, "failed")


async def test_a_take_of_a_scene_that_changed_meanwhile_is_ended(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    left = await _take(db_session, generation_id)
    newer = await _take(db_session, generation_id, digest="changed")
    old, new = await clips.require(db_session, left), await clips.require(db_session, newer)
    assert (old.status, old.error_code, new.take, new.finished_at) == ("failed", "interrupted", 2, None)


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


async def _twins(session: AsyncSession, **values: object) -> tuple[str, str, str]:
    """Two generations of the local user, the other one with a take of digest `d`; values are that generation's."""
    mine = await add_generation(session)
    other = await add_generation(session, **{"status": "videos", **values})
    return mine, other, await _take(session, other)


async def test_a_finished_twin_is_found_in_another_ad_of_the_user(db_session: AsyncSession) -> None:
    mine, other, take = await _twins(db_session)
    assert await clips.complete_twin(db_session, mine, "d") is None
    await clips.finish(db_session, take, "k.mp4", 1.0)
    found = await clips.complete_twin(db_session, mine, "d")
    assert found is not None
    assert (found.id, found.storage_key) == (take, "k.mp4")
    assert await clips.complete_twin(db_session, mine, "other content") is None
    assert await clips.complete_twin(db_session, mine, "d", skip=[take]) is None
    assert await clips.complete_twin(db_session, other, "d") is None


async def test_a_deleted_ads_clip_and_another_users_are_no_twins(db_session: AsyncSession) -> None:
    mine, other, take = await _twins(db_session)
    await clips.finish(db_session, take, "k.mp4", 1.0)
    stranger = (await users.create(db_session, "someone@example.com", "x")).id
    foreign = await add_generation(db_session, user_id=stranger)
    assert await clips.complete_twin(db_session, foreign, "d") is None
    await generations.soft_delete(db_session, other, user_id=users.LOCAL_USER_ID)
    assert await clips.complete_twin(db_session, mine, "d") is None


@pytest.mark.parametrize(
    ("state", "free", "paid"),
    [
        ({}, True, True),
        ({"substage": "interrupted"}, False, True),
        ({"status": "failed", "substage": "needs_retry"}, False, True),
        ({"substage": "cancelled"}, False, False),
        ({"status": "completed"}, False, False),
    ],
)
async def test_a_stopped_ad_gives_up_a_free_clip_but_a_paid_one_only_when_cancelled(
    db_session: AsyncSession, state: dict[str, str], free: bool, paid: bool
) -> None:
    mine, other, take = await _twins(db_session, **state)
    await clips.lock_claims(db_session, mine)
    assert await clips.filmed_elsewhere(db_session, mine, "d", paid=False) is free
    assert await clips.filmed_elsewhere(db_session, mine, "d", paid=True) is paid
    assert not await clips.filmed_elsewhere(db_session, other, "d", paid=True)
    await clips.finish(db_session, take, "k.mp4", 1.0)
    assert not await clips.filmed_elsewhere(db_session, mine, "d", paid=True)
