"""Every way the paid path goes wrong, by name: `{"scenario": "reset_after"}` in a rule.

Looked up by fakes/script.py. Each is shown in tests/test_fakes/test_scenarios.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from fakes.script import Answer, Do, Fault, Listing, Match, Output, Plan, Webhook

E005 = "The input or output was flagged as sensitive. Please try again with different inputs. (E005) (q7Xw2LmTzA)"
E1001 = "Prediction failed. The model ran out of memory and was terminated. (E1001)"
E6716 = "Director: unexpected error handling prediction (E6716)"
NSFW = "NSFW content detected. Try running it again, or try a different prompt."
_BUSY = 0.5


@dataclass(frozen=True)
class Scenario:
    """A behaviour with the requests it is about, unless a rule narrows or widens them."""

    match: Match
    do: Do


def _create(do: Do) -> Scenario:
    return Scenario(Match(protocol="replicate", operation="create"), do)


def _chat(do: Do) -> Scenario:
    return Scenario(Match(protocol="openai", operation="chat"), do)


def _list(do: Do) -> Scenario:
    return Scenario(Match(protocol="replicate", operation="list"), do)


def _failed(error: str) -> Scenario:
    return _create(Do(prediction=Plan(outcome="failed", error=error)))


def _broken(kind: Literal["html", "truncated", "hang", "reset", "close"], **more: Any) -> Do:
    return Do(fault=Fault(kind=kind, **more))


def _problem(status: int, title: str, detail: str) -> Do:
    return Do(fault=Fault(status=status, body={"title": title, "detail": detail, "status": status}))


def _openai_error(status: int, kind: str, code: str, message: str, headers: dict[str, str] | None = None) -> Do:
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return Do(fault=Fault(status=status, body=body, headers=headers or {}))


THROTTLED = "Request was throttled. Your rate limit resets in ~1s."
EXPECTED = "Request was throttled. Expected available in 1 second."
LOW_CREDIT = (
    "Request was throttled. Your rate limit for prediction creation is reduced to 6 requests per minute with a burst "
    "of 1 requests while you have less than $5.0 in credit. Your rate limit resets in ~1s."
)
NO_CREDIT = (
    "You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase "
    "credit. Once you purchase credit, please wait a few minutes before trying again."
)
QUOTA = "You exceeded your current quota, please check your plan and billing details."

SCENARIOS: dict[str, Scenario] = {
    # Predictions
    "slow_start": _create(Do(prediction=Plan(start_s=_BUSY, run_s=_BUSY, tqdm=True))),
    "failed_e005": _failed(E005),
    "failed_e1001": _failed(E1001),
    "failed_e6716": _failed(E6716),
    "failed_nsfw": _failed(NSFW),
    "aborted": _create(Do(prediction=Plan(outcome="aborted"))),
    "canceled": _create(Do(prediction=Plan(outcome="canceled"))),
    "stuck": _create(Do(prediction=Plan(run_s=1e9))),
    "output_null": _create(Do(output=Output(empty=True))),
    "output_gone": _create(Do(output=Output(gone=True))),
    "output_cut": _create(Do(output=Output(cut=True))),
    "output_corrupt": _create(Do(output=Output(corrupt=True))),
    "output_short": _create(Do(output=Output(duration_s=1))),
    # Answers to any request; narrow them with `match`
    "throttled": _create(Do(fault=Fault(status=429, body={"detail": THROTTLED}))),
    "throttled_header": _create(Do(fault=Fault(status=429, body={"detail": EXPECTED}, headers={"Retry-After": "1"}))),
    "throttled_low_credit": _create(_problem(429, "Request was throttled", LOW_CREDIT)),
    "payment_required": _create(_problem(402, "Insufficient credit", NO_CREDIT)),
    "forbidden": _create(_problem(403, "Forbidden", "You do not have permission to do this.")),
    "model_gone": _create(_problem(404, "Not Found", "The requested resource could not be found.")),
    "error_500": _create(_problem(500, "Internal Server Error", "An unexpected error occurred.")),
    "error_502": _create(_broken("html", status=502)),
    "error_503": _create(_problem(503, "Service Unavailable", "The service is temporarily unavailable.")),
    "error_504": _create(_broken("html", status=504)),
    "html": _create(_broken("html", status=200)),
    "truncated_json": _create(_broken("truncated", accepted=True)),
    "hang": _create(_broken("hang")),
    "reset": _create(_broken("reset")),
    # Accepted, and the answer is lost: whoever posts again pays twice
    "accepted_500": _create(Do(fault=Fault(status=500, accepted=True))),
    "accepted_hang": _create(_broken("hang", accepted=True)),
    "accepted_reset": _create(_broken("reset", accepted=True)),
    "accepted_cut": _create(_broken("reset", accepted=True, share=0.5)),
    "accepted_html": _create(_broken("html", accepted=True, status=200)),
    # The list of predictions
    "list_late": _list(Do(listing=Listing(late_s=1))),
    "list_late_calls": _list(Do(listing=Listing(late_calls=2))),
    "list_empty": _list(Do(listing=Listing(empty=True))),
    "list_failing": _list(_problem(500, "Internal Server Error", "An unexpected error occurred.")),
    # Webhooks
    "webhook_bad": _create(Do(webhook=Webhook(signature="bad"))),
    "webhook_unsigned": _create(Do(webhook=Webhook(signature="none"))),
    "webhook_replayed": _create(Do(webhook=Webhook(copies=3))),
    "webhook_stale": _create(Do(webhook=Webhook(age_s=600))),
    "webhook_lost": _create(Do(webhook=Webhook(send=False))),
    # Chat
    "insufficient_quota": _chat(_openai_error(429, "insufficient_quota", "insufficient_quota", QUOTA)),
    "credit_exhausted": _chat(_openai_error(429, "insufficient_quota", "credit_balance_exhausted", QUOTA)),
    "chat_throttled": _chat(
        _openai_error(429, "requests", "rate_limit_exceeded", "Rate limit reached.", {"Retry-After": "1"})
    ),
    "chat_500": _chat(_openai_error(500, "server_error", "server_error", "The server had an error.")),
    "chat_503": _chat(_openai_error(503, "server_error", "server_error", "The engine is currently overloaded.")),
    "chat_html": _chat(_broken("html", status=200)),
    "chat_hang": _chat(_broken("hang")),
    "chat_reset": _chat(_broken("reset")),
    "chat_cut": _chat(_broken("reset", accepted=True, share=0.5)),
    "context_too_long": _chat(
        _openai_error(
            400, "invalid_request_error", "context_length_exceeded", "This model's maximum context is 128000."
        )
    ),
    "content_policy": _chat(
        _openai_error(400, "invalid_request_error", "content_policy_violation", "Rejected by the safety system.")
    ),
    "refusal": _chat(Do(answer=Answer(refusal="I'm sorry, I can't help with that."))),
    "length": _chat(Do(answer=Answer(finish_reason="length"))),
    "content_filter": _chat(Do(answer=Answer(finish_reason="content_filter"))),
    "malformed_json": _chat(Do(answer=Answer(malformed=True))),
    "wrong_schema": _chat(Do(answer=Answer(wrong_schema=True))),
}
