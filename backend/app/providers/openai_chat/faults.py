"""From what pydantic-ai raises to the errors of core/errors.py, and what the failed call may have cost.

Nothing was charged when the request surely never arrived or was turned away with a 4xx. A 5xx, a timeout or a cut after
sending is ambiguous at an endpoint that costs money: nobody may repeat it blindly. Called by line.py.
Tests: tests/test_providers/test_openai_chat/test_faults.py
"""

from __future__ import annotations

import re

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

from app.core.errors import AmbiguousSubmit, ProviderError, QuotaExhausted, RateLimited, Rejected, Transient
from app.providers.openai_chat.wording import (
    FREE,
    PROVIDER,
    Where,
    bad_output,
    gone,
    refused,
    refused_key,
    unreachable,
)

_UNSAFE = re.compile(r"content_policy|content_filter|safety|moderation|flagged|responsible ai", re.IGNORECASE)
_SECRET = re.compile(r"\b(?:sk|key)-[\w*.-]{4,}|\bBearer\s+\S+", re.IGNORECASE)
_USUAL_WAIT_S = 10.0
_MAX_QUOTE = 200


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
