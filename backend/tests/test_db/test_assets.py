"""The library's rows: one per image and kind, found only by their owner, paged, tagged, counted, softly deleted."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import InvalidInput, NotFound
from app.db import session as db
from app.db.models import Asset
from app.db.repositories import assets, users
from app.db.repositories.assets import AssetFilter, NewAsset
from app.db.repositories.keyset import decode_cursor, encode_cursor
from app.kit.ids import new_id

ME = users.LOCAL_USER_ID
START = datetime(2026, 3, 1, tzinfo=UTC)


def _new(content: str, user_id: str = ME, **values: object) -> NewAsset:
    digest = hashlib.sha256(content.encode()).hexdigest()
    given: dict[str, object] = {
        "user_id": user_id,
        "kind": "product",
        "name": f"{content}.png",
        "storage_key": f"users/{user_id}/assets/{values.get('kind', 'product')}-{digest[:16]}.png",
        "digest": digest,
        "media_type": "image/png",
        "size_bytes": 1000,
        "width": 640,
        "height": 480,
    }
    return NewAsset.model_validate(given | values)


async def _add(session: AsyncSession, content: str, user_id: str = ME, **values: object) -> Asset:
    return await assets.add(session, _new(content, user_id, **values))


@pytest.fixture
async def other(db_session: AsyncSession) -> str:
    """Another person's id; the local user exists as well."""
    await users.ensure_local_user(db_session)
    return (await users.create(db_session, "someone@example.com", "x")).id


async def test_the_same_bytes_are_kept_once_a_kind_and_a_user(db_session: AsyncSession, other: str) -> None:
    first = await _add(db_session, "cup", tags=["red"])
    again = await _add(db_session, "cup", name="other name.png", tags=["blue", "red"])
    assert (again.id, again.name, again.tags) == (first.id, "cup.png", ["red", "blue"])
    assert (await _add(db_session, "cup", kind="logo")).id != first.id
    assert (await _add(db_session, "cup", other)).id != first.id
    await assets.remove(db_session, ME, first.id)
    assert (await _add(db_session, "cup")).id != first.id


async def test_tags_of_a_repeated_upload_stay_within_the_limit(db_session: AsyncSession, other: str) -> None:
    row = await _add(db_session, "cup", tags=[f"t{number}" for number in range(20)])
    with pytest.raises(InvalidInput, match="21 tags; 20 is the most"):
        await _add(db_session, "cup", tags=["one more"])
    assert (await _add(db_session, "cup", tags=["t3"])).id == row.id


async def test_parallel_uploads_of_the_same_bytes_make_one_row(db_engine: AsyncEngine) -> None:
    async with db.session_factory(db_engine).begin() as session:
        await users.ensure_local_user(session)

    async def upload() -> str:
        async with db.session_factory(db_engine).begin() as session:
            return (await _add(session, "cup")).id

    assert len(set(await asyncio.gather(*(upload() for _ in range(6))))) == 1
    async with db.read_factory(db_engine)() as session:
        assert await session.scalar(select(func.count()).select_from(Asset)) == 1


async def test_only_the_owner_finds_an_image_and_only_while_it_is_there(db_session: AsyncSession, other: str) -> None:
    row = await _add(db_session, "cup")
    assert (await assets.require(db_session, ME, row.id)).name == "cup.png"
    said = []
    for user_id, asset_id in ((other, row.id), (ME, new_id()), (ME, "nonsense"), (ME, "")):
        assert await assets.get(db_session, user_id, asset_id) is None
        for refused in (
            assets.require(db_session, user_id, asset_id),
            assets.rename(db_session, user_id, asset_id, "x"),
            assets.tag(db_session, user_id, asset_id, []),
            assets.remove(db_session, user_id, asset_id),
        ):
            with pytest.raises(NotFound) as error:
                await refused
            said.append(str(error.value))
    assert len(set(said)) == 1
    await assets.remove(db_session, ME, row.id)
    assert await assets.get(db_session, ME, row.id) is None


@pytest.mark.parametrize("form", ["urn:uuid:{}", "{{{}}}", "{}"])
async def test_an_id_in_any_spelling_is_no_database_error(db_session: AsyncSession, other: str, form: str) -> None:
    row = await _add(db_session, "cup")
    assert (await assets.require(db_session, ME, form.format(row.id.upper()))).id == row.id


async def test_find_takes_ids_and_keys_and_leaves_out_the_rest(db_session: AsyncSession, other: str) -> None:
    mine, gone, theirs = [await _add(db_session, "a"), await _add(db_session, "b"), await _add(db_session, "c", other)]
    await assets.remove(db_session, ME, gone.id)
    names = [mine.id, mine.storage_key, gone.id, gone.storage_key, theirs.id, theirs.storage_key, "\x00", "é/'", ""]
    found = await assets.find(db_session, ME, names)
    assert {name: row.id for name, row in found.items()} == {mine.id: mine.id, mine.storage_key: mine.id}
    assert await assets.find(db_session, ME, []) == {}


