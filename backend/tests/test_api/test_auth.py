"""Who is let in: the local user by cookie on this machine, people with a token, nobody with a forged one."""

from __future__ import annotations

import time
from datetime import timedelta

import httpx
import jwt
import pytest

from app.api import sign_ins as module
from app.core import security
from app.db.repositories import auth_sessions
from app.kit.ids import new_id
from tests.fixtures.server import Served
from tests.test_core.test_security import FORGERIES

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_this_machines_user_signs_in_by_cookie_and_out_again(shared: Served) -> None:
    client = shared.http(headers={"Origin": shared.url})
    assert (await client.get("/api/auth/me")).status_code == 401
    response = await client.post("/api/auth/local-session")
    assert response.status_code == 200
    assert response.json()["data"]["user"]["is_local"] is True
    cookie = response.headers["set-cookie"].lower()
    assert cookie.startswith("admint_session=")
    assert {"httponly", "samesite=strict", "path=/", "max-age=2592000"} <= {part.strip() for part in cookie.split(";")}
    assert "secure" not in cookie
    token = client.cookies["admint_session"]
    assert (await client.get("/api/auth/me")).json()["data"] == response.json()["data"]
    again = await client.post("/api/auth/local-session")
    assert (again.status_code, again.headers.get("set-cookie")) == (200, None)
    out = await client.post("/api/auth/logout")
    assert out.status_code == 200
    assert 'admint_session=""' in out.headers["set-cookie"]
    for headers in ({"Cookie": f"admint_session={token}"}, {"Authorization": f"Bearer {token}"}):
        assert (await shared.http(headers=headers).get("/api/auth/me")).status_code == 401


async def test_only_our_own_page_may_sign_in_without_a_password(shared: Served) -> None:
    foreign = [
        {"Origin": "https://evil.example.test"},
        {"Origin": "null"},
        {"Origin": f"{shared.url}.evil.example.test"},
        {"Origin": shared.url.replace("http:", "https:")},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example.test"},
    ]
    for headers in foreign:
        response = await shared.http(headers=headers).post("/api/auth/local-session")
        assert (response.status_code, response.headers.get("set-cookie")) == (403, None), headers


async def test_no_forged_token_is_let_in(shared: Served) -> None:
    ann = await shared.person()
    ended = security.issue_token(
        shared.container.secret, ann.id, await _sign_in(shared, ann.id), lasts=timedelta(seconds=-1)
    )
    bob = await shared.person()
    claims = jwt.decode(ann.token, options={"verify_signature": False})
    bobs = jwt.decode(bob.token, options={"verify_signature": False})
    tokens = {
        **{name: token for name, token in FORGERIES.items() if token and token.isascii() and token.isprintable()},
        "a sign-in that never was": shared.mint(ann.id, new_id()),
        "a sign-in that is no id": shared.mint(ann.id, "x"),
        "another's sign-in": shared.mint(claims["sub"], bobs["sid"]),
        "nobody's": shared.mint(new_id(), claims["sid"]),
        "ended": ended,
    }
    for name, token in tokens.items():
        for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"admint_session={token}"}):
            response = await shared.http(headers=headers).get("/api/auth/me")
            assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorized"), name
    assert (await ann.client.get("/api/auth/me")).status_code == 200


async def _sign_in(shared: Served, user_id: str) -> str:
    async with shared.container.sessions.begin() as session:
        return (await auth_sessions.create(session, user_id, lasts=timedelta(days=1))).id


async def test_a_bad_header_is_not_made_good_by_a_cookie(shared: Served) -> None:
    ann = await shared.person()
    for given in ("", "Bearer", f"Basic {ann.token}", ann.token, f"Token {ann.token}"):
        headers = {"Authorization": given, "Cookie": f"admint_session={ann.token}"}
        assert (await shared.http(headers=headers).get("/api/auth/me")).status_code == 401, given


async def test_a_sign_in_ended_elsewhere_ends_here_within_seconds(
    shared: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.CHECK_EVERY_S <= 30
    ann = await shared.person()
    assert (await ann.client.get("/api/auth/me")).status_code == 200
    claims = jwt.decode(ann.token, options={"verify_signature": False})
    async with shared.container.sessions.begin() as session:
        await auth_sessions.revoke(session, claims["sid"])
    later = time.monotonic() + module.CHECK_EVERY_S + 1
    monkeypatch.setattr(shared.app.state.sign_ins, "_clock", lambda: later)
    assert (await ann.client.get("/api/auth/me")).status_code == 401


async def test_a_deleted_person_is_not_let_in(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await shared.person()
    async with shared.container.sessions.begin() as session:
        user = await session.get_one(module.users.User, ann.id)
        user.deleted_at = user.created_at
    assert (await ann.client.get("/api/auth/me")).status_code == 401


async def test_a_change_with_the_cookie_must_come_from_our_own_page(shared: Served) -> None:
    client = await shared.local()
    cookie = {"Cookie": f"admint_session={client.cookies['admint_session']}"}
    refused = [
        {},
        {"Origin": "https://evil.example.test"},
        {"Origin": "null"},
        {"Origin": shared.url.replace("127.0.0.1", "localhost")},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example.test", "Sec-Fetch-Site": "same-origin"},
    ]
    for headers in refused:
        for method, path in (
            ("DELETE", "/api/generations"),
            ("POST", "/api/v2/generate"),
            ("POST", "/api/auth/logout"),
        ):
            response = await shared.http(headers={**cookie, **headers}).request(method, path)
            assert response.status_code == 403, (method, path, headers)
    for headers in ({"Origin": shared.url}, {"Sec-Fetch-Site": "same-origin"}):
        response = await shared.http(headers={**cookie, **headers}).delete("/api/generations")
        assert response.status_code == 200
    assert (await shared.http(headers=cookie).get("/api/auth/me")).status_code == 200


async def test_a_token_in_the_header_needs_no_origin(shared: Served) -> None:
    ann = await shared.person()
    assert (await ann.client.delete("/api/generations")).status_code == 200


async def test_the_local_mode_answers_to_its_own_names_only(shared: Served) -> None:
    port = httpx.URL(shared.url).port
    paths = ("/health/live", "/api/auth/me", "/", "/openapi.json", "/media/a")
    for host in (
        "evil.example.test",
        f"evil.example.test:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        f"127.0.0.1.x:{port}",
        "",
    ):
        for path in paths:
            response = await shared.http(headers={"Host": host}).get(path)
            assert response.status_code == 403, (host, path)
            assert response.json()["error"]["code"] == "forbidden"
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LocalHost:{port}", f"[::1]:{port}"):
        assert (await shared.http(headers={"Host": host}).get("/health/live")).status_code == 200
