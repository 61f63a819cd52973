"""Reads what was spent from this machine's database; never takes the lock. Called by commands/costs.py and show.py.

Tests: tests/test_cli/test_money.py
"""

from __future__ import annotations

from typing import Any

from app.core.settings import load_settings
from app.db.repositories.users import LOCAL_USER_ID
from app.kit.clock import SystemClock
from app.schemas.money import Limits
from app.services.unified_pipeline.bills import bill_of, costs_of
from cli_tools import library


def costs_here(wanted: str) -> dict[str, Any]:
    """Return one ad's costs as the API gives them. Raises NotFound, InvalidInput."""

    async def work(session: Any) -> dict[str, Any]:
        row = await library.find(session, wanted)
        return (await costs_of(session, row.id, _limits(), SystemClock().now())).model_dump(mode="json")

    return library.read(work)


def bill_here() -> dict[str, Any]:
    """Return the whole bill as the API gives it."""

    async def work(session: Any) -> dict[str, Any]:
        return (await bill_of(session, LOCAL_USER_ID, _limits(), SystemClock().now())).model_dump(mode="json")

    return library.read(work)


def _limits() -> Limits:
    settings = load_settings()
    return Limits(cap_usd=settings.cap_usd, daily_cap_usd=settings.daily_cap_usd)
