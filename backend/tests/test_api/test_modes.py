"""What changes with the settings: TLS in front, accounts, Redis, addresses strangers could reach."""

from __future__ import annotations

import dataclasses

import pytest

from app.core.errors import ConfigError
from app.main import create_app
from tests.fixtures.server import OpenServer
from tests.fixtures.valkey import Valkey


async def test_behind_https_the_cookie_is_bound_to_the_host(open_server: OpenServer) -> None:
    async with open_server(public_url="https://ads.example.test") as served:
        client = served.http(headers={"Origin": "https://ads.example.test", "Host": "ads.example.test"})
        cookie = (await client.post("/api/auth/local-session")).headers["set-cookie"]
        assert cookie.startswith("__Host-admint_session=")
        assert "Secure" in cookie
        assert "strict-transport-security" in (await client.get("/health/live")).headers


async def test_with_accounts_nobody_is_signed_in_by_place(open_server: OpenServer) -> None:
    async with open_server(auth="accounts") as served:
        response = await served.http(headers={"Origin": served.url}).post("/api/auth/local-session")
        assert response.status_code == 403
        ann = await served.person("Ann")
        assert (await ann.client.get("/api/auth/me")).json()["data"]["user"]["name"] == "Ann"


async def test_redis_is_reported_and_its_loss_is_no_end(open_server: OpenServer, mortal_valkey: Valkey) -> None:
    async with open_server(redis_url=mortal_valkey.url, auth="accounts") as served:
        assert (await served.http().get("/health")).json()["checks"]["redis"] == "healthy"
        mortal_valkey.kill()
        served.app.state.doctor._last = None
        report = await served.http().get("/health")
        assert report.status_code == 200
        assert (report.json()["status"], report.json()["checks"]["redis"]) == ("degraded", "unhealthy")


async def test_no_server_is_made_for_an_address_strangers_reach(open_server: OpenServer) -> None:
    async with open_server() as served:
        settings = served.container.settings.model_copy(update={"host": "0.0.0.0"})  # noqa: S104
        open_to_all = dataclasses.replace(served.container, settings=settings)
        with pytest.raises(ConfigError, match="ADMINT_AUTH"):
            create_app(open_to_all)
