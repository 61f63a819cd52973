"""What was paid before a crash is fetched by the next server, and taken for nothing when the ad goes on."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.container import open_container
from app.core.settings import Settings
from app.db.repositories import provider_calls
from app.db.repositories.users import LOCAL_USER_ID as ME
from tests.fixtures.fakes import TOKEN, Fakes
from tests.fixtures.paid_ad import CLIP, run_paid


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_server_fetches_what_was_paid_and_orders_nothing(tmp_path: Path, fakes: Fakes) -> None:
    killed = run_paid(fakes, tmp_path, "start", PAID_CRASH="download:before")
    assert killed.killed, killed.stderr
    ordered = fakes.log().created
    settings = Settings(
        home=tmp_path, replicate_base_url=fakes.url, replicate_api_token=TOKEN, queue_poll_s=0.05, order_timeout_s=2
    )
    async with open_container(settings, "server") as server:
        [task] = server.background
        await task
        async with server.reads() as session:
            open_calls = await provider_calls.unsettled(session, killed.generation_id)
        assert {call.state for call in open_calls} <= {"INTENT"}, "whatever was ordered is fetched and booked"
        costs = await server.money.costs(ME, killed.generation_id)
        assert costs.spent_usd == ordered * CLIP
        assert fakes.log().created == ordered, "a launch orders nothing"
        run = await server.resume(killed.generation_id)
        await server.engine.wait(run)
        assert (await server.money.costs(ME, killed.generation_id)).spent_usd == 2 * CLIP == Decimal("0.80")
    assert len(fakes.log().paid) == 2
