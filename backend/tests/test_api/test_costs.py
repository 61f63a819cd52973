"""Money over HTTP: costs, quotes, caps and the word on a charge; nobody sees or decides on another's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.db.repositories import provider_calls
from app.schemas.money import Limits
from tests.fixtures.db import add_generation
from tests.fixtures.server import OpenServer, Served

CALL = provider_calls.NewCall(
    call_key="a:clip:1:d#1", scene_id=1, provider="replicate", model="veo", input_hash="h", reserved_usd=Decimal("0.40")
)


async def unclear(served: Served, **values: Any) -> str:
    """Store a failed ad with one call nobody knows the charge of; return its id."""
    async with served.container.sessions.begin() as session:
        generation_id = await add_generation(session, status="failed", substage="needs_retry", **values)
        limits = Limits(cap_usd=Decimal(5), daily_cap_usd=Decimal(5))
        assert (await provider_calls.reserve(session, generation_id, [CALL], limits)).admitted
        await provider_calls.mark_unknown(session, CALL.call_key, "The answer never came.")
    return generation_id


async def test_an_unclear_charge_is_shown_and_given_up_once(server: Served) -> None:
    generation_id = await unclear(server)
    client = await server.local()
    path = f"/api/generations/{generation_id}"
    view = (await client.get(path)).json()["data"]
    [call] = view["charges_unknown"]
    assert (call["what"], Decimal(call["up_to_usd"]), call["state"]) == ("Clip 1", Decimal("0.40"), "unknown")
    assert Decimal(view["spending"]["reserved_usd"]) == Decimal("0.40")
    answer = await client.post(f"{path}/charges/{call['id']}", json={"decision": "give_up"})
    assert answer.status_code == 202
    costs = (await client.get(f"{path}/costs")).json()["data"]
    assert (Decimal(costs["spent_usd"]), costs["unknown"]) == (Decimal("0.40"), [])
    assert costs["calls"][0]["cost_source"] == "estimate"
    again = await client.post(f"{path}/charges/{call['id']}", json={"decision": "retry"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    bill = (await client.get("/api/costs")).json()["data"]
    assert Decimal(bill["today_usd"]) == Decimal("0.40")


async def test_a_cap_is_set_and_shown(server: Served) -> None:
    generation_id = await unclear(server)
    client = await server.local()
    path = f"/api/generations/{generation_id}"
    answer = await client.post(f"{path}/cap", json={"cap_usd": 2.5})
    assert (answer.status_code, Decimal(answer.json()["data"]["cap_usd"])) == (202, Decimal("2.5"))
    assert (await client.post(f"{path}/cap", json={"cap_usd": -1})).status_code == 400
    assert (await client.get(f"{path}/quote")).status_code == 409, "its scenes are not written"


async def test_another_users_money_does_not_exist(open_server: OpenServer) -> None:
    async with open_server(auth="accounts") as served:
        generation_id = await unclear(served)
        stranger = (await served.person()).client
        path = f"/api/generations/{generation_id}"
        async with served.container.reads() as session:
            [call] = await provider_calls.unsettled(session, generation_id)
        asked = [
            await stranger.get(f"{path}/costs"),
            await stranger.get(f"{path}/quote"),
            await stranger.post(f"{path}/cap", json={"cap_usd": 9}),
            await stranger.post(f"{path}/charges/{call.id}", json={"decision": "retry"}),
            await stranger.post(f"{path}/upgrade", json={"scene_ids": [1], "provider": "replicate"}),
        ]
        assert [answer.status_code for answer in asked] == [404] * 5
        async with served.container.reads() as session:
            assert [each.state for each in await provider_calls.unsettled(session, generation_id)] == ["UNKNOWN"]
