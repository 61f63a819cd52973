"""The history and single generations: pages, filters, edits, deletion; lists cost the same however long they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import event

from tests.fixtures.db import SESSION_ID, add_generation
from tests.fixtures.server import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def stored(served: Served, *prompts: str, **values: Any) -> list[str]:
    """Store generations of the local user that nobody works on; return their ids."""
    values = {"status": "completed", **values}
    async with served.container.sessions.begin() as session:
        return [await add_generation(session, prompt, **values) for prompt in prompts]


@pytest_asyncio.fixture(loop_scope="module")
async def client(shared: Served) -> httpx.AsyncClient:
    """The local user with an empty history."""
    client = await shared.local()
    assert (await client.delete("/api/generations")).status_code == 200
    return client


async def ids(client: httpx.AsyncClient, **params: Any) -> list[str]:
    response = await client.get("/api/generations", params=params)
    assert response.status_code == 200, response.text
    return [row["id"] for row in response.json()["data"]]


@contextmanager
def statements(served: Served) -> Iterator[list[str]]:
    """Note the statements that are sent to the database."""
    engine = served.container.reads.kw["bind"].sync_engine
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_pages_follow_each_other_without_gap_or_double(shared: Served, client: httpx.AsyncClient) -> None:
    made = await stored(shared, *(f"ad {number}" for number in range(25)))
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 10, **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/api/generations", params=params)).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["pagination"]["next_cursor"]
        assert page["pagination"]["has_more"] is (cursor is not None)
        assert (page["status"], page["pagination"]["limit"]) == ("success", 10)
        if cursor is None:
            break
    assert seen == made[::-1]


async def test_filters_narrow_the_list(shared: Served, client: httpx.AsyncClient) -> None:
    (mug,) = await stored(shared, "A mug for tea", overall_quality_score=91.0, favourite=True)
    (lamp,) = await stored(shared, "A lamp", overall_quality_score=40.0, status="failed", tags=["Spring Sale"])
    both = [lamp, mug]
    when = (await client.get(f"/api/generations/{mug}")).json()["data"]["created_at"]
    later = (await client.get(f"/api/generations/{lamp}")).json()["data"]["created_at"]
    assert await ids(client) == both
    assert await ids(client, status="failed") == [lamp]
    assert await ids(client, status=["failed", "completed"]) == both
    assert await ids(client, min_score=80) == [mug]
    assert await ids(client, search="MUG tea") == [mug]
    assert await ids(client, search="spring") == [lamp]
    assert await ids(client, search="%") == []
    assert await ids(client, search="\x00") == both
    assert await ids(client, favourites="true") == [mug]
    assert await ids(client, session_id=SESSION_ID) == both
    assert await ids(client, session_id="other") == []
    assert await ids(client, group_id="nonsense") == []
    assert await ids(client, created_to=when) == [mug]
    assert await ids(client, created_from=later) == [lamp]
    assert await ids(client, created_from="2020-01-01T00:00:00", created_to="2020-01-02") == []


BAD_QUERIES: list[dict[str, Any]] = [
    {"limit": 0},
    {"limit": 101},
    {"limit": "many"},
    {"cursor": "x"},
    {"cursor": "\x00"},
    {"cursor": "é"},
    {"cursor": "WzFd"},
    {"cursor": "x" * 500},
    {"status": "done"},
    {"min_score": 101},
    {"min_score": "nan"},
    {"created_from": "yesterday"},
    {"favourites": "maybe"},
    {"search": "x" * 201},
    {"colour": "red"},
]


async def test_a_bad_query_is_refused_in_words(client: httpx.AsyncClient) -> None:
    for params in BAD_QUERIES:
        response = await client.get("/api/generations", params=params)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_input"), params


async def test_a_list_takes_as_many_statements_as_one_row(shared: Served, client: httpx.AsyncClient) -> None:
    await stored(shared, "one")
    with statements(shared) as few:
        await ids(client)
    await stored(shared, *(f"ad {number}" for number in range(40)))
    with statements(shared) as many:
        assert len(await ids(client, limit=100)) == 41
    assert len(many) == len(few)
    assert not any("story_rounds" in statement for statement in many)


async def test_a_row_shows_the_picture_that_the_ad_itself_shows(shared: Served, client: httpx.AsyncClient) -> None:
    key = "generations/one/storyboard/scene-1.jpg"
    (shown,) = await stored(shared, "with stills", storyboard={"10": "generations/one/late.jpg", "1": key})
    await stored(shared, "none drawn", storyboard={})
    await stored(shared, "not there yet")
    rows = {row["prompt"]: row for row in (await client.get("/api/generations")).json()["data"]}
    picture = rows["with stills"]["thumbnail_url"]
    assert picture.startswith(f"{shared.url}/media/{key}?exp=")
    assert picture == (await client.get(f"/api/generations/{shown}")).json()["data"]["thumbnail_url"]
    assert rows["none drawn"]["thumbnail_url"] is rows["not there yet"]["thumbnail_url"] is None
    changed = (await client.patch(f"/api/generations/{shown}", json={"favourite": True})).json()["data"]
    assert changed["thumbnail_url"] == picture


async def test_one_generation_is_told_whole(shared: Served, client: httpx.AsyncClient) -> None:
    (made,) = await stored(shared, "A mug")
    view = (await client.get(f"/api/generations/{made}")).json()["data"]
    assert (view["id"], view["prompt"], view["status"], view["session_id"]) == (made, "A mug", "completed", SESSION_ID)
    assert {"last_seq", "scenes", "video_clips", "actions", "gate"} <= view.keys()


async def test_only_what_is_given_changes(shared: Served, client: httpx.AsyncClient) -> None:
    (made,) = await stored(shared, "A mug", title="First", tags=["a"])
    address = f"/api/generations/{made}"
    version = (await client.get(address)).json()["data"]["version"]
    changed = (await client.patch(address, json={"favourite": True, "version": version})).json()["data"]
    assert (changed["favourite"], changed["title"], changed["tags"]) == (True, "First", ["a"])
    stale = await client.patch(address, json={"title": "Mine", "version": version})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "conflict")
    fresh = (await client.patch(address, json={"title": "Zoë <b>\x00", "tags": ["x", "y"]})).json()["data"]
    assert (fresh["favourite"], fresh["tags"]) == (True, ["x", "y"])
    assert (await client.get(address)).json()["data"]["title"] == "Zoë <b>"
    assert (await client.patch(address, json={"title": None})).json()["data"]["title"] is None
    assert (await client.patch(address, json={})).status_code == 200
    for body in (
        {"favourite": "yes"},
        {"tags": ["x" * 41]},
        {"tags": ["x"] * 21},
        {"status": "completed"},
        {"title": 1},
    ):
        assert (await client.patch(address, json=body)).status_code == 400, body


async def test_what_is_deleted_is_gone(shared: Served, client: httpx.AsyncClient) -> None:
    one, other = await stored(shared, "one", "other")
    assert (await client.delete(f"/api/generations/{one}")).json()["data"] == {"count": 1}
    assert (await client.get(f"/api/generations/{one}")).status_code == 404
    assert (await client.delete(f"/api/generations/{one}")).status_code == 404
    assert (await client.patch(f"/api/generations/{one}", json={"title": "x"})).status_code == 404
    assert await ids(client) == [other]
    assert (await client.delete("/api/generations")).json()["data"] == {"count": 1}
    assert await ids(client) == []
    assert (await client.delete("/api/generations")).json()["data"] == {"count": 0}


async def test_a_deletion_is_taken_back_once_or_twice(shared: Served, client: httpx.AsyncClient) -> None:
    one, other = await stored(shared, "one", "other", storyboard={"1": "generations/one/first.jpg"})
    assert (await client.delete(f"/api/generations/{one}")).status_code == 200
    for _ in range(2):
        back = await client.post(f"/api/generations/{one}/restore")
        assert (back.status_code, back.json()["data"]["id"]) == (200, one), back.text
        assert back.json()["data"]["thumbnail_url"].startswith(f"{shared.url}/media/")
        assert await ids(client) == [other, one]
    assert (await client.post("/api/generations/nobody/restore")).status_code == 404


async def test_what_is_no_id_is_not_found(client: httpx.AsyncClient) -> None:
    for name in ("x", "%00", "1%27%20OR%201=1", "..%2f..", "%f0%9f%98%80", "0" * 500):
        assert (await client.get(f"/api/generations/{name}")).status_code == 404, name
        assert (await client.get(f"/api/sessions/{name[:64]}")).status_code == 404, name
        assert (await client.get(f"/api/sessions/{name[:60]}/events")).status_code == 404, name
