"""The errors of an OpenAI-compatible endpoint in our words, and whom they speak of. No vendor kit is imported here.

Called by endpoint.py, faults.py and line.py. Tests: tests/test_providers/test_openai_chat/test_faults.py
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.core.errors import AuthFailed, BadOutput, ModelGone, ProviderError, SafetyRefused, Transient

PROVIDER = "openai"
FREE = "or set providers.text=local and providers.vision=local: they are free and need no key"


@dataclass(frozen=True)
class Where:
    """Whom we asked: for messages. `host` is shown, the rest of the address never."""

    host: str
    model: str
    free: bool


def refused_key(where: Where) -> AuthFailed:
    """The endpoint does not accept the key."""
    return AuthFailed(
        f"{where.host} refuses the key in OPENAI_API_KEY.",
        hint=f"Set OPENAI_API_KEY to a valid one, {FREE}.",
        provider=PROVIDER,
        model=where.model,
    )


def unreachable(where: Where) -> Transient:
    """No connection: nothing was sent."""
    return Transient(
        f"{where.host} can't be reached.",
        hint="Check OPENAI_BASE_URL and the network.",
        provider=PROVIDER,
        model=where.model,
    )


def gone(where: Where) -> ModelGone:
    """The endpoint has no such model."""
    return ModelGone(
        f"{where.host} has no model {where.model!r}.",
        hint=f"Set models.text or models.vision to one it has, {FREE}.",
        provider=PROVIDER,
        model=where.model,
    )


def refused(where: Where) -> SafetyRefused:
    """A content policy or the model itself said no."""
    return SafetyRefused(
        f"{where.model} refuses to work on this text.",
        hint="Word the prompt differently.",
        provider=PROVIDER,
        model=where.model,
    )


def bad_output(where: Where, what: str) -> BadOutput:
    """The answer is there and is of no use."""
    return BadOutput(
        f"{where.model} gave {what}.",
        hint="Try again; if it persists, set OPENAI_OUTPUT_MODE=tool or prompted, or choose another model.",
        provider=PROVIDER,
        model=where.model,
    )


def priced(error: ProviderError, before_usd: Decimal) -> ProviderError:
    """Add what earlier requests of the same call cost to what this error says."""
    if error.cost_usd is not None:
        error.cost_usd += before_usd
    return error
