"""The history list: stable keyset pages, filters, nothing wide loaded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import InvalidInput
from app.db.models import GenerationGroup
from app.db.repositories import generations, users
from app.db.repositories.generation_lists import Face, ListFilter, faces, list_page
from app.db.session import session_factory
from tests.fixtures.db import SESSION_ID, add_generation

OWNER = users.LOCAL_USER_ID
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def _add_five(session: AsyncSession) -> list[str]:
    """Newest first; the middle three share one timestamp, so that only the id orders them."""
    moments = [NOON, *[NOON + timedelta(hours=1)] * 3, NOON + timedelta(hours=2)]
    added = [(moment, await add_generation(session, created_at=moment)) for moment in moments]
    return [generation_id for _, generation_id in sorted(added, reverse=True)]


async def test_pages_show_everything_once_while_new_ones_arrive(db_engine: AsyncEngine) -> None:
    factory, seen, cursor = session_factory(db_engine), [], None
    async with factory.begin() as session:
        expected = await _add_five(session)
    for _ in range(3):
        async with factory.begin() as session:
            page = await list_page(session, OWNER, limit=2, cursor=cursor)
            await add_generation(session, "newer than all", created_at=NOON + timedelta(days=1))
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
    assert seen == expected
    assert cursor is None


async def test_filters_narrow_the_list(db_session: AsyncSession) -> None:
    group = GenerationGroup(user_id=OWNER)
    await users.ensure_local_user(db_session)
    db_session.add(group)
    await db_session.flush()
    tea = await add_generation(
        db_session, "Hot TEA, 100% organic", created_at=NOON, favourite=True, overall_quality_score=82.5
    )
    mug = await add_generation(
        db_session,
        "A mug",
        created_at=NOON + timedelta(days=1),
        tags=["Küche", "gift"],
        title="Mug_1",
        group_id=group.id,
    )
    await generations.set_status(db_session, mug, "story")

    async def found(**parts: object) -> list[str]:
        page = await list_page(db_session, OWNER, ListFilter.model_validate(parts))
        return [row.id for row in page.rows]

    assert await found() == [mug, tea]
    assert await found(status=["story", "scenes"]) == [mug]
    assert await found(created_from=NOON + timedelta(seconds=1)) == [mug]
    assert await found(created_from=NOON, created_to=NOON) == [tea]
    assert await found(min_score=82.5) == [tea]
    assert await found(min_score=83) == []
    assert await found(favourites=True) == [tea]
    assert await found(group_id=group.id) == [mug]
    assert await found(group_id="no such group") == []
    assert await found(session_id=SESSION_ID) == [mug, tea]
    assert await found(search="tea hot") == [tea]
    assert await found(search="küche") == [mug]
    assert await found(search="100%") == [tea]
    assert await found(search="%") == [tea]
    assert await found(search="_") == [mug]
    assert await found(search="tea mug") == []


async def test_deleted_ones_and_other_peoples_are_not_listed(db_session: AsyncSession) -> None:
    kept, gone = await add_generation(db_session), await add_generation(db_session)
    await generations.soft_delete(db_session, gone, user_id=OWNER)
    stranger = await users.create(db_session, "Someone@Example.com", "hash")
    assert [row.id for row in (await list_page(db_session, OWNER)).rows] == [kept]
    assert (await list_page(db_session, stranger.id)).rows == []


async def test_wide_columns_are_neither_read_nor_readable(db_engine: AsyncEngine, stored_generation: str) -> None:
    statements: list[str] = []
    event.listen(db_engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    async with session_factory(db_engine)() as session:
        row = (await list_page(session, OWNER)).rows[0]
        assert (row.id, row.prompt, row.tags) == (stored_generation, "A thermos for hikers", [])
        with pytest.raises(InvalidRequestError):
            row.video_clips  # noqa: B018
    listing = next(statement for statement in statements if "generations" in statement)
    assert "video_clips" not in listing
    assert "story_text" not in listing


async def test_a_page_has_the_pictures_and_labels_of_its_rows(db_session: AsyncSession) -> None:
    request = {"prompt": "A cup", "variant": {"label": "Question", "hook": 1}}
    drawn = await add_generation(db_session, storyboard={"3": "three.jpg", "2": "two.jpg"}, request=request)
    for stills in ({}, None):
        await add_generation(db_session, storyboard=stills)
    page = await list_page(db_session, OWNER)
    found = await faces(db_session, page.rows)
    assert found[drawn] == Face("two.jpg", "Question")
    assert {face for row, face in found.items() if row != drawn} == {Face(None, "")}
    assert await faces(db_session, []) == {}


async def test_the_list_uses_its_partial_index_on_sqlite(sqlite_url: str) -> None:
    import sqlite3

    from app.db import session as db

    db.upgrade_database(sqlite_url)
    connection = sqlite3.connect(db.parse_url(sqlite_url).database or "")
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT id FROM generations WHERE user_id = 'u' AND deleted_at IS NULL "
        "AND (created_at, id) < ('2026', 'x') ORDER BY created_at DESC, id DESC LIMIT 21"
    ).fetchall()
    connection.close()
    assert "idx_generations_history" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


@pytest.mark.parametrize("cursor", ["", "nonsense", "e30", "WyIyMDI2LTAxLTAxIiwieCJd", "ü", "WzEsMl0"])
async def test_a_cursor_that_is_not_ours_is_refused(db_session: AsyncSession, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        await list_page(db_session, OWNER, cursor=cursor)
