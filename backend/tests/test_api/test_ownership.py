"""Another person's things do not exist, and nobody gets anything unsigned: over every route of the OpenAPI document."""

from __future__ import annotations

from typing import Any

from app.db.repositories import groups, users
from app.kit.ids import new_id
from tests.fixtures.db import SESSION_ID, add_generation
from tests.fixtures.pictures import encoded, noise
from tests.fixtures.server import OpenServer, Served, tiny_body

GENERATION = "/api/generations/{generation_id}"
BODIES: dict[tuple[str, str], Any] = {
    ("patch", GENERATION): {"title": "mine"},
    ("post", f"{GENERATION}/feedback"): {"id": "m1", "stage": "story", "action": "approve"},
    ("post", f"{GENERATION}/clips/{{scene_id}}/retry"): {"new_take": True},
    ("patch", f"{GENERATION}/scenes/{{scene_id}}"): {"change": {"headline": "mine"}},
    ("post", f"{GENERATION}/scenes/{{scene_id}}/regenerate"): {"instructions": "mine"},
    ("post", f"{GENERATION}/scenes/order"): {"order": [1]},
    ("post", "/api/groups/{group_id}/winner"): {"generation_id": None},
    ("patch", "/api/assets/{asset_id}"): {"name": "mine"},
    ("post", f"{GENERATION}/reading"): {"message": "make scene 1 mine"},
    ("post", f"{GENERATION}/cap"): {"cap_usd": 5},
    ("post", f"{GENERATION}/charges/{{call_id}}"): {"decision": "retry"},
    ("post", f"{GENERATION}/upgrade"): {"scene_ids": [1], "provider": "replicate", "quote_digest": "mine"},
}
WITHOUT_BODY = {
    ("get", GENERATION),
    ("delete", GENERATION),
    ("post", f"{GENERATION}/cancel"),
    ("post", f"{GENERATION}/pause"),
    ("post", f"{GENERATION}/resume"),
    ("post", f"{GENERATION}/restore"),
    ("get", f"{GENERATION}/download"),
    ("get", f"{GENERATION}/events"),
    ("get", f"{GENERATION}/costs"),
    ("get", f"{GENERATION}/quote"),
    ("post", f"{GENERATION}/scores"),
    ("get", "/api/groups/{group_id}"),
    ("get", "/api/sessions/{session_id}"),
    ("get", "/api/sessions/{session_id}/events"),
    ("get", "/api/assets/{asset_id}"),
    ("delete", "/api/assets/{asset_id}"),
}
ANYONES = {
    "/health",
    "/health/ready",
    "/health/live",
    "/api/auth/local-session",
    "/media/{key}",
    "/api/hooks/replicate/{call}",  # who sends it signs it
}


def operations(served: Served) -> list[tuple[str, str]]:
    return [(method, path) for path, item in served.app.openapi()["paths"].items() for method in item]


async def test_what_is_another_persons_is_not_there(open_server: OpenServer) -> None:
    async with open_server(auth="accounts") as served:
        owner, stranger = await served.local_person(), await served.person()
        ids = await _things_of_the_owner(served, owner.client)
        with_ids = {each for each in operations(served) if "{" in each[1] and each[1] not in ANYONES}
        assert with_ids == BODIES.keys() | WITHOUT_BODY, "a route with an id needs its case here"
        before = {path: (await owner.client.get(path.format(**ids))).json() for _, path in sorted(with_ids & READS)}
        found = {}
        for method, path in sorted(with_ids):
            address, body = path.format(**ids), BODIES.get((method, path))
            response = await stranger.client.request(method, address, json=body)
            if (response.status_code, response.json()["error"]["code"]) != (404, "not_found"):
                found[method, path] = response.text
            unknown = path.format(**{name: new_id() for name in ids} | {"scene_id": 1})
            gone = await stranger.client.request(method, unknown, json=body)
            assert gone.status_code == 404, (method, path, gone.text)
            assert _shape(gone.json(), unknown) == _shape(response.json(), address), "told apart from what is not there"
        assert found == {}
        after = {path: (await owner.client.get(path.format(**ids))).json() for path in before}
        assert after == before
        assert (await stranger.client.get("/api/generations")).json()["data"] == []
        assert (await stranger.client.get("/api/assets")).json()["data"] == []
        assert (await stranger.client.get("/api/groups")).json()["data"] == []
        stolen = tiny_body(session_id=SESSION_ID)
        assert (await stranger.client.post("/api/v2/generate", json=stolen)).status_code == 404
        assert (await stranger.client.delete("/api/generations")).json()["data"] == {"count": 0}
        assert len((await owner.client.get("/api/generations")).json()["data"]) == 1


READS = {("get", GENERATION), ("get", "/api/groups/{group_id}"), ("get", "/api/assets/{asset_id}")}


def _shape(body: Any, address: str) -> Any:
    """Return a failure with the ids taken out."""
    text = str(body)
    for part in address.split("/"):
        if len(part) > 10:
            text = text.replace(part, "ID")
    return text


async def _things_of_the_owner(served: Served, client: Any) -> dict[str, str]:
    group_id = new_id()
    async with served.container.sessions.begin() as session:
        generation_id = await add_generation(session, status="completed")
        await groups.create(session, group_id, users.LOCAL_USER_ID, title="x")
    upload = [("files", ("p.png", encoded(noise()), "image/png"))]
    asset = await client.post("/api/assets/upload", files=upload, data={"kind": "product"})
    assert asset.status_code == 201, asset.text
    asset_id = asset.json()["data"][0]["id"]
    return {
        "generation_id": generation_id,
        "session_id": SESSION_ID,
        "group_id": group_id,
        "asset_id": asset_id,
        "scene_id": "1",
        "call_id": new_id(),
    }


async def test_nobody_gets_anything_without_a_sign_in(server: Served) -> None:
    nobody = server.http(headers={"Origin": server.url})
    asked = [each for each in operations(server) if each[1] not in ANYONES]
    assert len(asked) > 25
    names = ("generation_id", "session_id", "group_id", "asset_id", "call_id")
    values = {name: new_id() for name in names} | {"scene_id": "1"}
    for method, path in asked:
        response = await nobody.request(method, path.format(**values), json=BODIES.get((method, path)))
        assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorized"), (method, path)
