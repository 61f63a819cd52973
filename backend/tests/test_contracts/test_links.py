"""What every maker of addresses promises: they are whole, signed, and end within a day."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import obstore
import pytest
from obstore.store import S3Store

from app.core.errors import Forbidden, InvalidInput
from app.core.security import check_media
from app.ports.links import Links
from app.storage.links import SignedLinks
from app.storage.objects import build_links, build_storage, s3_bucket
from app.storage.s3_signing import presigned
from tests.fixtures.s3 import ACCESS_KEY, SECRET_KEY, S3Server

SECRET = b"0123456789abcdef0123456789abcdef"
BASE = "http://127.0.0.1:8000"
KEY = "generations/1/final.mp4"


@dataclass
class Maker:
    """A maker of addresses, what its addresses begin with, and whether one opens (an object of three bytes is there).

    `saves_as` returns the name an opened address saves under.
    """

    links: Links
    begins: str
    opens: Callable[[str], bool]
    saves_as: Callable[[str], str]


def _local() -> Maker:
    def opens(address: str) -> bool:
        """Check an address as the media route does."""
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        key = unquote(parts.path.removeprefix("/media/"))
        try:
            check_media(SECRET, key, int(query["exp"]), query.get("d", ""), query["sig"])
        except Forbidden:
            return False
        return True

    def saves_as(address: str) -> str:
        return parse_qs(urlsplit(address).query).get("d", [""])[0]

    return Maker(SignedLinks(BASE, SECRET), f"{BASE}/media/{KEY}?", opens, saves_as)


async def _bucket(server: S3Server, folder: Path) -> Maker:
    settings = server.with_new_bucket().settings(folder, S3_PREFIX="our/ads")
    await build_storage(settings).put_bytes(KEY, b"mp4", "video/mp4")

    def opens(address: str) -> bool:
        answer = httpx.get(address, trust_env=False)
        return answer.status_code == 200 and answer.content == b"mp4" and answer.headers["content-type"] == "video/mp4"

    def saves_as(address: str) -> str:
        said = httpx.get(address, trust_env=False).headers.get("content-disposition", "")
        _, _, name = said.partition("filename*=UTF-8''") if "*" in said else said.partition("filename=")
        assert said.startswith("attachment; ") == bool(name)
        return unquote(name.strip('"'))

    return Maker(build_links(settings, SECRET), f"{settings.bucket_url}/our/ads/{KEY}?", opens, saves_as)


@pytest.fixture(params=["local", "moto", "rclone"])
async def maker(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    if request.param == "local":
        return _local()
    return await _bucket(request.getfixturevalue(f"{request.param}_server"), tmp_path)


@pytest.fixture(params=["local", "rclone"])
async def strict(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    """One whose server looks at signatures; moto does not."""
    return _local() if request.param == "local" else await _bucket(request.getfixturevalue("rclone_server"), tmp_path)


@pytest.mark.ac("AC-2.6")
@pytest.mark.parametrize("download", [None, "ad.mp4", 'Zoë\'s "best" ad & more.mp4'])
async def test_an_address_opens_and_saves_under_the_name_it_was_made_for(maker: Maker, download: str | None) -> None:
    address = await maker.links.url(KEY, download=download)
    assert address.startswith(maker.begins)
    assert maker.opens(address)
    assert maker.saves_as(address) == (download or "")


async def test_an_address_ends_within_a_day(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    for now in (1_700_000_000, 1_700_003_599, 1_700_006_400):
        monkeypatch.setattr(time, "time", lambda now=now: float(now))
        assert 23 * 3600 <= _end(await maker.links.url(KEY)) - now <= 24 * 3600


async def test_an_hours_addresses_are_the_same(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.time() // 3600 * 3600
    monkeypatch.setattr(time, "time", lambda: start + 1)
    first = await maker.links.url(KEY)
    monkeypatch.setattr(time, "time", lambda: start + 3599)
    assert await maker.links.url(KEY) == first
    monkeypatch.setattr(time, "time", lambda: start + 3600)
    assert await maker.links.url(KEY) != first


async def test_all_of_an_address_is_signed(strict: Maker) -> None:
    plain, named = await strict.links.url(KEY), await strict.links.url(KEY, download="a.mp4")
    assert strict.opens(plain)
    assert strict.opens(named)
    assert not strict.opens(named.replace("a.mp4", "b.html"))
    assert not strict.opens(plain.replace("final", "other"))
    assert not strict.opens(plain[:-4] + ("0000" if plain[-4:] != "0000" else "1111"))


async def test_an_address_of_yesterday_is_dead(strict: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    with monkeypatch.context() as yesterday:
        yesterday.setattr(time, "time", lambda: now - 25 * 3600)
        address = await strict.links.url(KEY)
    assert not strict.opens(address)


@pytest.mark.parametrize("key", ["generations/1/final.mp4", "a b/ü+(1)~.png"])
def test_our_signature_is_the_one_obstore_makes(key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bucket = s3_bucket(S3Server("none", "https://s3.example.test", "films").settings(tmp_path, S3_REGION="eu-north-1"))
    store = S3Store(
        "films",
        endpoint="https://s3.example.test",
        region="eu-north-1",
        access_key_id=ACCESS_KEY,
        secret_access_key=SECRET_KEY,
    )
    theirs = obstore.sign(store, "GET", key, timedelta(hours=24))
    stamp = parse_qs(urlsplit(theirs).query)["X-Amz-Date"][0]
    at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert presigned(bucket, key, at=int(at.timestamp()), lasts_s=24 * 3600) == theirs


async def test_a_bucket_signs_no_key_that_we_did_not_make(tmp_path: Path) -> None:
    settings = S3Server("none", "https://s3.example.test", "films").settings(tmp_path)
    with pytest.raises(InvalidInput):
        await build_links(settings, SECRET).url("../other/secret.txt")


def _end(address: str) -> float:
    """The Unix second an address ends in."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    if "exp" in query:
        return int(query["exp"])
    begin = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return begin.timestamp() + int(query["X-Amz-Expires"])