async def test_names_are_told_by_key_also_of_deleted_images(db_session: AsyncSession, other: str) -> None:
    cup, gone, theirs = [await _add(db_session, "a"), await _add(db_session, "b"), await _add(db_session, "c", other)]
    await assets.remove(db_session, ME, gone.id)
    keys = [gone.storage_key, theirs.storage_key, "elsewhere.png", cup.storage_key, gone.storage_key]
    assert await assets.names_of(db_session, ME, keys) == ["b.png", "a.png"]
    assert await assets.names_of(db_session, ME, []) == []


async def test_pages_are_newest_first_and_complete_while_rows_arrive(db_session: AsyncSession, other: str) -> None:
    for number in range(7):
        row = await _add(db_session, f"cup {number}")
        row.created_at = START + timedelta(hours=number // 2)
    await _add(db_session, "theirs", other)
    await db_session.flush()
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page = await assets.list_page(db_session, ME, limit=2, cursor=cursor)
        seen += [row.name for row in page.rows]
        cursor = page.next_cursor
        if len(seen) == 2:
            (await _add(db_session, "late")).created_at = START + timedelta(days=1)
            await db_session.flush()
    assert cursor is None
    assert seen == [f"cup {number}.png" for number in (6, 5, 4, 3, 2, 1, 0)]


async def _names(session: AsyncSession, **filters: object) -> set[str]:
    return {row.name for row in (await assets.list_page(session, ME, AssetFilter.model_validate(filters))).rows}


async def test_filters_of_kind_tag_and_name(db_session: AsyncSession, other: str) -> None:
    await _add(db_session, "red cup", tags=["summer", 'say "hi"', "back\\slash", '""'])
    await _add(db_session, "blue cup", tags=["summertime", "100%", "größe"])
    await _add(db_session, "mark", kind="logo")
    assert await _names(db_session, kind="logo") == {"mark.png"}
    assert await _names(db_session, search="CUP Red") == {"red cup.png"}
    assert await _names(db_session, search="_") == set()
    assert await _names(db_session, search="\x00") == {"red cup.png", "blue cup.png", "mark.png"}
    assert await _names(db_session, tag="summer") == {"red cup.png"}
    assert await _names(db_session, tag="größe") == {"blue cup.png"}
    assert await _names(db_session, tag='say "hi"') == {"red cup.png"}
    assert await _names(db_session, tag="back\\slash") == {"red cup.png"}
    assert await _names(db_session, tag='"') == set()
    assert await _names(db_session, tag="10_%") == set()
    assert await _names(db_session, tag=", ", kind="product") == set()
    assert await _names(db_session, tag="summer", kind="logo") == set()


async def test_rename_and_tag_replace(db_session: AsyncSession, other: str) -> None:
    row = await _add(db_session, "cup", tags=["old"])
    await assets.rename(db_session, ME, row.id, "Mug\x00")
    await assets.tag(db_session, ME, row.id, ["new"])
    await db_session.flush()
    db_session.expunge_all()
    kept = await assets.require(db_session, ME, row.id)
    assert (kept.name, kept.tags) == ("Mug", ["new"])


async def test_uses_and_bytes_count_each_image_once(db_session: AsyncSession, other: str) -> None:
    cup = await _add(db_session, "cup", size_bytes=7)
    mug = await _add(db_session, "mug", size_bytes=3 * 2**31)
    plate = await _add(db_session, "plate")
    await assets.count_use(db_session, [cup.id, mug.id, cup.id])
    await assets.count_use(db_session, [mug.id])
    await assets.count_use(db_session, [])
    db_session.expunge_all()
    counts = [(await assets.require(db_session, ME, row_id)).use_count for row_id in (cup.id, mug.id, plate.id)]
    assert counts == [1, 2, 0]
    assert await assets.bytes_of(db_session, [cup.id, mug.id, cup.id]) == 7 + 3 * 2**31
    assert await assets.bytes_of(db_session, []) == 0


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "é",
        "!!!",
        _packed("[]"),
        _packed("[1, 2]"),
        _packed('["2026-03-01T00:00:00", "00000000-0000-7000-8000-000000000001"]'),
        _packed('["0001-01-01T00:00:00+14:00", "00000000-0000-7000-8000-000000000001"]'),
        _packed('["2026-03-01T00:00:00+00:00", "nonsense"]'),
        _packed('["2026-03-01T00:00:00+00:00", 7]'),
        _packed("[" * 40_000),
    ],
)
async def test_a_cursor_that_is_not_ours_is_refused(db_session: AsyncSession, other: str, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        await assets.list_page(db_session, ME, cursor=cursor)


def test_a_cursor_comes_back_as_it_went() -> None:
    moment, row_id = START + timedelta(microseconds=123456), new_id()
    assert decode_cursor(encode_cursor(moment, row_id)) == (moment, row_id)
