"""A whole ad whose media never lies on this machine: made, watched, downloaded and exported from a bucket."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.storage.links import SignedLinks
from tests.fixtures.s3 import SECRET_KEY, S3Server
from tests.fixtures.server import OpenServer, tiny_body


@pytest.mark.ac("AC-2.6")
async def test_an_ad_is_made_shown_and_taken_home_from_a_bucket(
    open_server: OpenServer, moto_server: S3Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bucket = moto_server.with_new_bucket()
    home = tmp_path / "home"
    async with open_server(**_named(bucket)) as server:
        client = await server.local()
        made = await client.post("/api/v2/generate", json=tiny_body())
        generation_id = made.json()["data"]["generation_id"]
        await server.container.engine.wait(await server.container.latest_run(generation_id))
        view = (await client.get(f"/api/generations/{generation_id}")).json()["data"]
        assert view["status"] == "completed", view
        begins = f"{bucket.endpoint}/{bucket.bucket}/"
        addresses = [
            view["final_video_url"],
            *(clip["url"] for clip in view["video_clips"]),
            *(image["url"] for image in view["reference_images"]),
            *view["storyboard"].values(),
        ]
        assert all(address.startswith(begins) for address in addresses)
        await _all_open(addresses)
        await _plays_in_parts(view["final_video_url"])
        policy = (await client.get("/")).headers["content-security-policy"]
        assert f"media-src 'self' blob: {server.url} {begins};" in policy
        saved = await client.get(f"/api/generations/{generation_id}/download?what=final")
        assert (saved.status_code, saved.headers["location"].startswith(begins)) == (302, True)
        whole = await server.http().get(saved.headers["location"])
        assert whole.headers["content-disposition"].startswith("attachment; filename=")
        before_the_bucket = await SignedLinks(server.url, server.container.secret).url("generations/1/final.mp4")
        gone = await client.get(before_the_bucket)
        assert (gone.status_code, "fresh link" in gone.text) == (404, True)
        everything = caplog.text + (await client.get("/openapi.json")).text + made.text + str(view)
        assert SECRET_KEY not in everything
    assert not (home / "media").exists()
    assert {path.suffix for path in (home / "work").rglob("*") if path.is_file()} <= {".json"}
    assert not [path for path in home.iterdir() if path.is_file() and SECRET_KEY.encode() in path.read_bytes()]


def _named(bucket: S3Server) -> dict[str, Any]:
    return {name.lower(): value for name, value in bucket.environment().items()}


async def _all_open(addresses: list[str]) -> None:
    async with httpx.AsyncClient(trust_env=False) as stranger:
        for address in addresses:
            answer = await stranger.get(address)
            assert answer.status_code == 200, address
            assert answer.headers["content-type"].partition("/")[0] in {"image", "video"}


async def _plays_in_parts(address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as player:
        part = await player.get(address, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
