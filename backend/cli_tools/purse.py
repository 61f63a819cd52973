"""The user's word on money, from flags: a price is accepted only by naming a cap that holds it.

Called by local_backend.py and remote_backend.py. Tests: tests/test_cli/test_money.py
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.core.errors import OverCap
from app.schemas.api import UpgradeBody
from cli_tools.backend import Purse


def upgrade_body(quote: dict[str, Any], purse: Purse) -> UpgradeBody:
    """Return the order that accepts a quote (JSON), if the user named a cap or it costs nothing.

    Raises:
        OverCap: Nobody said how much it may cost; the message says what it does cost.
    """
    price = Decimal(str(quote["total_usd"]))
    if price and purse.cap is None:
        spent = Decimal(str(quote["standing"]["spent_usd"]))
        count = len(quote["items"])
        clips = "clip costs" if count == 1 else "clips cost"
        raise OverCap(
            f"The {clips} up to ${price:.2f}: nothing was bought.",
            hint=f"Say yes by naming the most this ad may cost in all: add --cap {price + spent:.2f}",
        )
    return UpgradeBody(
        scene_ids=list(purse.scenes), provider=purse.provider, quote_digest=quote["digest"], cap_usd=purse.cap
    )
