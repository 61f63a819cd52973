"""Scores over HTTP: asked for again at once answered, told as they land, and in nobody's way."""

from __future__ import annotations

import asyncio
import json

import pytest
import websockets

from app.kit.ids import new_id
from tests.fixtures.scoring import Script, filmed_ad, scores_sent
from tests.fixtures.server import OpenServer

MESSAGE = "VBench scoring in progress - scores will stream in shortly"


@pytest.mark.ac("AC-4.1", "AC-4.2", "AC-4.6")
async def test_asking_again_is_answered_at_once_and_each_score_reaches_the_socket(
    open_server: OpenServer, scripted: Script
) -> None:
    scripted()
    async with open_server() as served:
        client = await served.local()
        generation_id, session_id = await filmed_ad(served.container)
        address = f"{served.url.replace('http', 'ws')}/ws/{session_id}?since=0"
        person = await served.local_person()
        async with websockets.connect(address, additional_headers={"Authorization": f"Bearer {person.token}"}) as line:
            answer = await client.post(f"/api/generations/{generation_id}/scores")
            assert (answer.status_code, answer.json()["message"]) == (202, MESSAGE)
            told = []
            async with asyncio.timeout(60):
                while len(told) < 3:
                    event = json.loads(await line.recv())
                    if event["type"] == "vbench_score":
                        told.append(event["payload"])
        assert [(each["clip_id"], each["overall_score"]) for each in told] == [(1, 91.0), (2, 74.0), (None, 82.5)]
        assert told[0]["breakdown"] == {"composition": 93.0, "coherence": 88.0, "motion": 95.0, "visual_appeal": 88.0}
        view = (await client.get(f"/api/generations/{generation_id}")).json()["data"]
        assert [each["overall_score"] for each in view["scores"]] == [91.0, 74.0, 82.5]
        assert (view["scoring"], view["overall_quality_score"]) == ([], 82.5)


@pytest.mark.ac("AC-4.9")
async def test_requests_are_answered_while_ten_clips_are_scored(open_server: OpenServer, scripted: Script) -> None:
    scripted(slow_s=0.05)
    async with open_server() as served:
        client = await served.local()
        generation_id, session_id = await filmed_ad(served.container, clips=10)
        assert (await client.post(f"/api/generations/{generation_id}/scores")).status_code == 202
        seen: set[int] = set()
        while len(seen) < 5 or 11 not in seen:
            answers = await asyncio.gather(
                client.get(f"/api/generations/{generation_id}"), client.get("/api/generations"), client.get("/health")
            )
            assert [each.status_code for each in answers] == [200, 200, 200]
            seen.add(len(answers[0].json()["data"]["scores"]))
        assert len(await scores_sent(served.container, session_id)) == 11


async def test_what_cant_be_scored_is_refused_in_words(open_server: OpenServer, scripted: Script) -> None:
    scripted()
    async with open_server() as served:
        client = await served.local()
        assert (await client.get("/api/studio")).json()["data"]["scorer"] == {"name": "scripted", "version": "1"}
        assert (await client.post(f"/api/generations/{new_id()}/scores")).status_code == 404
        empty, _ = await filmed_ad(served.container, clips=0, film=False)
        answer = await client.post(f"/api/generations/{empty}/scores")
        assert (answer.status_code, answer.json()["error"]["message"]) == (409, "There is nothing to score yet.")


async def test_the_queue_is_seen_in_the_health_report(open_server: OpenServer, scripted: Script) -> None:
    scripted(hang=[1])
    async with open_server() as served:
        for _ in range(2):
            await filmed_ad(served.container)
        await served.container.scoring.go_on()
        async with asyncio.timeout(60):
            while True:
                served.app.state.doctor._last = None
                work = (await served.http().get("/health")).json()["checks"]["background_tasks"]
                if work["scores_processing_count"]:
                    break
        assert work == {
            "status": "healthy",
            "pending_count": 1,
            "processing_count": 1,
            "scores_pending_count": 1,
            "scores_processing_count": 1,
        }
