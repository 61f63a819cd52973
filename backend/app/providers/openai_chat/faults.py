"""From what pydantic-ai raises to the errors of core/errors.py, and what the failed call may have cost.

Nothing was charged when the request surely never arrived or was turned away with a 4xx. A 5xx, a timeout or a cut after
sending is ambiguous at an endpoint that costs money: nobody may repeat it blindly. Called by endpoint.py and asking.py.
Tests: tests/test_providers/test_openai_chat/test_faults.py
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
)

from app.core.errors import (
    AmbiguousSubmit,
    AuthFailed,
    BadOutput,
    ModelGone,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Rejected,
    SafetyRefused,
    Transient,
)

PROVIDER = "openai"
FREE = "or set providers.text=local and providers.vision=local: they are free and need no key"
_UNSAFE = re.compile(r"content_policy|content_filter|safety|moderation|flagged|responsible ai", re.IGNORECASE)
_SECRET = re.compile(r"\b(?:sk|key)-[\w*.-]{4,}|\bBearer\s+\S+", re.IGNORECASE)
_USUAL_WAIT_S = 10.0
_MAX_QUOTE = 200


@dataclass(frozen=True)
class Where:
    """Whom we asked: for messages. `host` is shown, the rest of the address never."""

    host: str
    model: str
    free: bool


def to_ours(error: AgentRunError, where: Where) -> ProviderError:
    """Return our error for one failed request; its `cost_usd` says what that request cost."""
    if isinstance(error, ModelAPIError):
        return _turned_away(error, where) or _unanswered(error, where)
    if isinstance(error, ContentFilterError):
        return refused(where)
    unreadable = bad_output(where, "an answer that can't be read")
    if not where.free:
        unreadable.cost_usd = None
    return unreadable


def _turned_away(error: ModelAPIError, where: Where) -> ProviderError | None:
    """The endpoint said no: nothing was charged."""
    named = {"provider": PROVIDER, "model": where.model}
    if isinstance(error, ModelQuotaExceededError):
        return QuotaExhausted(f"The account at {where.host} has no credit left.", hint=f"Top it up, {FREE}.", **named)
    if isinstance(error, ModelRateLimitError):
        wait = _USUAL_WAIT_S if error.retry_after is None else max(0.0, error.retry_after)
        return RateLimited(f"{where.host} asks us to slow down.", retry_after=wait, **named)
    if isinstance(error, ModelAuthenticationError):
        return refused_key(where)
    if isinstance(error, ModelNotFoundError):
        return gone(where)
    if isinstance(error, ModelContextWindowExceededError):
        return Rejected(
            f"The text is too long for {where.model}.",
            hint="Shorten the prompt, or set models.text to another.",
            **named,
        )
    if isinstance(error, ModelRequestRejectedError):
        said = f"{error.provider_error_code} {error.provider_error_type} {error.message}"
        return refused(where) if _UNSAFE.search(said) else _rejected(error, where)
    return None


def _rejected(error: ModelAPIError, where: Where) -> Rejected:
    quoted = _SECRET.sub("[redacted]", _said(error))[:_MAX_QUOTE]
    return Rejected(
        f"{where.host} does not take the request{f': “{quoted}”' if quoted else ''}.",
        hint="If it speaks of response_format or tools, try OPENAI_OUTPUT_MODE=tool or prompted.",
        provider=PROVIDER,
        model=where.model,
    )


def _said(error: ModelAPIError) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error", body)
    message = inner.get("message", "") if isinstance(inner, dict) else inner
    return str(message).strip().rstrip(".")


def _unanswered(error: ModelAPIError, where: Where) -> ProviderError:
    named = {"provider": PROVIDER, "model": where.model}
    if isinstance(error, ModelConnectionError) and error.phase in ("pool", "connect"):
        return unreachable(where)
    if where.free:
        return Transient(f"{where.host} did not answer.", hint="Is the model still loading? Try again.", **named)
    return AmbiguousSubmit(
        f"{where.host} took the question and did not answer; it may have been charged.",
        hint="Resume to ask again.",
        **named,
    )


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
