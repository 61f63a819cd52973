"""What Replicate's answers mean, as our errors. Their messages hold no token, no address and no signed query.

One table for HTTP answers, one for what a finished prediction says. Called by client.py, orders.py and download.py.
Tests: tests/test_providers/test_replicate/test_errors.py
"""

from __future__ import annotations

import re

import httpx2

from app.core.errors import (
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

PROVIDER = "replicate"
LONGEST_WAIT_S = 60.0
_USUAL_WAIT_S = 5.0
_RESETS = re.compile(r"resets? in ~?\s*(\d+(?:\.\d+)?)\s*(ms|s|m)?", re.IGNORECASE)
_SAFETY = re.compile(r"E005|sensitive|safety|nsfw|prohibited|content policy|policy violation", re.IGNORECASE)
_NO_CREDIT = re.compile(r"insufficient[_ ]credit|insufficient[_ ]quota|out of credit|billing", re.IGNORECASE)
_GONE = re.compile(r"no longer available|has been (?:deprecated|removed|retired)", re.IGNORECASE)
_TRANSIENT = re.compile(r"E1000|E6716|E8765|timeout starting|failed to start", re.IGNORECASE)
_MEMORY = re.compile(r"E1001|out of memory", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:https?|data|file)://?\S+|\bdata:\S+", re.IGNORECASE)
_SECRET = re.compile(r"\br8_\w+|\bbearer\s+\S+", re.IGNORECASE)
_DETAIL_CHARS = 300

KEY_HINT = (
    "Set REPLICATE_API_TOKEN to a token from replicate.com/account/api-tokens, "
    "or use the free studio: --set providers.video=local --set providers.image=local."
)
_QUOTA_HINT = (
    "Add credit at replicate.com/account/billing, then resume: nothing is lost. Or use the free studio (local)."
)
_SAFETY_HINT = "Rewrite the scene in other words, then retry it."
_GONE_HINT = "Choose another model with --set models.video=OWNER/NAME (app/config/models.yaml), or use the free studio."


def no_key() -> AuthFailed:
    """Return the error for a token that isn't there."""
    return AuthFailed("Replicate needs a token and there is none.", hint=KEY_HINT, provider=PROVIDER)


def safe_detail(text: str) -> str:
    """Return a vendor's words without addresses and secrets, cut to a readable length."""
    plain = _SECRET.sub("[secret]", _ADDRESS.sub("[address]", " ".join(text.split())))
    return plain if len(plain) <= _DETAIL_CHARS else plain[: _DETAIL_CHARS - 3] + "..."


def detail_of(response: httpx2.Response) -> str:
    """Return what an error answer says (RFC 7807 `detail`), safe to show; empty when it is a page or nothing."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    text = body.get("detail") or body.get("title") or ""
    return safe_detail(text) if isinstance(text, str) else ""


def wait_of(response: httpx2.Response) -> float:
    """Return how many seconds a 429 asks us to wait: the longer of its header and its words, at most a minute."""
    asked: list[float] = []
    header = response.headers.get("retry-after", "")
    if re.fullmatch(r"\d+(\.\d+)?", header.strip()):
        asked.append(float(header))
    found = _RESETS.search(detail_of(response))
    if found:
        asked.append(float(found[1]) * {"ms": 0.001, "m": 60.0}.get((found[2] or "s").lower(), 1.0))
    return min(LONGEST_WAIT_S, max(asked)) if asked else _USUAL_WAIT_S


def status_error(response: httpx2.Response, model: str = "", remote_id: str = "") -> ProviderError:
    """Return the error that an answer other than 2xx stands for."""
    status, detail = response.status_code, detail_of(response)
    said = f": {detail}" if detail else f" (HTTP {status})."
    known = {"provider": PROVIDER, "model": model, "remote_id": remote_id}
    if status == 402 or (status in (403, 429) and _NO_CREDIT.search(detail)):
        return QuotaExhausted(f"The Replicate account has no credit left{said}", hint=_QUOTA_HINT, **known)
    if status in (401, 403):
        return AuthFailed(f"Replicate refuses the token{said}", hint=KEY_HINT, **known)
    if status == 429:
        wait = wait_of(response)
        return RateLimited("Replicate asks us to slow down.", retry_after=wait, provider=PROVIDER, model=model)
    if status in (404, 410) or _GONE.search(detail):
        if remote_id:
            return BadOutput(f"Replicate no longer knows the job {remote_id}.", hint="Retry this clip.", **known)
        return ModelGone(f"Replicate has no model {model or 'of that name'}{said}", hint=_GONE_HINT, **known)
    if status < 400 or status in (408, 409, 425) or status >= 500:
        return Transient(f"Replicate had a problem (HTTP {status}).", hint="Try again in a minute.", **known)
    if _SAFETY.search(detail):
        return SafetyRefused(f"Replicate's content policy refused the request{said}", hint=_SAFETY_HINT, **known)
    return Rejected(f"Replicate refused the request{said}", hint="`admint doctor --live` compares the model.", **known)


def outcome_error(status: str, error: str, model: str, remote_id: str) -> ProviderError:
    """Return the error that a prediction which ended without success stands for."""
    known = {"provider": PROVIDER, "model": model, "remote_id": remote_id}
    said = safe_detail(error) or "no reason given"
    if status == "aborted":
        return Transient("Replicate was too busy and never began the job; it costs nothing.", hint="Retry it.", **known)
    if status == "canceled":
        return ProviderError("The job was canceled at Replicate before it ended.", hint="Retry it.", **known)
    if _SAFETY.search(error):
        return SafetyRefused(f"The model's content policy refused it: {said}", hint=_SAFETY_HINT, **known)
    if _MEMORY.search(error):
        return Rejected(f"The model ran out of memory: {said}", hint="Choose a lower resolution, then retry.", **known)
    if _TRANSIENT.search(error):
        return Transient(f"Replicate could not run the job: {said}", hint="Retry it.", **known)
    if _GONE.search(error):
        return ModelGone(f"The model has ended: {said}", hint=_GONE_HINT, **known)
    return ProviderError(f"The model failed: {said}", hint="Retry it, or change the scene's words.", **known)
