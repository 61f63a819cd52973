"""Paid clips overlap, and no more than five are ever under way: one ad, four ads, two workers, over real HTTP.

The vendor's clock is held still until as many are under way as ever will be: overlap is asserted, not wall time. What
it takes in seconds: bench/parallel.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from app.container import Container, open_container
from app.core.settings import Settings
from app.db.session import upgrade_database
from app.schemas.unified_pipeline import GenerationRequest
from tests.fixtures.executors import Executor
from tests.fixtures.fakes import TOKEN, Fakes, Log
from tests.fixtures.paid_ad import PAID
from tests.fixtures.pipeline import OpenPipeline

LIMIT = 5
PRODUCTS = ("water bottle", "coffee grinder", "desk lamp", "rain jacket")
BARE = {**PAID, "stages.story": False, "stages.reference_images": False, "stages.scenes": False}
"""Nothing but what clips need."""


@pytest.fixture(autouse=True)
def buys_from_the_fakes(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "REPLICATE_BASE_URL": fakes.url,
        "REPLICATE_API_TOKEN": TOKEN,
        "ADMINT_SCORER": "none",
    }.items():
        monkeypatch.setenv(name, value)
    fakes.clock(rate=0)


async def order(container: Container, product: str, scenes: int) -> str:
    """Start an ad that buys so many clips."""
    config = {**BARE, "duration_s": scenes, "scene_count": scenes}
    request = GenerationRequest(prompt=f"Create an ad for a {product}", config=config)
    return (await container.orchestrator.generate(request)).generation_id


async def until(fakes: Fakes, fact: Callable[[Log], bool]) -> Log:
    """Wait until the vendor has seen something; return its log."""
    async with asyncio.timeout(100):
        while True:
            log = await asyncio.to_thread(fakes.log)
            if fact(log):
                return log
            await asyncio.sleep(0.05)


async def five_and_no_more(fakes: Fakes, wanted: int) -> None:
    """While nothing ends exactly five are under way; then the rest follows, and five stays the most."""
    await until(fakes, lambda log: log.in_flight == LIMIT)
    await asyncio.sleep(1)  # a sixth would be here by now
    assert (await asyncio.to_thread(fakes.log)).created == LIMIT
    await asyncio.to_thread(fakes.clock, 10, 1)
    log = await until(fakes, lambda log: log.created == wanted and log.in_flight == 0)
    assert log.peak == LIMIT


@pytest.mark.ac("AC-3.8")
async def test_the_clips_of_an_ad_are_made_at_the_same_time(fakes: Fakes, open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        await order(pipeline.container, PRODUCTS[0], LIMIT + 1)
        await five_and_no_more(fakes, LIMIT + 1)


async def test_four_ads_at_once_share_the_five_places(fakes: Fakes, open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        for product in PRODUCTS:
            await order(pipeline.container, product, 2)
        await five_and_no_more(fakes, 8)


async def test_two_workers_share_the_five_places(fakes: Fakes, tmp_path: Path, postgres_url: str) -> None:
    upgrade_database(postgres_url)
    settings = Settings(home=tmp_path, database_url_override=postgres_url, queue_poll_s=0.05)
    environment = {"DATABASE_URL": postgres_url, "ADMINT_HOME": str(tmp_path)}
    workers = [Executor("hold", "worker", **environment) for _ in range(2)]
    try:
        assert {await asyncio.to_thread(worker.ready) for worker in workers} == {"worker-0", "worker-1"}
        async with open_container(settings, "api") as api:
            for product in PRODUCTS[:3]:
                await order(api, product, 2)
            await five_and_no_more(fakes, 6)
    finally:
        for worker in workers:
            worker.end(signal.SIGKILL)
