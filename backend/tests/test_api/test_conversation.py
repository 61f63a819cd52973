"""A whole conversation by polling: two gates, a joke, an edit of one scene, clips, downloads. No socket is used."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.kit.ids import new_id
from tests.fixtures.server import Served, tiny_body, until


def at_gate(stage: str) -> Any:
    return lambda view: view["gate"] is not None and view["gate"]["stage"] == stage


def is_done(view: Any) -> bool:
    return bool(view["status"] == "completed")


async def say(client: httpx.AsyncClient, generation_id: str, stage: str, **word: Any) -> httpx.Response:
    body = {"id": new_id(), "stage": stage, **word}
    return await client.post(f"/api/generations/{generation_id}/feedback", json=body)


async def finished(client: httpx.AsyncClient) -> str:
    """Make a tiny ad and return its id."""
    response = await client.post("/api/v2/generate", json=tiny_body())
    generation_id = str(response.json()["data"]["generation_id"])
    await until(client, generation_id, is_done)
    return generation_id


@pytest.mark.ac("AC-5.8")
async def test_an_ad_is_talked_over_by_polling(server: Served) -> None:
    client = await server.local()
    started = (await client.post("/api/v2/generate", json=tiny_body(interactive=True))).json()["data"]
    generation_id = started["generation_id"]
    address = f"/api/generations/{generation_id}"

    view = await until(client, generation_id, at_gate("story"))
    early = await client.patch(f"{address}/scenes/1", json={"change": {"headline": "Too early"}})
    assert (early.status_code, early.json()["error"]["code"]) == (409, "conflict")
    wrong = await say(client, generation_id, "scenes", action="approve")
    assert wrong.status_code == 409
    draft = view["gate"]["draft_digest"]
    funnier = await say(client, generation_id, "story", message="make it funnier", draft_digest=draft)
    assert (funnier.status_code, funnier.json()["data"]["action"]) == (202, "refine")
    view = await until(client, generation_id, lambda v: at_gate("story")(v) and v["gate"]["draft_digest"] != draft)
    word = {"id": "yes-1", "stage": "story", "message": "looks good", "draft_digest": view["gate"]["draft_digest"]}
    said = [await client.post(f"{address}/feedback", json=word) for _ in range(2)]
    assert (said[0].status_code, said[0].json()["data"]["action"]) == (202, "approve")

    view = await until(client, generation_id, at_gate("scenes"))
    before = view["scenes"]
    edited = await client.patch(f"{address}/scenes/2", json={"change": {"headline": "Refill it"}})
    assert edited.status_code == 202, edited.text
    view = await until(
        client, generation_id, lambda v: at_gate("scenes")(v) and v["scenes"][1]["copy_text"]["headline"] == "Refill it"
    )
    assert view["scenes"][0] == before[0]
    assert (await client.patch(f"{address}/scenes/9", json={"change": {"headline": "x"}})).status_code == 400
    assert (await client.patch(f"{address}/scenes/0", json={"change": {"headline": "x"}})).status_code == 400
    assert (await client.post(f"{address}/scenes/order", json={"order": [1, 1]})).status_code == 400
    assert (await client.post(f"{address}/clips/1/retry")).status_code == 409
    await say(client, generation_id, "scenes", action="approve", draft_digest=view["gate"]["draft_digest"])

    view = await until(client, generation_id, is_done)
    assert [clip["status"] for clip in view["video_clips"]] == ["complete", "complete"]
    (row,) = (await client.get("/api/generations")).json()["data"]
    assert row["thumbnail_url"] == view["thumbnail_url"]
    picture = await client.get(row["thumbnail_url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    fine = await client.post(f"{address}/clips/1/retry")
    assert (fine.status_code, fine.json()["error"]["code"]) == (409, "conflict")
    await _log_is_whole(client, started["session_id"], generation_id)


async def _log_is_whole(client: httpx.AsyncClient, session_id: str, generation_id: str) -> None:
    """The log by pages of two, by session and by generation, is one and the same, numbered without a gap."""
    whole = (await client.get(f"/api/sessions/{session_id}/events", params={"limit": 500})).json()["data"]
    assert [event["seq"] for event in whole["events"]] == list(range(1, whole["last_seq"] + 1))
    kinds = {event["type"] for event in whole["events"]}
    assert {"generation_started", "story_generated", "user_message", "scene_updated", "generation_complete"} <= kinds
    paged: list[Any] = []
    more = True
    while more:
        since = paged[-1]["seq"] if paged else 0
        page = (
            await client.get(f"/api/generations/{generation_id}/events", params={"since": since, "limit": 2})
        ).json()["data"]
        paged += page["events"]
        more = page["has_more"]
    assert paged == whole["events"]
    assert not [key for key in _media(paged) if not key.startswith("http")]
    session = (await client.get(f"/api/sessions/{session_id}")).json()["data"]
    assert (session["last_seq"], [each["id"] for each in session["generations"]]) == (
        whole["last_seq"],
        [generation_id],
    )


def _media(events: list[Any]) -> list[str]:
    """Return every address of media in events."""
    found = [event["payload"]["url"] for event in events if event["type"] == "video_complete"]
    found += [event["payload"]["final_video_url"] for event in events if event["type"] == "generation_complete"]
    found += [
        url for event in events if event["type"] == "storyboard_ready" for url in event["payload"]["stills"].values()
    ]
    images = [event["payload"]["images"] for event in events if event["type"] == "reference_images_ready"]
    found += [image["url"] for each in images for image in each]
    assert len(found) > 5
    return found


async def test_pause_cancel_and_resume(server: Served) -> None:
    client = await server.local()
    started = (await client.post("/api/v2/generate", json=tiny_body(interactive=True))).json()["data"]
    generation_id, address = started["generation_id"], f"/api/generations/{started['generation_id']}"
    await until(client, generation_id, at_gate("story"))
    assert (await client.post(f"{address}/pause")).status_code == 409
    cancelled = await client.post(f"{address}/cancel")
    assert (cancelled.status_code, cancelled.json()["data"]) == (
        202,
        {"generation_id": generation_id, "accepted": True},
    )
    await until(client, generation_id, lambda view: view["substage"] == "cancelled")
    again = await client.post(f"{address}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    assert (await client.post(f"{address}/resume")).status_code == 202
    await until(client, generation_id, at_gate("story"))


async def test_everything_can_be_downloaded(server: Served) -> None:
    client = await server.local()
    generation_id = await finished(client)
    address = f"/api/generations/{generation_id}/download"
    for params, kind in (
        ({"what": "final"}, "video/mp4"),
        ({}, "video/mp4"),
        ({"what": "clip", "id": 2}, "video/mp4"),
        ({"what": "reference", "id": 3}, "image/png"),
    ):
        moved = await client.get(address, params=params)
        assert moved.status_code == 302, moved.text
        file = await server.http().get(moved.headers["location"])
        assert (file.status_code, file.headers["content-type"]) == (200, kind)
        name = parse_qs(urlsplit(moved.headers["location"]).query)["d"][0]
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    for what, kind, start in (
        ("story", "text/markdown", "# "),
        ("scenes", "text/markdown", "# Scenes"),
        ("captions", "text/vtt", "WEBVTT"),
        ("metadata", "application/json", "{"),
    ):
        text = await client.get(address, params={"what": what})
        assert text.headers["content-type"].startswith(kind)
        assert text.text.startswith(start)
        assert text.headers["content-disposition"].startswith('attachment; filename="')
    metadata = json.loads((await client.get(address, params={"what": "metadata"})).text)
    assert metadata["generation_id"] == generation_id
    for params, status in (
        ({"what": "clip"}, 400),
        ({"what": "reference"}, 400),
        ({"what": "reference", "id": 4}, 404),
        ({"what": "clip", "id": 9}, 404),
        ({"what": "clip", "id": 0}, 400),
        ({"what": "everything"}, 400),
    ):
        assert (await client.get(address, params=params)).status_code == status, params
    await _media_holds(server, (await client.get(address)).headers["location"], generation_id)


async def _media_holds(server: Served, address: str, generation_id: str) -> None:
    """The signed address gives parts, refuses every change of itself, and nothing else of the store."""
    client = server.http()
    whole = await client.get(address)
    assert whole.headers["cache-control"].startswith("private")
    assert whole.headers["x-content-type-options"] == "nosniff"
    head = await client.head(address)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(whole.content)), b"")
    part = await client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    tail = await client.get(address, headers={"Range": "bytes=-5"})
    assert (tail.status_code, tail.content) == (206, whole.content[-5:])
    beyond = await client.get(address, headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    base = f"{parts.scheme}://{parts.netloc}"
    tampered = [
        (parts.path, {**query, "exp": str(int(query["exp"]) + 1)}),
        (parts.path, {**query, "exp": "0"}),
        (parts.path, {**query, "sig": "0" * 64}),
        (parts.path, {**query, "sig": query["sig"].upper()}),
        (parts.path, {**query, "d": "page.html"}),
        (parts.path, {name: query[name] for name in ("exp", "sig")}),
        (parts.path.replace("final", "other"), query),
        (f"/media/generations/{generation_id}/..%2f..%2f..%2fsecret.key", query),
        ("/media/..%2fsecret.key", query),
        ("/media/%00", query),
    ]
    for path, changed in tampered:
        response = await client.get(f"{base}{path}", params=changed)
        assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden"), (path, changed)
    assert (await client.get(f"{base}{parts.path}")).status_code == 400
    assert (await client.post(address)).status_code == 405


async def test_a_signature_does_not_lead_out_of_the_store(server: Served) -> None:
    links, media = server.container.links, server.container.settings.media_path
    client = server.http()
    media.mkdir(parents=True, exist_ok=True)
    (media / "link.txt").symlink_to(server.container.settings.home_path / "admint.db")
    assert (await client.get(await links.url("link.txt"))).status_code == 404
    for key in ("../admint.db", "/etc/passwd", "a/../../admint.db", ""):
        response = await client.get(await links.url(key))
        assert response.status_code in {400, 404}, (key, response.text)
        assert response.json()["status"] == "error"
    assert (await client.get(await links.url("nothing.mp4"))).status_code == 404
    (media / "page.html").write_text("<script>1</script>")
    page = await client.get(await links.url("page.html"))
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in page.headers["content-security-policy"]
