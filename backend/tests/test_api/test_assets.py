"""The library over real HTTP: uploads that are too large, lie or break are stopped; nobody sees another's images."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.db.repositories import assets
from app.kit.ids import new_id
from app.schemas.unified_pipeline import BrandAssets
from tests.fixtures import hostile
from tests.fixtures.pictures import encoded, noise
from tests.fixtures.server import OpenServer, Person, Served, tiny_body

MB = 2**20
REFUSED = hostile.refused_files()
FORM = {"Content-Type": "multipart/form-data; boundary=limit"}
PHOTO = encoded(noise())

Part = tuple[str, tuple[str | None, bytes, str] | tuple[None, str]]


@pytest.fixture
async def served(open_server: OpenServer) -> AsyncIterator[Served]:
    """A server with accounts."""
    async with open_server(auth="accounts") as served:
        yield served


@pytest.fixture
async def me(served: Served) -> Person:
    """Someone signed in."""
    return await served.person()


def part(name: str, content: bytes = PHOTO, field: str = "files") -> Part:
    """One file of a form."""
    return field, (name, content, "image/png")


async def send(person: Person, *parts: Part, **texts: Any) -> httpx.Response:
    """Upload; `kind` is product unless said."""
    return await person.client.post("/api/assets/upload", files=list(parts), data={"kind": "product", **texts})


async def upload(person: Person, *contents: bytes, **texts: Any) -> list[dict[str, Any]]:
    """Upload pictures that are fine and return their views."""
    response = await send(person, *(part(f"photo {n}.png", each) for n, each in enumerate(contents)), **texts)
    assert response.status_code == 201, response.text
    views: list[dict[str, Any]] = response.json()["data"]
    return views


def refused(response: httpx.Response, status: int) -> dict[str, Any]:
    """The error of a refusal, in the envelope, with a next step."""
    assert response.status_code == status, response.text
    body = response.json()
    assert body["status"] == "error"
    error: dict[str, Any] = body["error"]
    assert error["code"] == {400: "invalid_input", 413: "too_large", 404: "not_found"}[status]
    assert error["hint"]
    assert "Traceback" not in response.text
    return error


async def library(person: Person, **filters: Any) -> list[str]:
    """Names of what someone's list shows."""
    response = await person.client.get("/api/assets", params=filters)
    assert response.status_code == 200, response.text
    return [view["name"] for view in response.json()["data"]]


async def stored(served: Served) -> list[str]:
    """Every key in the store."""
    return [key async for key in served.container.storage.keys("")]


