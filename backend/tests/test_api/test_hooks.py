"""Replicate's webhooks at a real server, sent by the fake vendor: a hint that saves an order whose answer was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.errors import AmbiguousSubmit
from app.providers.replicate.hints import Hints
from tests.fixtures.fakes import TOKEN, Fakes
from tests.fixtures.replicate import call, clip_request, deps_for, video_for
from tests.fixtures.server import OpenServer, Served

KEY = "g/clip.mp4"


@pytest.fixture
async def told(open_server: OpenServer, fakes: Fakes) -> AsyncIterator[Served]:
    """A server that the fake vendor's token is set up on."""
    async with open_server(replicate_api_token=SecretStr(TOKEN), replicate_base_url=fakes.url) as served:
        yield served


async def test_a_lost_order_is_found_by_what_the_vendor_told(told: Served, fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path)
    settings = deps.settings.model_copy(update={"public_url": told.url})
    model = video_for(replace(deps, settings=settings, cache=told.container.cache))
    fakes.script("accepted_500", "list_empty")
    plan, began = model.plan(clip_request()), datetime.now(UTC)
    with pytest.raises(AmbiguousSubmit):
        await model.submit(plan, KEY, call())

    name, hints, seen = model.input_hash(plan, call()), Hints(told.container.cache), list[str | None]()
    while not seen or seen[-1] is None:
        await asyncio.sleep(0.05)
        seen.append(await hints.job_of(name))
    found = await model.find(plan, KEY, call(), began)

    assert found is not None
    assert found.id == fakes.log().paid[0]["id"] == seen[-1]


@pytest.mark.parametrize("scenario", ["webhook_bad", "webhook_unsigned", "webhook_stale"])
async def test_what_is_not_signed_or_not_fresh_has_no_effect(
    told: Served, fakes: Fakes, tmp_path: Path, scenario: str
) -> None:
    deps = deps_for(fakes.url, tmp_path)
    settings = deps.settings.model_copy(update={"public_url": told.url})
    model = video_for(replace(deps, settings=settings))
    fakes.script(scenario)
    plan = model.plan(clip_request())

    await model.submit(plan, KEY, call())
    answers: list[int] = []
    while not answers:  # a delivery of an earlier test may be there too, to a server that is gone
        await asyncio.sleep(0.05)
        answers = [each["status"] for each in fakes.log().deliveries if each["status"] is not None]

    assert answers[0] == 403
    assert await Hints(told.container.cache).job_of(model.input_hash(plan, call())) is None


async def test_without_a_token_there_is_no_such_address(server: Served) -> None:
    answer = await server.http().post(f"/api/hooks/replicate/{'a' * 64}", json={"id": "x"})

    assert answer.status_code == 404
