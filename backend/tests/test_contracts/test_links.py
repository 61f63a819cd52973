"""What every maker of addresses promises: they are whole, signed, and end within a day."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from app.core.errors import Forbidden
from app.core.security import check_media
from app.ports.links import Links
from app.storage import links as module
from app.storage.links import SignedLinks

SECRET = b"0123456789abcdef0123456789abcdef"
BASE = "http://127.0.0.1:8000"


@pytest.fixture
def links() -> Links:
    return SignedLinks(BASE, SECRET)


def checked(address: str, **changes: str) -> None:
    """Check an address as the media route does."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    key = unquote(parts.path.removeprefix("/media/"))
    check_media(SECRET, key, int(query["exp"]), query.get("d", ""), query["sig"])


@pytest.mark.parametrize("download", [None, "ad.mp4", 'Zoë\'s "best" ad & more.mp4'])
async def test_an_address_is_good(links: Links, download: str | None) -> None:
    address = await links.url("generations/1/final.mp4", download=download)
    assert address.startswith(f"{BASE}/media/generations/1/final.mp4?")
    checked(address)


async def test_an_address_ends_within_a_day(links: Links, monkeypatch: pytest.MonkeyPatch) -> None:
    for now in (1_700_000_000, 1_700_003_599, 1_700_006_400):
        monkeypatch.setattr(module.time, "time", lambda now=now: float(now))
        lasts = int(parse_qs(urlsplit(await links.url("a.png")).query)["exp"][0]) - now
        assert 23 * 3600 <= lasts <= 24 * 3600


async def test_an_hours_addresses_are_the_same(links: Links, monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.time() // 3600 * 3600
    monkeypatch.setattr(module.time, "time", lambda: start + 1)
    first = await links.url("a.png")
    monkeypatch.setattr(module.time, "time", lambda: start + 3599)
    assert await links.url("a.png") == first
    monkeypatch.setattr(module.time, "time", lambda: start + 3600)
    assert await links.url("a.png") != first


async def test_a_name_to_save_under_is_part_of_what_is_signed(links: Links) -> None:
    address = await links.url("a.png", download="a.png")
    with pytest.raises(Forbidden):
        checked(address, d="b.html")
    with pytest.raises(Forbidden):
        checked(await links.url("a.png"), d="b.html")
