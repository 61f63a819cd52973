"""What the studio is told it may offer is what the server then accepts and refuses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.core.version import admint_version
from app.services.unified_pipeline.config_loader import load_config
from tests.fixtures.pictures import encoded, noise
from tests.fixtures.server import OpenServer, Served, tiny_body


async def view_of(client: httpx.AsyncClient) -> Any:
    response = await client.get("/api/studio")
    assert response.status_code == 200, response.text
    return response.json()["data"]


async def test_it_says_who_works_here_and_what_that_costs(server: Served) -> None:
    assert (await server.http().get("/api/studio")).status_code == 401
    view = await view_of(await server.local())
    assert [each.pop("task") for each in view["providers"]] == ["text", "vision", "image", "video", "audio"]
    local = {"name": "local", "label": "Local studio", "local": True, "costs_money": False}
    assert all(each == local for each in view["providers"])
    assert (view["scorer"], view["version"]) == (None, admint_version())


async def test_it_says_what_can_be_paid_for_and_whether_a_key_is_there_but_never_the_key(
    open_server: OpenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_canary")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    async with open_server() as served:
        response = await (await served.local()).get("/api/studio")
    assert "canary" not in response.text
    view = response.json()["data"]
    known = {each["name"]: each for each in view["offers"]}
    assert [(name, each["key"], each["key_variable"]) for name, each in known.items()] == [
        ("local", "none", None),
        ("openai", "missing", "OPENAI_API_KEY"),
        ("replicate", "set", "REPLICATE_API_TOKEN"),
    ]
    assert (known["replicate"]["tasks"], known["local"]["models"]) == (["image", "video"], [])
    models = {each["id"]: each for each in known["replicate"]["models"]}
    assert set(view["models"].values()) <= models.keys()
    fast = models["google/veo-3.1-fast"]
    assert (fast["usd"], fast["per"], "2026-11-23" in fast["source"]) == ("0.1", "second", True)
    assert view["cap_usd"] == "0"


async def test_defaults_and_ranges_are_the_configurations_own(server: Served) -> None:
    view, config = await view_of(await server.local()), load_config()
    whole = config.model_dump(mode="json")
    assert view["defaults"] == {name: whole[name] for name in view["defaults"]}
    assert {"duration_s", "aspect_ratio", "framework", "stages", "video_max_concurrent"} <= view["defaults"].keys()
    assert view["ranges"]["duration_s"] == {"min": 2, "max": 60}
    assert view["ranges"]["video_max_concurrent"] == {"min": 1, "max": 10}
    assert view["ranges"]["approval_timeout_h"] == {"min": None, "max": 720}
    assert view["ranges"].keys() <= view["defaults"].keys()
    assert {each["name"]: each["guidance"] for each in view["frameworks"]} == {
        name: plan.guidance for name, plan in config.frameworks.items()
    }
    assert view["frame_sizes"] == {"16:9": [1280, 720], "9:16": [720, 1280], "1:1": [1080, 1080]}


async def test_a_limit_is_where_the_server_really_refuses(server: Served) -> None:
    client = await server.local()
    limits = (await view_of(client))["limits"]
    assert (limits["prompt"], limits["file_bytes"], limits["total_bytes"]) == (5000, 10 * 2**20, 50 * 2**20)
    for name in ("prompt", "brand", "cta", "framework_text"):
        refused = await client.post("/api/v2/generate", json=tiny_body(**{name: "x" * (limits[name] + 1)}))
        assert (refused.status_code, str(limits[name]) in refused.text) == (400, True), (name, refused.text)
    ranges = (await view_of(client))["ranges"]
    for name, each in ranges.items():
        body = tiny_body(overrides={name: each["max"] + 1})
        assert (await client.post("/api/v2/generate", json=body)).status_code == 400, name
    for kind in limits["asset_kinds"]:
        picture = encoded(noise(80, 80, seed=len(kind)), "PNG")
        sent = await client.post("/api/assets/upload", data={"kind": kind}, files={"files": ("a.png", picture)})
        assert sent.status_code == 201, sent.text
    assert limits["media_types"] == ["image/png", "image/jpeg", "image/webp"]
    assert limits["generations_per_hour"] is None


async def test_people_of_a_shared_server_are_told_their_limit(open_server: OpenServer) -> None:
    async with open_server(auth="accounts") as served:
        person = await served.person()
        assert (await view_of(person.client))["limits"]["generations_per_hour"] == 10
