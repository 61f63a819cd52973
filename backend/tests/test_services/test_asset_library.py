"""The library: hostile files are refused by name, copies are clean, only one's own images reach a generation."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.errors import InvalidInput, TooLarge
from app.db import session as db
from app.db.models import Asset
from app.db.repositories import assets, users
from app.kit import images
from app.kit.ids import new_id
from app.providers.local_vision.adapter import LocalVisionModel
from app.schemas import api
from app.schemas.api import AssetKind
from app.schemas.unified_pipeline import BrandAssets
from app.services.media import asset_library
from app.services.media.asset_library import AssetLibrary, Upload, clean_name, clean_tags
from app.services.media.image_processor import ImageProcessor
from app.storage.local import LocalStorage
from tests.fixtures import hostile
from tests.fixtures.db import add_generation
from tests.fixtures.pictures import encoded, noise

ME = users.LOCAL_USER_ID
HOW_TO = Path(__file__).parents[3] / "docs" / "how-to" / "use-your-own-images.md"
REFUSED = hostile.refused_files()


class _Shelf(NamedTuple):
    """A library and what stands behind it."""

    library: AssetLibrary
    storage: LocalStorage
    sessions: async_sessionmaker[AsyncSession]

    async def keys(self) -> list[str]:
        return [key async for key in self.storage.keys("")]

    async def rows(self, user_id: str = ME) -> list[Asset]:
        async with self.sessions() as session:
            return (await assets.list_page(session, user_id, limit=100)).rows

    async def put(self, seed: int, kind: AssetKind = "product", user_id: str = ME) -> Asset:
        return await self.library.ingest(user_id, encoded(noise(seed=seed)), kind, f"photo {seed}.png")


@pytest.fixture
async def shelf(db_engine: AsyncEngine, tmp_path: Path) -> _Shelf:
    """An empty library of the local user, on both databases."""
    sessions = db.session_factory(db_engine)
    async with sessions.begin() as session:
        await users.ensure_local_user(session)
    storage = LocalStorage(tmp_path / "media")
    processor = ImageProcessor(storage, LocalVisionModel(storage))
    return _Shelf(AssetLibrary(lambda: processor, sessions, db.read_factory(db_engine)), storage, sessions)


def _upload(name: str, content: bytes) -> Upload:
    async def read() -> bytes:
        return content

    return Upload(name, read)


async def _someone(shelf: _Shelf) -> str:
    async with shelf.sessions.begin() as session:
        return (await users.create(session, "someone@example.com", "x")).id


async def test_an_image_is_kept_twice_under_its_owner_and_can_be_found(shelf: _Shelf) -> None:
    content = encoded(noise())
    row = await shelf.library.ingest(ME, content, "product", "C:\\photos\\Cup.png", ["Red ", "red", "new  in"])
    assert (row.name, row.kind, row.tags, row.media_type) == ("Cup.png", "product", ["red", "new in"], "image/png")
    assert (row.width, row.height, row.size_bytes) == (120, 90, len(content))
    assert row.digest == hashlib.sha256(content).hexdigest()
    assert row.storage_key.startswith(f"users/{ME}/assets/product-")
    original = next(key for key in await shelf.keys() if ".original." in key)
    assert await shelf.storage.read_bytes(original) == content
    assert [found.id for found in await shelf.rows()] == [row.id]


async def test_the_same_file_again_is_the_image_there_is(shelf: _Shelf) -> None:
    first, again = await shelf.put(1), await shelf.put(1)
    assert again.id == first.id
    assert (await shelf.put(1, "logo")).id != first.id
    assert len(await shelf.rows()) == 2


@pytest.mark.parametrize("name", REFUSED)
async def test_a_hostile_file_is_refused_by_name_and_leaves_nothing(shelf: _Shelf, name: str) -> None:
    content, words = REFUSED[name]
    with pytest.raises(InvalidInput, match=rf"^{re.escape(name)} .*{words}|^{re.escape(name)} {words}") as error:
        await shelf.library.ingest(ME, content, "product", f"../../etc/{name}")
    assert error.value.hint
    assert await shelf.keys() == []
    assert await shelf.rows() == []


async def test_one_bad_file_of_several_stores_none_of_them(shelf: _Shelf) -> None:
    good = [_upload(f"{seed}.png", encoded(noise(seed=seed))) for seed in range(2)]
    with pytest.raises(InvalidInput, match=r"^cut\.jpg is damaged"):
        await shelf.library.ingest_all(ME, [*good, _upload("cut.jpg", REFUSED["cut.jpg"][0])], "product")
    assert await shelf.keys() == []
    kept = await shelf.library.ingest_all(ME, [*good, good[0]], "product")
    assert [row.name for row in kept] == ["0.png", "1.png", "0.png"]
    assert kept[0].id == kept[2].id


async def test_none_and_too_many_files_are_refused(shelf: _Shelf) -> None:
    for count in (0, 11):
        with pytest.raises(InvalidInput, match=f"^{count} files"):
            await shelf.library.ingest_all(ME, [_upload("a.png", encoded(noise()))] * count, "product")


async def test_what_follows_the_picture_is_not_in_the_copy(shelf: _Shelf) -> None:
    content = hostile.polyglot()
    assert zipfile.is_zipfile(io.BytesIO(content))
    row = await shelf.library.ingest(ME, content, "product", "cup.jpg")
    copy = await shelf.storage.read_bytes(row.storage_key)
    assert not zipfile.is_zipfile(io.BytesIO(copy))
    assert b"run.sh" not in copy
    assert copy.endswith(b"\xff\xd9")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_where_a_photo_was_taken_is_not_in_the_copy(shelf: _Shelf, kind: str) -> None:
    content = hostile.located_photo(kind)
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)
    row = await shelf.library.ingest(ME, content, "product", "cup")
    copy = await shelf.storage.read_bytes(row.storage_key)
    assert dict(Image.open(io.BytesIO(copy)).getexif()) == {}
    assert hostile.CAMERA in content
    assert hostile.CAMERA not in copy
    assert (row.width, row.height) == (100, 200)


async def test_a_header_that_lies_about_its_size_is_never_decoded(
    shelf: _Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("pixels were read")

    monkeypatch.setattr(Image.Image, "load", decoded)
    with pytest.raises(InvalidInput, match="40 megapixels"):
        await shelf.library.ingest(ME, REFUSED["bomb.png"][0], "product", "bomb.png")


async def test_one_image_is_in_memory_at_a_time(shelf: _Shelf) -> None:
    held = most = 0

    def tracked(seed: int) -> Upload:
        async def read() -> bytes:
            nonlocal held, most
            held += 1
            most = max(most, held)
            await asyncio.sleep(0.01)
            held -= 1
            return encoded(noise(seed=seed))

        return Upload(f"{seed}.png", read)

    await asyncio.gather(*(shelf.library.ingest_all(ME, [tracked(seed)], "product") for seed in range(8)))
    assert most == 1
    assert len(await shelf.rows()) == 8


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("..", ""),
        ("a\x00b\nc\x1b[31m.png", "a b c [31m.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("ü" * 5000, "ü" * 120),
        ("  my   cup .png ", "my cup .png"),
        ("/", ""),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ],
)
def test_names_are_made_fit_to_show(given: str, kept: str) -> None:
    assert clean_name(given) == kept


async def test_a_file_without_a_usable_name_gets_one(shelf: _Shelf) -> None:
    assert (await shelf.library.ingest(ME, encoded(noise()), "logo", "../..")).name == "logo image"
    with pytest.raises(InvalidInput, match=r"^The image is not a PNG"):
        await shelf.library.ingest(ME, b"words", "logo", "\x00")


def test_tags_are_made_one_form_and_limited() -> None:
    assert clean_tags(["  New\tIn ", "new in", "", "\x00", "GRÖSSE"]) == ["new in", "grösse"]
    assert len(clean_tags(str(number) for number in range(20))) == 20
    assert clean_tags(["x" * 40]) == ["x" * 40]
    with pytest.raises(InvalidInput, match="21 tags"):
        clean_tags(str(number) for number in range(21))
    with pytest.raises(InvalidInput, match="longer than 40"):
        clean_tags(["x" * 41])


async def test_a_request_names_images_by_id_key_or_address(shelf: _Shelf) -> None:
    cup, mug = await shelf.put(1), await shelf.put(2)
    logo, person = await shelf.put(3, "logo"), await shelf.put(4, "character")
    wanted = BrandAssets(
        product_images=[cup.id, f"s3://bucket/{mug.storage_key}", cup.storage_key, cup.id],
        logo=logo.id,
        character_images=[person.storage_key, cup.id],
    )
    found = await shelf.library.resolve(ME, wanted)
    assert found.brand_assets == BrandAssets(
        product_images=[cup.storage_key, mug.storage_key],
        logo=logo.storage_key,
        character_images=[person.storage_key, cup.storage_key],
    )
    assert found.ids == [cup.id, mug.id, logo.id, person.id]
    assert found.names == ["photo 1.png", "photo 2.png", "photo 3.png", "photo 4.png"]
    for key in (*found.brand_assets.product_images, logo.storage_key):
        assert await shelf.storage.exists(key)
    again = await shelf.library.resolve(ME, found.brand_assets)
    assert again == found


async def test_no_images_are_fine(shelf: _Shelf) -> None:
    found = await shelf.library.resolve(ME, BrandAssets())
    assert (found.brand_assets, found.ids, found.names) == (BrandAssets(), [], [])


async def test_another_users_image_reads_like_a_missing_one(shelf: _Shelf) -> None:
    other = await _someone(shelf)
    theirs, gone = await shelf.put(1, user_id=other), await shelf.put(2)
    async with shelf.sessions.begin() as session:
        await assets.remove(session, ME, gone.id)
    said = set()
    for name in (theirs.id, theirs.storage_key, f"s3://b/{theirs.storage_key}", new_id(), gone.id, gone.storage_key):
        with pytest.raises(InvalidInput) as error:
            await shelf.library.resolve(ME, BrandAssets(logo=name))
        said.add(str(error.value).replace(asset_library._short(name), "NAME"))
    assert len(said) == 1
    assert (await shelf.library.resolve(other, BrandAssets(logo=theirs.id))).ids == [theirs.id]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../../secret.png",
        "/etc/passwd",
        "file:///etc/passwd",
        "https://example.com/cup.png",
        "http://169.254.169.254/",
        "s3://bucket/product1.jpg",
        "s3://",
        f"users/{ME}/assets/../assets/x.png",
        "\x00",
        "é" * 6000,
        "%2e%2e/x",
    ],
)
async def test_an_address_of_anything_else_is_refused_with_its_place(shelf: _Shelf, name: str) -> None:
    cup = await shelf.put(1)
    with pytest.raises(InvalidInput, match=r"^brand_assets\.product_images\[1\] ") as error:
        await shelf.library.resolve(ME, BrandAssets(product_images=[cup.id, name]))
    assert "/api/assets/upload" in error.value.hint
    assert len(str(error.value)) < 300
    assert "\x00" not in str(error.value)


async def test_the_untouched_original_is_not_to_be_had(shelf: _Shelf) -> None:
    await shelf.put(1)
    original = next(key for key in await shelf.keys() if ".original." in key)
    with pytest.raises(InvalidInput, match=r"^brand_assets\.logo "):
        await shelf.library.resolve(ME, BrandAssets(logo=original))


async def test_a_generation_takes_ten_images_and_fifty_megabytes(
    shelf: _Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [(await shelf.put(seed)).id for seed in range(11)]
    assert len((await shelf.library.resolve(ME, BrandAssets(product_images=ids[:10] * 3))).ids) == 10
    with pytest.raises(InvalidInput, match="11 images are too many"):
        await shelf.library.resolve(ME, BrandAssets(product_images=ids))
    async with shelf.sessions.begin() as session:
        for asset_id in ids[:6]:
            (await assets.require(session, ME, asset_id)).size_bytes = 9 * 2**20
    with pytest.raises(TooLarge, match=r"54\.0 MB together; the limit is 50 MB"):
        await shelf.library.resolve(ME, BrandAssets(product_images=ids[:6]))
    assert len((await shelf.library.resolve(ME, BrandAssets(product_images=ids[:5]))).ids) == 5


async def test_a_use_is_counted_with_the_generation_or_not_at_all(shelf: _Shelf) -> None:
    cup, mug = await shelf.put(1), await shelf.put(2)
    async with shelf.sessions() as session:
        await add_generation(session)
        await shelf.library.used(session, [cup.id])
        await session.rollback()
    async with shelf.sessions.begin() as session:
        await add_generation(session)
        await shelf.library.used(session, [mug.id])
    assert {row.id: row.use_count for row in await shelf.rows()} == {cup.id: 0, mug.id: 1}


def test_the_how_to_page_states_the_limits_of_the_code() -> None:
    text = HOW_TO.read_text(encoding="utf-8")
    for limit in (
        f"{asset_library.MAX_FILE_BYTES // 2**20} MB a file",
        f"{asset_library.MAX_TOTAL_BYTES // 2**20} MB together",
        f"{asset_library.MAX_IMAGES} images",
        f"{images.MAX_PIXELS // 1_000_000} megapixels",
        f"{images.MIN_SIDE} pixels",
        f"{api.ASSET_TAGS} tags",
        f"{api.ASSET_TAG_LENGTH} characters each",
        f"{api.ASSET_NAME_LENGTH} characters",
    ):
        assert limit in text
    stated = set(re.findall(r"\d+ (?:MB|megapixels|pixels|tags|images)", text))
    assert stated == {"10 MB", "50 MB", "40 megapixels", "64 pixels", "2048 pixels", "20 tags", "10 images"}
