"""SIGKILL of the whole process group in each state of the conversation; the same client comes back and goes on.

The client fails at the first gap or double in the numbers it gets, before and after (client.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.test_blackbox.client import Client
from tests.test_blackbox.servers import Process, running, server

Moment = Callable[[Client], Awaitable[None]]
TWO = {"duration_s": 2, "scene_count": 2}


async def approve(client: Client, stage: str) -> None:
    await client.until_waiting(stage)
    await client.say(stage, action="approve")


async def right_after_submitting(client: Client) -> None:
    """Nothing heard yet."""


async def at_the_story_gate(client: Client) -> None:
    await client.until_waiting("story")


async def right_after_the_story_was_approved(client: Client) -> None:
    await approve(client, "story")


async def while_references_are_made(client: Client) -> None:
    await approve(client, "story")
    await client.until("status_changed", where=lambda e: e["payload"]["current_stage"] == "reference_images")


async def at_the_scenes_gate(client: Client) -> None:
    await approve(client, "story")
    await client.until_waiting("scenes")


async def right_after_an_edit(client: Client) -> None:
    await at_the_scenes_gate(client)
    await client.say("scenes", action="edit", scene_id=2, change={"headline": "Fixed by Friday"})


async def while_filming(client: Client) -> None:
    await at_the_scenes_gate(client)
    await client.say("scenes", action="approve")
    await client.until("status_changed", where=lambda e: e["payload"]["current_stage"] == "videos")


async def after_the_first_clip(client: Client) -> None:
    await while_filming(client)
    await client.until("video_complete")


async def while_stitching(client: Client) -> None:
    await while_filming(client)
    await client.until("status_changed", where=lambda e: e["payload"]["substage"] == "stitching")


async def after_the_end(client: Client) -> None:
    await while_filming(client)
    await client.until("generation_complete")


MOMENTS: list[Moment] = [
    right_after_submitting,
    at_the_story_gate,
    right_after_the_story_was_approved,
    while_references_are_made,
    at_the_scenes_gate,
    right_after_an_edit,
    while_filming,
    after_the_first_clip,
    while_stitching,
    after_the_end,
]


async def finish(client: Client) -> None:
    """Approve whatever still waits, until the film is there."""
    while True:
        seen = await client.view()
        if seen["status"] == "completed":
            break
        assert seen["status"] != "failed", seen["error_message"]
        gate = seen["gate"]
        if gate is not None:
            await client.say(gate["stage"], action="approve", draft_digest=gate["draft_digest"])
        await asyncio.sleep(0.3)
    await client.until("status_changed", where=lambda event: event["payload"]["status"] == "completed")


@pytest.mark.slow
@pytest.mark.ac("AC-5.6")
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
async def test_a_kill_loses_nothing(tmp_path: Path, moment: Moment) -> None:
    one: Process = server(tmp_path / "home")
    with running(one):
        client = Client(one.origin)
        await client.sign_in()
        await client.submit(**TWO)
        await client.connect()
        await moment(client)
        one.kill()
        await client.disconnect()
        before = list(client.events)
        one.start()
        await client.reconnect()
        await finish(client)
        assert client.events[: len(before)] == before
        await check_once(client)
        await client.disconnect()


async def check_once(client: Client) -> None:
    """Everything happened once: the log from its start is what the client saw; each approval and clip counts once."""
    log = (await client.call("GET", f"/api/sessions/{client.session_id}/events?since=0&limit=500"))["events"]
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    assert [event["type"] for event in log] == client.kinds()
    clips = [event["payload"]["clip_id"] for event in log if event["type"] == "video_complete"]
    assert sorted(clips) == [1, 2]
    assert client.kinds().count("generation_complete") == 1
    approved = [e for e in log if e["type"] == "feedback_acknowledged" and e["payload"]["action"] == "approve"]
    assert len(approved) == 2
