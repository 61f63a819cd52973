"""The whole conversation over the wire: one process on SQLite; two APIs, a worker and Valkey on Postgres."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.db.session import upgrade_database
from tests.test_blackbox.client import Client
from tests.test_blackbox.servers import running, server, worker

STATUSES = {"queued", "processing", "rendering", "complete", "failed"}


async def talk_it_into_shape(client: Client, other: Client) -> None:
    """Submit, refuse, edit, approve; `other` is a second tab, perhaps at another process."""
    await client.sign_in()
    await client.submit()
    await client.connect()
    other.session_id, other.generation_id, other._cookie = client.session_id, client.generation_id, client._cookie
    await other.connect()

    first = await client.until("story_generated")
    assert first["payload"]["awaiting_approval"]
    await client.until_waiting("story")
    await client.say("story", "make it funnier")
    second = await client.until("story_generated", 2)
    assert second["payload"]["story"] != first["payload"]["story"]
    await client.until_waiting("story")
    await other.say("story", "looks good")

    references = await client.until("reference_images_ready")
    assert references["payload"]["message"] == "Using these 3 reference images for visual consistency across all scenes"
    assert len(references["payload"]["images"]) == 3
    drafted = await client.until("scenes_generated")
    assert drafted["payload"]["awaiting_approval"]
    before = {scene["id"]: scene for scene in drafted["payload"]["scenes"]}
    seen = await client.until_waiting("scenes")
    assert seen["gate"]["quote"]["total_usd"] == "0"

    await client.say("scenes", "scene 2: change the headline to Fixed by Friday", scene_id=2)
    changed = await client.until("scene_updated")
    assert changed["payload"]["scene"]["copy_text"]["headline"] == "Fixed by Friday"
    seen = await client.until_waiting("scenes")
    after = {scene["id"]: scene for scene in seen["scenes"]}
    assert {number for number in before if before[number] != after[number]} == {2}

    await client.say("scenes", "looks good")
    done = await client.until("generation_complete")
    await client.until("status_changed", where=lambda event: event["payload"]["status"] == "completed")
    await other.until("status_changed", where=lambda event: event["payload"]["status"] == "completed")
    assert [event["seq"] for event in other.events] == [event["seq"] for event in client.events]
    await check_film(client, done)


async def check_film(client: Client, done: dict[str, Any]) -> None:
    """Five clips told of themselves, several at a time, and the film is there to download."""
    clips = [event["payload"]["clip_id"] for event in client.events if event["type"] == "video_complete"]
    assert sorted(clips) == [1, 2, 3, 4, 5]
    progress = [event["payload"] for event in client.transient if event["type"] == "video_progress"]
    assert {each["status"] for each in progress} <= STATUSES
    order = [each["clip_id"] for each in progress if each["status"] != "queued"]
    returns = sum(1 for a, b, c in zip(order, order[1:], order[2:], strict=False) if a == c != b)
    assert returns > 0, f"never interleaved: {order}"
    film = await client.call("GET", f"/api/generations/{client.generation_id}/download?what=final")
    assert film[4:8] == b"ftyp"
    seen = await client.view()
    assert (seen["status"], seen["last_seq"]) == ("completed", client.last_seq)
    assert done["payload"]["final_video_url"].startswith(client.origin.rpartition(":")[0])
    assert {clip["freshness"] for clip in seen["video_clips"]} == {"current"}


@pytest.mark.slow
@pytest.mark.ac("AC-1.5", "AC-1.6", "AC-2.5", "AC-3.4", "AC-3.5", "AC-5.8", "AC-5.9")
async def test_on_sqlite_in_one_process(tmp_path: Path) -> None:
    one = server(tmp_path / "home")
    with running(one):
        client, other = Client(one.origin), Client(one.origin)
        await talk_it_into_shape(client, other)
        await client.disconnect()
        await other.disconnect()
        assert one.stop() == 0


@pytest.mark.slow
async def test_on_postgres_with_two_apis_a_worker_and_valkey(
    tmp_path: Path, postgres_url: str, valkey_url: str
) -> None:
    await asyncio.to_thread(upgrade_database, postgres_url)
    shared = {
        "DATABASE_URL": postgres_url,
        "REDIS_URL": valkey_url,
        "ADMINT_SECRET": "a secret that both processes share, long enough",
    }
    home = tmp_path / "home"
    left, right = server(home, role="api", **shared), server(home, role="api", **shared)
    with running(left, right, worker(home, **shared)):
        client, other = Client(left.origin), Client(right.origin)
        await talk_it_into_shape(client, other)
        await client.disconnect()
        await other.disconnect()
