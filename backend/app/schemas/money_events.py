"""Payloads of the events about money. Part of events.py's unions. Documented in docs/reference/events.md (generated).

Tests: tests/test_db/test_events.py
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from app.schemas.base import Model
from app.schemas.unified_pipeline import Quote, StageName


class CostUpdated(Model):
    """What the ad has spent, may still spend on calls under way, and its cap, all in US dollars."""

    spent_usd: Decimal
    reserved_usd: Decimal
    cap_usd: Decimal


class ChargeUnclear(Model):
    """Nobody knows whether a paid call was charged. It is never repeated by itself: the user decides on `call`."""

    call: str = Field(description="For `POST /api/generations/{id}/charges/{call}`.")
    what: str = Field(description="For people, for example: Clip 2.")
    up_to_usd: Decimal
    message: str = ""


class QuoteChanged(Model):
    """The price at an open gate is another one now; approving names the new quote."""

    stage: StageName
    quote: Quote
