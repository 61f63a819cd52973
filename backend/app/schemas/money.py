"""Money on the wire and in the ledger, always US dollars: how an ad stands, what calls cost, what more would cost.

Used by db/repositories, services/billing, app/api and the CLI. Tests: tests/test_db/test_provider_calls.py
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from app.schemas.base import Model
from app.schemas.unified_pipeline import Quote

CallKind = Literal["text", "vision", "image", "keyframe", "clip"]
CallStateName = Literal["reserved", "running", "paid", "failed", "unused", "unknown"]
"""What a person is told of a ledger state."""


class Limits(Model):
    """The installation's caps: of an ad that names none, and of each user and day (UTC)."""

    cap_usd: Decimal = Decimal(0)
    daily_cap_usd: Decimal = Decimal(0)


class Spending(Model):
    """What an ad has spent, what it may still spend on calls under way, and its cap."""

    spent_usd: Decimal = Decimal(0)
    reserved_usd: Decimal = Decimal(0)
    cap_usd: Decimal = Decimal(0)


class Standing(Spending):
    """The same beside what its owner has committed today and may."""

    today_usd: Decimal = Field(Decimal(0), description="Spent or promised today (UTC) over all ads of the user.")
    daily_cap_usd: Decimal = Decimal(0)

    @property
    def room_usd(self) -> Decimal:
        """The most that may still be promised."""
        own = self.cap_usd - self.spent_usd - self.reserved_usd
        return max(Decimal(0), min(own, self.daily_cap_usd - self.today_usd))


class CallView(Model):
    """One paid call. `up_to_usd` was reserved before it; `cost_usd` is what it cost, null while it is not known."""

    id: str
    kind: CallKind
    what: str = Field(description="For people, for example: Clip 2.")
    scene_id: int | None = None
    provider: str
    model: str
    state: CallStateName
    up_to_usd: Decimal
    cost_usd: Decimal | None = None
    cost_source: Literal["reported", "list_price", "estimate", "free"] | None = None
    message: str = ""
    at: datetime


class CostsView(Standing):
    """`GET /api/generations/{id}/costs`. `unknown` are calls whose charge only the user can decide on."""

    calls: list[CallView] = Field(default_factory=list)
    unknown: list[CallView] = Field(default_factory=list)


class DayCost(Model):
    """What one day (UTC) cost."""

    day: date
    spent_usd: Decimal
    calls: int


class ProviderCost(Model):
    """What one provider's model cost, by where the figure comes from."""

    provider: str
    model: str
    kind: CallKind
    source: Literal["reported", "list_price", "estimate", "free"]
    spent_usd: Decimal
    calls: int


class BillView(Model):
    """`GET /api/costs`: what the user has spent over all their ads."""

    today_usd: Decimal
    daily_cap_usd: Decimal
    spent_usd: Decimal
    reserved_usd: Decimal
    days: list[DayCost] = Field(default_factory=list, description="Newest first, days without a cost left out.")
    providers: list[ProviderCost] = Field(default_factory=list)


class QuoteView(Quote):
    """`GET /api/generations/{id}/quote`: what clips would cost, beside the caps. `fits`: nothing need be raised."""

    provider: str
    standing: Standing
    fits: bool
