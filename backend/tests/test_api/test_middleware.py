"""What every request meets before a route: an id, headers, a limit on its body; and how failures look."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.exc import OperationalError

from app.api.headers import content_security_policy
from app.api.middleware import MAX_BODY_BYTES
from app.core.errors import Transient
from tests.fixtures.server import Served, tiny_body

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_answer_carries_the_headers(shared: Served) -> None:
    client = await shared.local()
    for path in ("/health", "/", "/api/auth/me", "/api/nothing", "/nothing", "/openapi.json", "/media/a?exp=1&sig=x"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert path.startswith("/media") or "frame-ancestors 'none'" in policy
        assert "no-store" in headers["cache-control"]
        assert "server" not in headers
        assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("base_url", "socket_url"),
    [("http://127.0.0.1:8000", "ws://127.0.0.1:8000"), ("https://ads.example.test", "wss://ads.example.test")],
)
async def test_a_page_may_show_media_by_either_name_and_what_is_being_uploaded(base_url: str, socket_url: str) -> None:
    rules = dict(part.split(" ", 1) for part in content_security_policy(base_url).split("; "))
    assert {"'self'", "blob:", base_url} <= set(rules["img-src"].split())
    assert {"'self'", "blob:", base_url} <= set(rules["media-src"].split())
    assert {"'self'", base_url, socket_url} == set(rules["connect-src"].split())
    assert rules["script-src"] == rules["style-src"] == "'self'"


async def test_a_bucket_may_show_pictures_and_films_and_do_nothing_else() -> None:
    plain = content_security_policy("https://ads.example.test").split("; ")
    with_bucket = content_security_policy("https://ads.example.test", "https://s3.example.test/films").split("; ")
    changed = {ours: theirs for ours, theirs in zip(plain, with_bucket, strict=True) if ours != theirs}
    assert changed == {
        rule: f"{rule} https://s3.example.test/films/" for rule in plain if rule.startswith(("img-src", "media-src"))
    }


async def test_the_docs_that_load_foreign_scripts_are_off(shared: Served) -> None:
    client = await shared.local()
    for path in ("/docs", "/redoc", "/docs/oauth2-redirect"):
        assert (await client.get(path)).status_code == 404
    assert (await client.get("/openapi.json")).json()["info"]["title"] == "AdMint"


async def test_a_request_has_an_id_its_own_if_decent(shared: Served) -> None:
    client = shared.http()
    made = {(await client.get("/health/live")).headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3
    assert (await client.get("/health/live", headers={"X-Request-ID": "a-1"})).headers["x-request-id"] == "a-1"
    for bad in ("x" * 65, "two words", '{"a":1}'):
        assert (await client.get("/health/live", headers={"X-Request-ID": bad})).headers["x-request-id"] != bad


async def test_a_large_body_is_refused_announced_or_not(shared: Served) -> None:
    client = await shared.local()
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"prompt": "'
        while sent < 40 * MAX_BODY_BYTES:
            sent += 65_536
            yield b"x" * 65_536

    announced = await client.post("/api/v2/generate", content=b" " * (MAX_BODY_BYTES + 1), headers=JSON)
    assert announced.status_code == 413
    chunked = await client.post("/api/v2/generate", content=endless(), headers=JSON)
    for response in (announced, chunked):
        assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
        assert response.json()["error"]["message"]
    just_fits = {"prompt": "x" * (MAX_BODY_BYTES - 100)}
    assert (await client.post("/api/v2/generate", json=just_fits)).status_code == 400


JSON = {"Content-Type": "application/json"}


async def test_what_is_not_there_is_told_in_the_envelope(shared: Served) -> None:
    client = await shared.local()
    answers = [
        await client.get("/api/nothing"),
        await client.post("/nothing", headers={"Origin": shared.url}),
        await client.get("/api/v2/generate"),
        await client.put("/api/generations"),
    ]
    assert [each.status_code for each in answers] == [404, 404, 405, 405]
    for each in answers:
        body = each.json()
        assert body["status"] == "error"
        assert body["error"]["code"] in {"not_found", "method_not_allowed"}


async def test_an_unforeseen_error_says_nothing_of_its_inside(
    shared: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = await shared.local()

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the inside story")

    monkeypatch.setattr(shared.container.commands, "start", broken)
    response = await client.post("/api/v2/generate", json=tiny_body())
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal"
    assert "inside" not in response.text
    assert "Traceback" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    request_id = response.headers["x-request-id"]
    assert response.json()["error"]["details"] == {"request_id": request_id}
    assert "the inside story" in caplog.text


async def test_known_failures_keep_their_status_code_and_hint(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await shared.local()
    raised: list[Exception] = [
        OperationalError("SELECT 1", {}, Exception("database is locked")),
        Transient("The provider is busy.", hint="Try again."),
    ]

    async def broken(*_: object, **__: object) -> None:
        raise raised.pop(0)

    monkeypatch.setattr(shared.container.commands, "start", broken)
    locked = await client.post("/api/v2/generate", json=tiny_body())
    assert (locked.status_code, locked.json()["error"]["code"]) == (503, "storage_error")
    assert int(locked.headers["retry-after"]) > 0
    assert "SELECT" not in locked.text
    busy = await client.post("/api/v2/generate", json=tiny_body())
    assert (busy.status_code, busy.json()["error"]["hint"]) == (502, "Try again.")
