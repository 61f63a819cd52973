"""The taxonomy, row by row: what an answer means, and that no message shows a secret or an address."""

from __future__ import annotations

import httpx2
import pytest

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
from app.providers.replicate.errors import outcome_error, safe_detail, status_error, wait_of


def _answer(status: int, detail: str = "", **headers: str) -> httpx2.Response:
    return httpx2.Response(status, json={"detail": detail, "title": "T", "status": status}, headers=headers)


@pytest.mark.parametrize(
    ("status", "detail", "kind"),
    [
        (400, "Bad Request", Rejected),
        (401, "Unauthenticated", AuthFailed),
        (402, "You have insufficient credit to run this model.", QuotaExhausted),
        (403, "You do not have permission to do this.", AuthFailed),
        (403, "Insufficient credit", QuotaExhausted),
        (404, "The requested resource could not be found.", ModelGone),
        (400, "This model is no longer available.", ModelGone),
        (408, "", Transient),
        (409, "", Transient),
        (410, "", ModelGone),
        (422, "- input.duration: must be one of 4, 6, 8", Rejected),
        (422, "Flagged by the safety system", SafetyRefused),
        (425, "", Transient),
        (429, "Request was throttled.", RateLimited),
        (429, "insufficient_quota", QuotaExhausted),
        (500, "", Transient),
        (502, "", Transient),
        (503, "", Transient),
        (504, "", Transient),
        (302, "", Transient),
    ],
)
def test_each_http_answer_is_one_kind_of_error(status: int, detail: str, kind: type[ProviderError]) -> None:
    error = status_error(_answer(status, detail), "google/veo-3.1")

    assert type(error) is kind
    assert error.provider == "replicate"


def test_a_missing_job_is_not_a_missing_model() -> None:
    error = status_error(_answer(404), remote_id="abc")

    assert isinstance(error, BadOutput)
    assert error.remote_id == "abc"


def test_a_refused_token_names_the_variable_and_the_free_way() -> None:
    error = status_error(_answer(401))

    assert "REPLICATE_API_TOKEN" in error.hint
    assert "local" in error.hint


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        ("failed", "The input or output was flagged as sensitive. (E005)", SafetyRefused),
        ("failed", "NSFW content detected. Try running it again.", SafetyRefused),
        ("failed", "Prediction failed. The model ran out of memory. (E1001)", Rejected),
        ("failed", "Unknown error (E1000)", Transient),
        ("failed", "Prediction failed to start within the expected time limit. (E6716)", Transient),
        ("failed", "Veo 3.1 is no longer available", ModelGone),
        ("failed", "Something else", ProviderError),
        ("aborted", "", Transient),
        ("canceled", "", ProviderError),
    ],
)
def test_each_way_a_job_ends_is_one_kind_of_error(status: str, text: str, kind: type[ProviderError]) -> None:
    assert type(outcome_error(status, text, "m", "id")) is kind


@pytest.mark.parametrize(
    ("detail", "headers", "seconds"),
    [
        ("Request was throttled. Your rate limit resets in ~30s.", {}, 30),
        ("Request was throttled. Your rate limit resets in ~500ms.", {}, 0.5),
        ("Slow down", {"retry-after": "7"}, 7),
        ("resets in ~3s", {"retry-after": "9"}, 9),
        ("resets in ~1h or so", {"retry-after": "86400"}, 60),
        ("Slow down", {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 5),
        ("Slow down", {}, 5),
    ],
)
def test_the_wait_is_what_was_asked_and_a_minute_at_most(detail: str, headers: dict[str, str], seconds: float) -> None:
    assert wait_of(_answer(429, detail, **headers)) == seconds


def test_words_of_a_vendor_are_shown_without_addresses_and_secrets() -> None:
    text = safe_detail(
        "could not fetch https://replicate.delivery/x.png?sig=s3cr3t or data:image/png;base64,AAAA with r8_abc123 "
        "Bearer r8_zzz " + "x" * 400
    )

    assert not [part for part in ("s3cr3t", "AAAA", "r8_", "https") if part in text]
    assert len(text) <= 300


def test_a_page_instead_of_data_is_not_quoted() -> None:
    error = status_error(httpx2.Response(502, text="<html><h1>Bad gateway</h1></html>"))

    assert "<" not in error.message
