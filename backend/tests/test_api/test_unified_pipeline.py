"""POST /api/v2/generate."""

from __future__ import annotations

from tests.fixtures.server import Served, tiny_body, until


async def test_an_ad_is_made_over_http(server: Served) -> None:
    client = await server.local()
    response = await client.post("/api/v2/generate", json=tiny_body())
    assert response.status_code == 202, response.text
    body = response.json()
    started = body["data"]
    assert body["status"] == "success"
    assert started["status"] == "pending"
    assert started["websocket_url"] == f"{server.url.replace('http', 'ws')}/ws/{started['session_id']}"
    view = await until(client, started["generation_id"], lambda view: view["status"] in {"completed", "failed"})
    assert view["status"] == "completed", view["error_message"]
    film = await server.http().get(view["final_video_url"])
    assert film.status_code == 200
    assert film.headers["content-type"] == "video/mp4"
