"""Ten ads an hour: counted atomically, kept apart by person, never guessed when the counter is gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from app.api.limits import GenerationLimit
from app.core.errors import StorageError, TooManyRequests
from app.core.settings import Settings
from tests.fixtures.server import OpenServer, tiny_body
from tests.fixtures.valkey import Valkey

MakeLimit = Callable[[Settings, int], GenerationLimit]


@pytest.fixture
async def limit_of() -> AsyncIterator[MakeLimit]:
    """Makes limits and closes them."""
    made: list[GenerationLimit] = []

    def make(settings: Settings, per_hour: int) -> GenerationLimit:
        made.append(GenerationLimit(settings, per_hour))
        return made[-1]

    yield make
    for each in made:
        await each.close()


@pytest.fixture(params=["memory", "redis"])
def settings(request: pytest.FixtureRequest) -> Settings:
    url = request.getfixturevalue("valkey_url") if request.param == "redis" else None
    return Settings(auth="accounts", redis_url=url)


async def test_of_twenty_at_once_ten_fit(settings: Settings, limit_of: MakeLimit) -> None:
    limits = [limit_of(settings, 10), limit_of(settings, 10)]
    if settings.redis_url is None:
        limits = limits[:1] * 2
    refusals = []

    async def ask(number: int) -> None:
        try:
            await limits[number % 2].take("ann")
        except TooManyRequests as refusal:
            refusals.append(refusal)

    await asyncio.gather(*(ask(number) for number in range(20)))
    assert len(refusals) == 10
    assert all(3500 < refusal.retry_after <= 3600 for refusal in refusals)
    await limits[0].take("bob")


async def test_several_are_counted_all_or_none(settings: Settings, limit_of: MakeLimit) -> None:
    limit = limit_of(settings, 10)
    await limit.take("ann", 8)
    with pytest.raises(TooManyRequests):
        await limit.take("ann", 3)
    await limit.take("ann", 2)
    with pytest.raises(TooManyRequests, match="11 ads"):
        await limit.take("bob", 11)
    await limit.take("bob", 10)


async def test_an_hour_later_there_is_room_again(limit_of: MakeLimit, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = limit_of(Settings(auth="accounts"), 1)
    await limit.take("ann")
    with pytest.raises(TooManyRequests):
        await limit.take("ann")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3601)
    await limit.take("ann")


async def test_on_ones_own_machine_nothing_is_counted(limit_of: MakeLimit) -> None:
    limit = limit_of(Settings(auth="local"), 1)
    for _ in range(5):
        await limit.take("ann")


async def test_without_its_counter_nothing_starts_and_everything_else_works(
    open_server: OpenServer, mortal_valkey: Valkey
) -> None:
    async with open_server(auth="accounts", redis_url=mortal_valkey.url) as served:
        ann = await served.person()
        body = tiny_body(interactive=True)
        assert (await ann.client.post("/api/v2/generate", json=body)).status_code == 202
        mortal_valkey.kill()
        refused = await ann.client.post("/api/v2/generate", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "storage_error")
        assert "counter" in refused.json()["error"]["message"]
        assert int(refused.headers["retry-after"]) > 0
        assert len((await ann.client.get("/api/generations")).json()["data"]) == 1
        assert (await ann.client.get("/health")).status_code == 200
        mortal_valkey.start()
        assert (await ann.client.post("/api/v2/generate", json=body)).status_code == 202


async def test_the_eleventh_ad_of_an_hour_waits(open_server: OpenServer) -> None:
    async with open_server(auth="accounts") as served:
        ann, bob = await served.person(), await served.person()
        body = tiny_body(interactive=True)
        answers = await asyncio.gather(*(ann.client.post("/api/v2/generate", json=body) for _ in range(14)))
        assert sorted(each.status_code for each in answers) == [202] * 10 + [429] * 4
        refused = next(each for each in answers if each.status_code == 429)
        assert refused.json()["error"]["code"] == "too_many_requests"
        assert 3500 < int(refused.headers["retry-after"]) <= 3600
        assert len((await ann.client.get("/api/generations")).json()["data"]) == 10
        for _ in range(3):
            assert (await bob.client.post("/api/v2/generate", json={"prompt": ""})).status_code == 400
        nine = {"prompts": ["A mug"] * 9, **{k: v for k, v in body.items() if k != "prompt"}}
        assert (await bob.client.post("/api/v2/generate", json=nine)).status_code == 202
        two = {**nine, "prompts": ["A mug"] * 2}
        assert (await bob.client.post("/api/v2/generate", json=two)).status_code == 429
        key = {"Idempotency-Key": "k"}
        first = await bob.client.post("/api/v2/generate", json=body, headers=key)
        again = await bob.client.post("/api/v2/generate", json=body, headers=key)
        assert (first.status_code, again.status_code) == (202, 202)


async def test_a_lost_counter_is_said(limit_of: MakeLimit, mortal_valkey: Valkey) -> None:
    limit = limit_of(Settings(auth="accounts", redis_url=mortal_valkey.url), 10)
    await limit.take("ann")
    assert await limit.reachable()
    mortal_valkey.kill()
    with pytest.raises(StorageError, match="counter"):
        await limit.take("ann")
    assert not await limit.reachable()
