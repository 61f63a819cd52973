"""The ledger: nothing over the cap, nothing paid twice, nothing forgotten."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.errors import Conflict, NotFound
from app.db.models import ProviderCall
from app.db.repositories import provider_calls
from app.db.session import session_factory
from app.kit.ids import new_id
from app.schemas.money import Limits
from app.schemas.providers import RemoteJob
from tests.fixtures.db import add_generation
from tests.fixtures.racer import Racer

LIMITS = Limits(cap_usd=Decimal(1), daily_cap_usd=Decimal(100))


def _call(key: str, usd: str = "0.40") -> provider_calls.NewCall:
    return provider_calls.NewCall(call_key=key, provider="replicate", input_hash="h", reserved_usd=Decimal(usd))


def _job(remote_id: str) -> RemoteJob:
    return RemoteJob(id=remote_id, provider="replicate", model="m", output_key="k")


async def test_a_batch_is_admitted_whole_or_not_at_all(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    verdict = await provider_calls.reserve(db_session, generation_id, [_call(f"c{n}") for n in range(3)], LIMITS)
    assert (verdict.admitted, verdict.wanted_usd) == (False, Decimal("1.20"))
    assert await provider_calls.unsettled(db_session) == []
    assert (await provider_calls.reserve(db_session, generation_id, [_call("c0"), _call("c1")], LIMITS)).admitted
    assert await provider_calls.committed_usd(db_session, generation_id) == Decimal("0.80")


async def test_two_connections_cannot_both_pass_the_cap(db_engine: AsyncEngine, stored_generation: str) -> None:
    async def reserve(key: str) -> bool:
        async with session_factory(db_engine).begin() as session:
            return (await provider_calls.reserve(session, stored_generation, [_call(key, "0.60")], LIMITS)).admitted

    assert sorted(await asyncio.gather(*(reserve(f"k{n}") for n in range(6)))) == [False] * 5 + [True]


async def test_two_processes_that_race_for_one_cap_never_pass_it(db_engine: AsyncEngine) -> None:
    async with session_factory(db_engine).begin() as session:
        ads = [await add_generation(session) for _ in range(25)]
    racers = [Racer(db_engine.url.render_as_string(hide_password=False), name) for name in "ab"]
    try:
        assert [await asyncio.to_thread(racer.said) for racer in racers] == ["ready", "ready"]
        for ad in ads:
            for racer in racers:
                racer.go(ad)
            assert sorted([await asyncio.to_thread(racer.said) for racer in racers]) == ["0", "1"]
    finally:
        for racer in racers:
            racer.end()


async def test_a_step_that_runs_again_reserves_nothing_new(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    for _ in range(3):
        assert (await provider_calls.reserve(db_session, generation_id, [_call("same", "0.90")], LIMITS)).admitted
    assert await provider_calls.committed_usd(db_session, generation_id) == Decimal("0.90")


async def test_the_life_of_a_call_and_what_it_cost(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    await provider_calls.reserve(db_session, generation_id, [_call("a"), _call("b")], LIMITS)
    for _ in range(2):
        assert (await provider_calls.submitted(db_session, "a", _job("pred-1"))).prediction_id == "pred-1"
    with pytest.raises(Conflict, match="already runs as pred-1"):
        await provider_calls.submitted(db_session, "a", _job("pred-2"))
    row = await provider_calls.book(db_session, "a", Decimal("0.55"), "reported")
    assert (row.state, row.actual_usd, row.cost_source) == ("DONE", Decimal("0.55"), "reported")
    with pytest.raises(Conflict, match="is DONE"):
        await provider_calls.fail(db_session, "a", "too late")
    await provider_calls.fail(db_session, "b", "refused")
    assert await provider_calls.committed_usd(db_session, generation_id) == Decimal("0.55")


async def test_a_failed_call_that_cost_something_is_counted(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    await provider_calls.reserve(db_session, generation_id, [_call("a")], LIMITS)
    await provider_calls.fail(db_session, "a", "black video", actual_usd=Decimal("0.12"))
    assert await provider_calls.committed_usd(db_session, generation_id) == Decimal("0.12")


async def test_an_unknown_call_keeps_its_reservation_and_waits(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    await provider_calls.reserve(db_session, generation_id, [_call("a")], LIMITS)
    await provider_calls.mark_unknown(db_session, "a", "The answer never came.")
    assert [row.call_key for row in await provider_calls.unsettled(db_session, generation_id)] == ["a"]
    assert await provider_calls.committed_usd(db_session, generation_id) == Decimal("0.40")
    assert (await provider_calls.submitted(db_session, "a", _job("found-it"))).state == "SUBMITTED"


async def test_one_prediction_belongs_to_one_call(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    await provider_calls.reserve(db_session, generation_id, [_call("a"), _call("b")], LIMITS)
    await provider_calls.submitted(db_session, "a", _job("pred-1"))
    with pytest.raises(Conflict, match="another call"):
        await provider_calls.submitted(db_session, "b", _job("pred-1"))


async def test_a_call_key_is_unique(db_session: AsyncSession) -> None:
    generation_id = await add_generation(db_session)
    values = {"generation_id": generation_id, "call_key": "k", "provider": "p", "input_hash": "h"}
    db_session.add_all([ProviderCall(**values), ProviderCall(**values)])
    with pytest.raises(IntegrityError):
        await db_session.flush()


async def test_what_is_not_in_the_ledger_is_not_found(db_session: AsyncSession) -> None:
    assert await provider_calls.get(db_session, "nothing") is None
    with pytest.raises(NotFound):
        await provider_calls.submitted(db_session, "nothing", _job("pred-1"))
    with pytest.raises(NotFound):
        await provider_calls.reserve(db_session, new_id(), [_call("a")], LIMITS)
