"""Groups: listed and found by their owner only, alive as long as one ad is, one winner that is a finished member."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict, InvalidInput, NotFound
from app.db.repositories import generations, groups, users
from app.kit.ids import new_id
from tests.fixtures.db import add_generation

ME = users.LOCAL_USER_ID


async def _group(session: AsyncSession, *statuses: str, title: str = "A thermos") -> tuple[str, list[str]]:
    await users.ensure_local_user(session)
    group_id = (await groups.create(session, new_id(), ME, title=title)).id
    return group_id, [await add_generation(session, group_id=group_id, status=status) for status in statuses]


async def test_groups_are_listed_newest_first_with_their_counts(db_session: AsyncSession) -> None:
    older, _ = await _group(db_session, "completed", "videos", title="older")
    newer, _ = await _group(db_session, "completed", title="newer")
    await add_generation(db_session)
    first = await groups.list_page(db_session, ME, limit=1)
    assert [(row.group.id, row.members, row.completed) for row in first.rows] == [(newer, 1, 1)]
    rest = await groups.list_page(db_session, ME, limit=1, cursor=first.next_cursor)
    assert [(row.group.id, row.members, row.completed) for row in rest.rows] == [(older, 2, 1)]
    assert rest.next_cursor is None
    with pytest.raises(InvalidInput, match="cursor"):
        await groups.list_page(db_session, ME, cursor="nonsense")


async def test_a_group_ends_with_its_last_ad(db_session: AsyncSession) -> None:
    group_id, made = await _group(db_session, "completed", "completed")
    await generations.soft_delete(db_session, made[0], user_id=ME)
    assert [row.id for row in await groups.members(db_session, group_id, ME)] == [made[1]]
    await generations.soft_delete(db_session, made[1], user_id=ME)
    assert (await groups.list_page(db_session, ME)).rows == []
    with pytest.raises(NotFound):
        await groups.members(db_session, group_id, ME)


async def test_the_winner_is_one_finished_member_or_none(db_session: AsyncSession) -> None:
    group_id, made = await _group(db_session, "completed", "completed", "videos")
    assert (await groups.set_winner(db_session, group_id, ME, made[0])).winner_id == made[0]
    assert (await groups.set_winner(db_session, group_id, ME, made[1])).winner_id == made[1]
    with pytest.raises(Conflict, match="not finished"):
        await groups.set_winner(db_session, group_id, ME, made[2])
    stranger = await add_generation(db_session, status="completed")
    for wrong in (stranger, new_id(), "nonsense"):
        with pytest.raises(InvalidInput, match="not one of this group"):
            await groups.set_winner(db_session, group_id, ME, wrong)
    assert (await groups.require(db_session, group_id, ME)).winner_id == made[1]
    assert (await groups.set_winner(db_session, group_id, ME, None)).winner_id is None


@pytest.mark.parametrize("group_id", ["own", "00000000-0000-7000-8000-00000000beef", "nonsense"])
async def test_another_users_group_does_not_exist(db_session: AsyncSession, group_id: str) -> None:
    mine, made = await _group(db_session, "completed")
    other = (await users.create(db_session, "someone@example.com", "x")).id
    wanted = mine if group_id == "own" else group_id
    with pytest.raises(NotFound):
        await groups.require(db_session, wanted, other)
    with pytest.raises(NotFound):
        await groups.members(db_session, wanted, other)
    with pytest.raises(NotFound):
        await groups.set_winner(db_session, wanted, other, made[0])
    assert (await groups.list_page(db_session, other)).rows == []
