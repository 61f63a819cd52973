"""Money: what an ad cost and would cost, its cap, unclear charges, paid clips for a draft, and the whole bill.

Tests: tests/test_api/test_costs.py
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.deps import ContainerDep, CurrentUser
from app.api.errors import RESPONSES
from app.schemas.api import CapBody, ChargeBody, Success, UpgradeBody
from app.schemas.money import BillView, CostsView, QuoteView
from app.schemas.server import Done

router = APIRouter(prefix="/api", tags=["costs"], responses=RESPONSES)
Scenes = Annotated[
    str, Query(max_length=100, pattern=r"^(\d{1,3}(,\d{1,3})*)?$", description="Scene ids: 1,3. Empty: all to film.")
]
Provider = Annotated[str | None, Query(min_length=1, max_length=50, description="Unset: the one each scene has.")]


@router.get("/costs")
async def bill(user: CurrentUser, container: ContainerDep) -> Success[BillView]:
    """Say what one has spent: today, by day, by provider, and where each figure comes from."""
    return Success(data=await container.money.bill(user.id))


@router.get("/generations/{generation_id}/costs")
async def costs(generation_id: str, user: CurrentUser, container: ContainerDep) -> Success[CostsView]:
    """Say what one ad has cost, call by call, and which charges nobody knows."""
    return Success(data=await container.money.costs(user.id, generation_id))


@router.get("/generations/{generation_id}/quote")
async def quote(
    generation_id: str, user: CurrentUser, container: ContainerDep, provider: Provider = None, scenes: Scenes = ""
) -> Success[QuoteView]:
    """Say what filming would cost now; clips that are there already cost nothing."""
    wanted = [int(each) for each in scenes.split(",") if each]
    return Success(data=await container.money.quote(user.id, generation_id, provider=provider, scenes=wanted))


@router.post("/generations/{generation_id}/cap", status_code=202)
async def set_cap(generation_id: str, body: CapBody, user: CurrentUser, container: ContainerDep) -> Success[CostsView]:
    """Set the most an ad may spend. One that waits at its cap goes on."""
    return Success(data=await container.money.set_cap(user.id, generation_id, body.cap_usd))


@router.post("/generations/{generation_id}/charges/{call_id}", status_code=202)
async def decide_charge(
    generation_id: str, call_id: str, body: ChargeBody, user: CurrentUser, container: ContainerDep
) -> Success[CostsView]:
    """Decide on a call that may have been charged: have it bought again, or give it up."""
    return Success(data=await container.money.decide(user.id, generation_id, call_id, body.decision))


@router.post("/generations/{generation_id}/upgrade", status_code=202)
async def upgrade(generation_id: str, body: UpgradeBody, user: CurrentUser, container: ContainerDep) -> Success[Done]:
    """Have chosen scenes of a finished draft filmed by a paid provider; the rest stays, the film is joined anew."""
    await container.money.upgrade(user.id, generation_id, body)
    return Success(data=Done(generation_id=generation_id))