def head(name: str) -> bytes:
    """What comes before a file in a form."""
    return (
        f'--limit\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    ).encode()


async def test_an_upload_is_answered_with_what_a_page_needs_to_show_it(served: Served, me: Person) -> None:
    response = await send(me, part("Cup.png"), part("Mug.png", encoded(noise(seed=1))), tags=["Red", "new, in  stock"])
    assert response.status_code == 201
    assert response.json()["status"] == "success"
    cup, mug = response.json()["data"]
    assert (cup["name"], mug["name"], cup["kind"]) == ("Cup.png", "Mug.png", "product")
    assert cup["tags"] == ["red", "new", "in stock"]
    assert (cup["width"], cup["height"], cup["size_bytes"], cup["use_count"]) == (120, 90, len(PHOTO), 0)
    assert "storage_key" not in cup
    picture = await served.http().get(cup["url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    address = urlsplit(cup["url"])
    assert (await served.http().get(f"{address.path}?{address.query.replace('sig=', 'sig=0')}")).status_code == 403
    assert ".original." not in cup["url"]


async def test_the_library_is_listed_searched_renamed_tagged_and_emptied(me: Person) -> None:
    ids = [view["id"] for view in await upload(me, *(encoded(noise(seed=seed)) for seed in range(5)))]
    logo = (await upload(me, PHOTO, kind="logo", tags="dark"))[0]["id"]
    seen, cursor = [], None
    while cursor is not None or not seen:
        page = (
            await me.client.get("/api/assets", params={"limit": 4, **({"cursor": cursor} if cursor else {})})
        ).json()
        seen += [view["id"] for view in page["data"]]
        cursor = page["pagination"]["next_cursor"]
        assert page["pagination"]["has_more"] is (cursor is not None)
    assert seen[0] == logo
    assert sorted(seen) == sorted([*ids, logo])
    edit = await me.client.patch(f"/api/assets/{ids[0]}", json={"name": " ../Front\nview ", "tags": ["A", "a", "b"]})
    assert edit.status_code == 200
    assert (edit.json()["data"]["name"], edit.json()["data"]["tags"]) == ("Front view", ["a", "b"])
    assert (await me.client.patch(f"/api/assets/{ids[0]}", json={})).json()["data"]["tags"] == ["a", "b"]
    assert await library(me, search="VIEW front") == ["Front view"]
    assert await library(me, tag=" A ") == ["Front view"]
    assert await library(me, kind="logo", tag="dark") == ["photo 0.png"]
    assert (await me.client.get(f"/api/assets/{ids[0]}")).json()["data"]["name"] == "Front view"
    assert (await me.client.delete(f"/api/assets/{ids[0]}")).json()["status"] == "success"
    refused(await me.client.get(f"/api/assets/{ids[0]}"), 404)
    refused(await me.client.delete(f"/api/assets/{ids[0]}"), 404)
    assert len(await library(me)) == 5


async def test_the_same_file_again_is_the_same_image(served: Served, me: Person) -> None:
    first, again = await upload(me, PHOTO, PHOTO)
    assert first["id"] == again["id"] == (await upload(me, PHOTO))[0]["id"]
    assert len(await stored(served)) == 2


EDITS: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "Name"),
    ({"name": "\u202e\n"}, "no letters"),
    ({"name": "x" * 121}, "Name"),
    ({"name": 7}, "Name"),
    ({"tags": "red"}, "Tags"),
    ({"tags": ["x" * 41]}, "Tags"),
    ({"tags": [f"t{number}" for number in range(21)]}, "Tags"),
    ({"use_count": 9}, "Use_count"),
]


async def test_an_edit_that_is_not_legal_changes_nothing(me: Person) -> None:
    asset_id = (await upload(me, PHOTO, tags="old"))[0]["id"]
    for body, words in EDITS:
        assert words in refused(await me.client.patch(f"/api/assets/{asset_id}", json=body), 400)["message"]
    view = (await me.client.get(f"/api/assets/{asset_id}")).json()["data"]
    assert (view["name"], view["tags"]) == ("photo 0.png", ["old"])


async def test_another_users_image_does_not_exist(served: Served, me: Person) -> None:
    other = await served.person()
    theirs = (await upload(other, PHOTO))[0]["id"]
    assert await library(me) == []
    answers = set()
    for asset_id in (theirs, new_id()):
        address = f"/api/assets/{asset_id}"
        for response in (
            await me.client.get(address),
            await me.client.patch(address, json={"name": "mine"}),
            await me.client.delete(address),
        ):
            answers.add(refused(response, 404)["message"])
    assert len(answers) == 1
    assert await library(other) == ["photo 0.png"]
    assert (await upload(me, PHOTO))[0]["id"] != theirs
    for method in ("get", "patch", "delete"):
        assert (await me.client.request(method, "/api/assets/nonsense")).status_code in {404, 405}


async def test_nobody_uploads_or_looks_without_signing_in(served: Served) -> None:
    client = served.http()
    assert (await client.get("/api/assets")).status_code == 401
    assert (await client.post("/api/assets/upload", files=[part("a.png")], data={"kind": "logo"})).status_code == 401
    assert await stored(served) == []


async def test_every_hostile_file_is_refused_by_name_and_nothing_is_harmed(served: Served, me: Person) -> None:
    for name, (content, words) in REFUSED.items():
        error = refused(await send(me, part("fine.png"), part(name, content)), 400)
        assert error["message"].startswith(f"{name} ")
        assert words in error["message"]
    assert await stored(served) == []
    assert len(await upload(me, PHOTO)) == 1


async def test_passengers_and_places_stay_out_of_what_is_served(served: Served, me: Person) -> None:
    views = await upload(me, hostile.polyglot(), hostile.located_photo())
    for view in views:
        copy = (await served.http().get(view["url"])).content
        assert copy.endswith(b"\xff\xd9")
        assert b"run.sh" not in copy
        assert hostile.CAMERA not in copy
        assert b"Exif" not in copy


NAMES = [
    ("../../../etc/passwd", "passwd"),
    ("..\\..\\boot.png", "boot.png"),
    ("a\x00b.png", "a b.png"),
    ("", "product image"),
    ("ü" * 300, "ü" * 120),
    ('"><img src=x>.png', '"><img src=x>.png'),
]


async def test_a_file_name_is_only_a_label(served: Served, me: Person) -> None:
    for number, (name, kept) in enumerate(NAMES):
        content = head(name.replace('"', "%22")) + encoded(noise(seed=number))
        form = (
            b'--limit\r\nContent-Disposition: form-data; name="kind"\r\n\r\nproduct\r\n'
            + content
            + b"\r\n--limit--\r\n"
        )
        response = await me.client.post("/api/assets/upload", content=form, headers=FORM)
        assert response.status_code == 201, response.text
        assert response.json()["data"][0]["name"] == kept.replace('"', "%22")
    assert len(await stored(served)) == 2 * len(NAMES)
    assert all(key.startswith(f"users/{me.id}/assets/product-") for key in await stored(served))


async def test_a_file_name_of_five_thousand_letters_is_refused(served: Served, me: Person) -> None:
    refused(await send(me, part("x" * 5000)), 400)
    assert len(await upload(me, PHOTO)) == 1


FORMS: list[tuple[list[Part], dict[str, Any], str]] = [
    ([], {}, "no image"),
    ([part("a.png")] * 11, {}, "Too many files"),
    ([part("a.png")] * 30, {}, "Too many files"),
    ([part("a.png", field="file")], {}, "called `file`"),
    ([part("a.png"), part("b.png", field="logo")], {}, "called `logo`"),
    ([part("a.png")], {"kind": "banner"}, "one `kind`"),
    ([part("a.png")], {"kind": ""}, "one `kind`"),
    ([part("a.png")], {"kind": ["logo", "product"]}, "one `kind`"),
    ([part("a.png")], {"owner": "someone"}, "called `owner`"),
    ([part("a.png")], {"files": "text"}, "not a file"),
    ([part("a.png")], {"tags": "x" * 41}, "longer than 40"),
    ([part("a.png")], {"tags": ",".join(f"t{number}" for number in range(21))}, "21 tags"),
    ([part("a.png")], {"tags": "x" * 70_000}, "can't be read"),
    ([part("a.png")], {"tags": ["x"] * 40}, "Too many fields"),
]


async def test_a_form_that_is_not_as_documented_is_refused_in_words(served: Served, me: Person) -> None:
    for parts, texts, words in FORMS:
        empty: list[Part] = [] if parts else [("tags", (None, "x"))]
        assert words in refused(await send(me, *empty, *parts, **texts), 400)["message"]
    assert await stored(served) == []


BODIES = [
    ("", b""),
    ("application/json", b"{}"),
    ("image/png", PHOTO),
    ("multipart/form-data", b""),
    ("multipart/form-data; boundary=", b"--\r\n"),
    ("multipart/form-data; boundary=" + "x" * 400, b""),
    ("multipart/form-data; boundary=limit", b""),
    ("multipart/form-data; boundary=limit", head("a.png") + PHOTO),
    ("multipart/form-data; boundary=limit", b"--limit\r\n\r\n\r\n--limit--\r\n"),
    ("multipart/form-data; boundary=limit", b"--limit\r\nContent-Disposition: form-data\r\n\r\nx\r\n--limit--\r\n"),
    ("multipart/form-data; boundary=limit; charset=idna", head("\u00e9.png") + PHOTO + b"\r\n--limit--\r\n"),
    ("multipart/form-data; boundary=limit; charset=punycode", head("\u00e9.png") + b"\r\n--limit--\r\n"),
    ("multipart/form-data; boundary=limit", b"--limit\r\n" + b"A: b\r\n" * 500 + b"\r\nx\r\n--limit--\r\n"),
    ("multipart/form-data; boundary=limit", bytes(range(256)) * 40),
]


async def test_a_body_that_is_no_form_is_refused_plainly(served: Served, me: Person) -> None:
    for kind, body in BODIES:
        refused(await me.client.post("/api/assets/upload", content=body, headers={"Content-Type": kind}), 400)
    assert await stored(served) == []


async def test_only_the_upload_itself_takes_large_bodies(me: Person) -> None:
    body = json.dumps({"name": "x" * (2 * MB)})
    for method in ("PATCH", "PUT", "POST"):
        for address in ("/api/assets/upload", f"/api/assets/{new_id()}", "/api/assets"):
            response = await me.client.request(method, address, content=body, headers={"Content-Type": "text/json"})
            assert response.status_code in {400, 405, 413}, (method, address, response.text)


async def test_many_uploads_at_once_all_arrive(served: Served, me: Person) -> None:
    contents = [encoded(noise(seed=seed)) for seed in range(1, 13)]
    await asyncio.gather(*(upload(me, content, PHOTO) for content in contents))
    assert len(await library(me, limit=100)) == 13


@pytest.mark.ac("AC-2.1")
async def test_an_ad_uses_images_of_the_library_and_only_ones_own(served: Served, me: Person) -> None:
    other = await served.person()
    cup, logo = (await upload(me, PHOTO))[0]["id"], (await upload(me, PHOTO, kind="logo"))[0]["id"]
    theirs = (await upload(other, PHOTO))[0]["id"]
    body = tiny_body(interactive=True, brand_assets={"product_images": [cup], "logo": logo})
    started = await me.client.post("/api/v2/generate", json=body)
    assert started.status_code == 202, started.text
    view = await me.client.get(f"/api/generations/{started.json()['data']['generation_id']}")
    assert view.json()["data"]["assets_in_use"] == ["photo 0.png", "photo 0.png"]
    assert (await me.client.get(f"/api/assets/{cup}")).json()["data"]["use_count"] == 1
    said = []
    for bad in (theirs, new_id(), "https://example.com/cup.png", "s3://bucket/logo.png"):
        body["brand_assets"] = BrandAssets(product_images=[cup], logo=bad).model_dump()
        error = refused(await me.client.post("/api/v2/generate", json=body), 400)
        said.append(error["message"].replace(bad, "NAME"))
    assert set(said) == {'brand_assets.logo ("NAME") is not an image of your library.'}
    assert (await me.client.get(f"/api/assets/{cup}")).json()["data"]["use_count"] == 1
    await me.client.delete(f"/api/assets/{cup}")
    assert (await served.http().get((await me.client.get("/api/assets")).json()["data"][0]["url"])).status_code == 200
    async with served.container.reads() as session:
        assert await assets.get(session, me.id, cup) is None
