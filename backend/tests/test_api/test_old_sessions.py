"""Coming back a day later: the conversation is whole, a gate nobody answered says so, and the next word opens it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from app.db.models import Generation, Session, SessionEvent
from tests.fixtures.server import Served, tiny_body, until
from tests.test_api.test_conversation import finished, say

DAY = timedelta(hours=25)


async def _a_day_passes(served: Served) -> None:
    """Move everything stored a day back, and the cache's clock a day on."""
    then = datetime.now(UTC) - DAY
    async with served.container.sessions.begin() as session:
        await session.execute(update(Session).values(created_at=then, last_seen=then))
        await session.execute(update(Generation).values(created_at=then, updated_at=then, completed_at=then))
        await session.execute(update(SessionEvent).values(created_at=then))
    cache: Any = served.container.cache
    now = cache._now
    cache._now = lambda: now() + DAY.total_seconds()


@pytest.mark.ac("AC-5.6")
async def test_a_session_of_yesterday_is_told_whole_and_its_links_work(server: Served) -> None:
    client = await server.local()
    generation_id = await finished(client)
    session_id = (await client.get(f"/api/generations/{generation_id}")).json()["data"]["session_id"]
    address = f"/api/sessions/{session_id}"
    before = (await client.get(address)).json()["data"]
    await _a_day_passes(server)
    for _ in range(2):
        view = (await client.get(address)).json()["data"]
        assert datetime.fromisoformat(view["last_seen"]) <= datetime.now(UTC) - DAY, "looking is not using"
        (ad,) = view["generations"]
        assert datetime.fromisoformat(ad["updated_at"]) <= datetime.now(UTC) - DAY
        assert [event["seq"] for event in view["conversation"]] == [event["seq"] for event in before["conversation"]]
        assert (ad["status"], ad["scenes"]) == ("completed", before["generations"][0]["scenes"])
        assert (await server.http().get(ad["final_video_url"])).status_code == 200
        assert (await server.http().get(ad["thumbnail_url"])).status_code == 200


async def _told(client: httpx.AsyncClient, session_id: str, kind: str, count: int) -> list[Any]:
    """Wait until the session's log has so many events of a type; return their payloads."""
    async with asyncio.timeout(60):
        while True:
            log = (await client.get(f"/api/sessions/{session_id}/events", params={"limit": 500})).json()["data"]
            found = [event["payload"] for event in log["events"] if event["type"] == kind]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)


@pytest.mark.ac("AC-5.6")
async def test_a_gate_nobody_answered_says_so_and_the_next_word_opens_it(server: Served) -> None:
    client = await server.local()
    body = tiny_body(interactive=True, overrides={"approval_timeout_h": 1 / 3600})
    started = (await client.post("/api/v2/generate", json=body)).json()["data"]
    generation_id, session_id = started["generation_id"], started["session_id"]
    view = await until(client, generation_id, lambda v: v["substage"] == "expired")
    assert (view["status"], view["current_stage"], view["gate"]) == ("story", "story", None)
    assert view["actions"] == ["resume", "cancel"]
    drafts = len(await _told(client, session_id, "story_generated", 1))
    (ad,) = (await client.get(f"/api/sessions/{session_id}")).json()["data"]["generations"]
    assert (ad["substage"], ad["story"]) == ("expired", view["story"])
    last = (await _told(client, session_id, "status_changed", 1))[-1]
    assert (last["substage"], last["current_stage"]) == ("expired", "story")
    answer = await say(client, generation_id, "story", message="make it funnier")
    assert (answer.status_code, answer.json()["data"]["action"]) == (202, "refine")
    # The draft as it was is shown again, then the one that follows the word.
    told = await _told(client, session_id, "story_generated", drafts + 2)
    assert told[-1]["story"] != view["story"]
    assert all(each["awaiting_approval"] for each in told)
