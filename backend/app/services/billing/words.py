"""What people are told about money: over a cap, not knowing, and what a call is called. Pure.

Used by ledger.py, paid_jobs.py, metered.py and the pipeline's views. Tests: tests/test_services/test_billing.py
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from app.core.errors import ChargeUnknown, OverCap
from app.db.models import ProviderCall
from app.schemas.money import Standing

_KINDS = {
    "clip": "Clip",
    "image": "Reference image",
    "keyframe": "The opening picture of clip",
    "text": "A text call",
    "vision": "An image analysis",
}


def usd(amount: Decimal) -> str:
    """Return an amount as people write it; small ones keep the digits that matter."""
    if amount and amount < Decimal("0.01"):
        return f"${amount.normalize():f}"
    return f"${amount:.2f}"


def over_cap(what: str, wanted: Decimal, standing: Standing, generation_id: str) -> OverCap:
    """Return the error of a batch that a cap does not hold, with the numbers and the next step.

    Args:
        what: What it is, with its verb's number: "The clips", "Clip 2".
        wanted: Its list price.
        standing: How things stood before it.
        generation_id: For the command that raises the cap.
    """
    used = standing.spent_usd + standing.reserved_usd
    verb = "cost" if what.endswith("s") else "costs"
    price = f"{what} {verb} up to {usd(wanted)}"
    if used + wanted > standing.cap_usd:
        if not standing.cap_usd:
            limit = "no cap is set for this ad"
        elif used:
            limit = f"{usd(used)} of your cap of {usd(standing.cap_usd)} is used"
        else:
            limit = f"your cap is {usd(standing.cap_usd)}"
        enough = (used + wanted).quantize(Decimal("0.01"), ROUND_CEILING)
        hint = f"Raise the cap to go on: admint resume {generation_id} --cap {enough}"
    else:
        limit = f"{usd(standing.today_usd)} of your {usd(standing.daily_cap_usd)} a day is used"
        hint = "Go on tomorrow, or raise ADMINT_DAILY_CAP_USD."
    return OverCap(f"{price}; {limit}: nothing was bought.", hint=hint)


def what_of(call: ProviderCall) -> str:
    """Return what a call is called: Clip 2, Reference image 1, A text call (story.1.write.1)."""
    if call.kind in {"text", "vision"}:
        step = call.call_key.split(":")[1] if ":" in call.call_key else ""
        return f"{_KINDS[call.kind]} ({step})"
    return f"{_KINDS.get(call.kind, 'A call')} {call.scene_id or ''}".strip()


def unknown_charge(call: ProviderCall) -> ChargeUnknown:
    """Return the error of a call nobody knows the charge of."""
    return ChargeUnknown(
        f"{what_of(call)} may have been charged (up to {usd(call.reserved_usd)}): its order got no answer.",
        hint=(
            "It is not repeated by itself. Look at the provider's page, then decide: "
            f"admint charge {call.generation_id} {call.id} --retry, or --give-up."
        ),
    )
