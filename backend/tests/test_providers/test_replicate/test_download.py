"""Fetching a file over real HTTP: whole or not at all, repeated when that may help, and never with the token."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import BadOutput, Transient
from app.providers.replicate.client import ReplicateClient
from app.providers.replicate.download import download
from tests.fixtures.fakes import Fakes, rule
from tests.fixtures.replicate import Waits, deps_for


async def _address(fakes: Fakes, folder: Path) -> str:
    """Return the address of a finished picture."""
    settings = deps_for(fakes.url, folder).settings
    client = ReplicateClient(fakes.url, settings.replicate_api_token, Waits().pace())
    made = await client.create("google/nano-banana", {"prompt": "a bottle", "output_format": "png"}, "3m", None)
    seen = [await client.get(made.id)]
    while not seen[-1].ended:
        await Waits().sleep(0.02)
        seen.append(await client.get(made.id))
    assert isinstance(seen[-1].output, str)
    return seen[-1].output


async def test_a_file_arrives_whole(fakes: Fakes, tmp_path: Path) -> None:
    address = await _address(fakes, tmp_path)

    size = await download(address, tmp_path / "file", plain=True, pace=Waits().pace())

    assert (tmp_path / "file").read_bytes() == fakes.fetch(address).content
    assert size == (tmp_path / "file").stat().st_size
    assert fakes.log().leaks == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reset", "accepted": True, "share": 0.5},
        {"kind": "close"},
        {"status": 503},
        {"kind": "html", "status": 502},
    ],
)
async def test_a_download_that_breaks_is_repeated(fakes: Fakes, tmp_path: Path, fault: dict[str, object]) -> None:
    address = await _address(fakes, tmp_path)
    whole = fakes.fetch(address).content
    fakes.script(rule(protocol="media", times=2, do={"fault": fault}))
    waits = Waits()

    await download(address, tmp_path / "file", plain=True, pace=waits.pace())

    assert waits.waited == [1.0, 2.0]
    assert (tmp_path / "file").read_bytes() == whole


async def test_a_download_that_stays_broken_is_given_up(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("output_cut")
    address = await _address(fakes, tmp_path)

    with pytest.raises(Transient, match="download") as raised:
        await download(address, tmp_path / "file", plain=True, pace=Waits().pace())
    assert len(fakes.log().requests("download")) == 4
    assert fakes.media_url not in str(raised.value)


async def test_a_file_that_is_gone_is_not_asked_for_again(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("output_gone")
    address = await _address(fakes, tmp_path)

    with pytest.raises(BadOutput, match="no longer there"):
        await download(address, tmp_path / "file", plain=True, pace=Waits().pace())
    assert len(fakes.log().requests("download")) == 1


@pytest.mark.parametrize("address", ["http://files.example/x.mp4", "file:///etc/passwd", "ftp://x", "x"])
async def test_only_https_is_opened(tmp_path: Path, address: str) -> None:
    with pytest.raises(BadOutput, match="no address"):
        await download(address, tmp_path / "file", plain=False, pace=Waits().pace())
