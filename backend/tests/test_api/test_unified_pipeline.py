"""POST /api/v2/generate: the spec's request and answer, refusals in words, one effect a key, a limit an hour."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from app.db.models import Generation
from app.kit.ids import new_id
from tests.fixtures.server import OpenServer, Served, tiny_body, until
from tests.fixtures.tiny_ad import TINY


async def count(served: Served) -> int:
    async with served.container.reads() as session:
        return await session.scalar(select(func.count()).select_from(Generation)) or 0


@pytest.mark.ac("AC-1.6")
async def test_an_ad_is_made_over_http(server: Served) -> None:
    client = await server.local()
    response = await client.post("/api/v2/generate", json=tiny_body())
    assert response.status_code == 202, response.text
    body = response.json()
    started = body["data"]
    assert (body["status"], started["status"]) == ("success", "pending")
    assert body["message"] == "Generation started. Connect to WebSocket for real-time updates."
    assert started["websocket_url"] == f"{server.url.replace('http', 'ws')}/ws/{started['session_id']}"
    view = await until(client, started["generation_id"], lambda view: view["status"] in {"completed", "failed"})
    assert view["status"] == "completed", view["error_message"]
    film = await server.http().get(view["final_video_url"])
    assert (film.status_code, film.headers["content-type"]) == (200, "video/mp4")
    joined = await client.post("/api/v2/generate", json=tiny_body(session_id=started["session_id"], interactive=True))
    assert joined.json()["data"]["session_id"] == started["session_id"]
    log = (await client.get(f"/api/sessions/{started['session_id']}/events")).json()["data"]
    assert [event["seq"] for event in log["events"]] == list(range(1, log["last_seq"] + 1))
    assert {event["generation_id"] for event in log["events"]} >= {started["generation_id"]}


async def test_the_specs_request_is_taken_as_it_is_written(server: Served) -> None:
    client = await server.local()
    session_id = "abc123"
    request = {
        "prompt": "Create a 30-second ad for eco-friendly water bottle",
        "framework": "AIDA",
        "brand_assets": {"product_images": [], "logo": None, "character_images": []},
        "config": {"parallel_variants": 1, "quality_threshold": 0.8, "enable_vbench": True},
        "interactive": True,
        "session_id": session_id,
    }
    response = await client.post("/api/v2/generate", json=request)
    assert response.status_code == 202, response.text
    started = response.json()["data"]
    assert started["session_id"] == session_id
    view = (await client.get(f"/api/generations/{started['generation_id']}")).json()["data"]
    assert (view["config"]["vbench_threshold_good"], view["framework"]) == (80, "AIDA")


BAD: dict[str, tuple[Any, str]] = {
    "no prompt": ({}, "prompt"),
    "an empty prompt": ({"prompt": "  "}, "prompt"),
    "only a null byte": ({"prompt": "\x00"}, "prompt"),
    "a long prompt": ({"prompt": "x" * 5001}, "prompt"),
    "a prompt that is no text": ({"prompt": 7}, "text"),
    "a framework that is none": ({"prompt": "a cup", "framework": "AIDAX"}, "framework"),
    "text for a bool": ({"prompt": "a cup", "interactive": "true"}, "true or false"),
    "a number for a bool": ({"prompt": "a cup", "interactive": 1}, "true or false"),
    "text for a number": ({"prompt": "a cup", "seed": "1"}, "whole number"),
    "an unknown key": ({"prompt": "a cup", "colour": "red"}, "colour"),
    "a score over the top": ({"prompt": "a cup", "config": {"quality_threshold": 101}}, "quality_threshold"),
    "too many variants": ({"prompt": "a cup", "config": {"parallel_variants": 99}}, "parallel_variants"),
    "too many ads": ({"prompts": ["a cup"] * 6, "config": {"parallel_variants": 2}}, "10"),
    "an unknown setting": ({"prompt": "a cup", "config": {"overrides": {"fpss": 10}}}, "fps"),
    "an illegal setting": ({"prompt": "a cup", "config": {"overrides": {"fps": 1000}}}, "fps"),
    "a raised limit": (
        {"prompt": "a cup", "config": {"overrides": {"generations_per_hour": 999}}},
        "generations_per_hour",
    ),
    "a provider that is none": ({"prompt": "a cup", "config": {"overrides": {"providers.text": "gpt"}}}, "provider"),
    "a session id with spaces": ({"prompt": "a cup", "session_id": "a b"}, "session_id"),
    "another's image": ({"prompt": "a cup", "brand_assets": {"logo": new_id()}}, ""),
    "a path for an image": ({"prompt": "a cup", "brand_assets": {"logo": "../../etc/passwd"}}, ""),
    "an address for an image": ({"prompt": "a cup", "brand_assets": {"logo": "http://169.254.169.254/"}}, ""),
    "a framework of one's own without its beats": ({"prompt": "a cup", "framework": "custom"}, "framework"),
    "a list": ([], ""),
    "a word": ("ad", ""),
    "null": (None, ""),
}


async def test_bad_input_is_refused_in_words_and_leaves_nothing(server: Served) -> None:
    client = await server.local()
    for name, (request, word) in BAD.items():
        response = await client.post("/api/v2/generate", json=request)
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (400, "invalid_input"), (name, response.text)
        assert word in str(error), (name, error)
    for text in ("{", '{"prompt": "a cup"', "\x00", "", '{"prompt": NaN}', "[" * 100_000):
        response = await client.post("/api/v2/generate", content=text, headers={"Content-Type": "application/json"})
        assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_input"), text[:20]
    form = await client.post("/api/v2/generate", data={"prompt": "a cup"})
    plain = await client.post("/api/v2/generate", content='{"prompt": "a cup"}', headers={"Content-Type": "text/plain"})
    assert (form.status_code, plain.status_code) == (400, 400)
    assert await count(server) == 0


async def test_problems_are_told_by_place(server: Served) -> None:
    client = await server.local()
    request = {"prompt": 7, "config": {"parallel_variants": "2"}, "colour": "red"}
    error = (await client.post("/api/v2/generate", json=request)).json()["error"]
    places = {each["where"]: each["message"] for each in error["details"]["problems"]}
    assert places == {
        "prompt": "must be text",
        "config.parallel_variants": "must be a whole number",
        "colour": "is not known here",
    }


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_twenty_posts_with_one_key_make_one_ad(
    open_server: OpenServer, database: str, request: pytest.FixtureRequest
) -> None:
    url = None if database == "sqlite" else request.getfixturevalue("postgres_url")
    if url is not None:
        from app.db.session import upgrade_database

        await asyncio.to_thread(upgrade_database, url)
    async with open_server(auth="accounts", database_url_override=url) as served:
        ann = await served.person()
        key = {"Idempotency-Key": "order-1"}
        body = tiny_body(interactive=True)
        answers = await asyncio.gather(
            *(ann.client.post("/api/v2/generate", json=body, headers=key) for _ in range(20))
        )
        assert {each.status_code for each in answers} == {202}
        assert len({each.text for each in answers}) == 1
        assert await count(served) == 1
        other = await ann.client.post("/api/v2/generate", json={**body, "seed": 2}, headers=key)
        assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")
        bob = await served.person()
        assert (await bob.client.post("/api/v2/generate", json=body, headers=key)).status_code == 202
        assert await count(served) == 2
        for bad in ("", "two words", "x" * 129):
            response = await ann.client.post("/api/v2/generate", json=body, headers={"Idempotency-Key": bad})
            assert response.status_code == 400, bad


async def test_several_prompts_make_a_group(server: Served) -> None:
    client = await server.local()
    overrides = {"config": {"overrides": TINY}}
    response = await client.post("/api/v2/generate", json={"prompts": ["A mug for tea", "A thermos"], **overrides})
    started = response.json()["data"]
    assert len(started["generations"]) == 2
    group = await client.get("/api/generations", params={"group_id": started["group_id"]})
    assert {row["id"] for row in group.json()["data"]} == set(started["generations"])
