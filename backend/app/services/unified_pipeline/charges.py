"""Ledger rows as people see them. Pure. Called by money.py and snapshots.py.

Tests: tests/test_integration/test_money.py
"""

from __future__ import annotations

from typing import cast

from app.db.models import ProviderCall
from app.schemas.money import CallKind, CallStateName, CallView
from app.schemas.providers import CostSource
from app.services.billing.paid_jobs import RETRY
from app.services.billing.words import what_of

_STATES: dict[str, CallStateName] = {
    "INTENT": "reserved",
    "SUBMITTED": "running",
    "DONE": "paid",
    "FAILED": "failed",
    "UNKNOWN": "unknown",
}


def call_view(row: ProviderCall) -> CallView:
    """Return a ledger row as a person sees it."""
    return CallView(
        id=row.id,
        kind=cast("CallKind", row.kind),
        what=what_of(row),
        scene_id=row.scene_id,
        provider=row.provider,
        model=row.model,
        state=_state(row),
        up_to_usd=row.reserved_usd,
        cost_usd=row.actual_usd,
        cost_source=cast("CostSource | None", row.cost_source),
        message=row.error_message or "",
        at=row.intent_at,
    )


def _state(row: ProviderCall) -> CallStateName:
    if row.state == "UNKNOWN" and row.outcome == RETRY:
        return "reserved"
    if row.state == "FAILED" and row.ordered_at is None and row.actual_usd is None:
        return "unused"
    return _STATES[row.state]
