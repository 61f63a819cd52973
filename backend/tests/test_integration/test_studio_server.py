"""The browser tests' server does what its flags say, and nothing else differs from `admint serve`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.fixtures.server import tiny_body, until
from tests.test_blackbox.servers import Process, free_port, running


def staged(home: Path, *flags: str) -> Process:
    """Return the server, not started yet."""
    port = free_port()
    words = ["--port", str(port), "--home", str(home), *flags]
    log = home.parent / "studio.log"
    return Process(words, {}, log, f"http://127.0.0.1:{port}", module="tests.studio_server")


async def _scored(client: httpx.AsyncClient, generation_id: str, count: int) -> list[Any]:
    async with asyncio.timeout(30):
        while True:
            log = (await client.get(f"/api/generations/{generation_id}/events", params={"limit": 500})).json()["data"]
            scores = [event["payload"] for event in log["events"] if event["type"] == "vbench_score"]
            if len(scores) == count:
                return scores
            await asyncio.sleep(0.1)


async def test_one_clip_fails_once_and_scores_land_by_themselves(tmp_path: Path) -> None:
    process = staged(tmp_path / "home", "--fail-scene", "2", "--slow", "0.6", "--scores", "0.3")
    with running(process):
        async with httpx.AsyncClient(base_url=process.origin, headers={"Origin": process.origin}) as client:
            assert (await client.post("/api/auth/local-session")).status_code == 200
            assert (await client.get("/api/studio")).json()["data"]["scorer"]["name"] == "scripted"
            started = (
                await client.post("/api/v2/generate", json=tiny_body(overrides={"scene_count": 3, "duration_s": 3}))
            ).json()
            generation_id = started["data"]["generation_id"]
            view = await until(client, generation_id, lambda v: v["status"] == "failed")
            assert [clip["status"] for clip in view["video_clips"]] == ["complete", "failed", "complete"]
            assert view["video_clips"][1]["error_code"] == "provider_transient"
            kept = view["video_clips"][0]["url"].partition("?")[0]
            assert (await client.post(f"/api/generations/{generation_id}/clips/2/retry")).status_code == 202
            view = await until(client, generation_id, lambda v: v["status"] == "completed")
            assert view["video_clips"][0]["url"].startswith(kept)
            scores = await _scored(client, generation_id, 4)
            assert sorted(score["clip_id"] or 0 for score in scores) == [0, 1, 2, 3]
            view = await until(client, generation_id, lambda v: v["overall_quality_score"] is not None)
        assert process.stop() == 0
