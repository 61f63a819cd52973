"""Every way a language model fails: our error, how often it was asked, what was waited, and what it may have cost."""

from __future__ import annotations

import pickle
import socket
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import (
    AmbiguousSubmit,
    AuthFailed,
    BadOutput,
    ConfigError,
    ModelGone,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Rejected,
    SafetyRefused,
    Transient,
)
from tests.fixtures.fakes import Fakes, rule
from tests.fixtures.language_model import BRIEF, CALL, KEY, Pauses, text_model

NOTHING, UNKNOWN = Decimal(0), None


async def failing(fakes: Fakes, home: Path, **more: Any) -> tuple[ProviderError, list[float]]:
    """Ask once; return the error and the pauses before it."""
    pauses = Pauses()
    model = text_model(fakes, home, pauses=pauses, **more)
    with pytest.raises(ProviderError) as caught:
        await model.read_brief(BRIEF, CALL)
    await model.aclose()
    assert KEY not in f"{caught.value!r}{caught.value}{vars(caught.value)}"
    assert KEY.encode() not in pickle.dumps(caught.value)  # as the engine keeps it
    return caught.value, pauses


@pytest.mark.parametrize(
    ("scenario", "error", "cost"),
    [
        ("insufficient_quota", QuotaExhausted, NOTHING),
        ("credit_exhausted", QuotaExhausted, NOTHING),
        ("context_too_long", Rejected, NOTHING),
        ("content_policy", SafetyRefused, NOTHING),
        ("chat_500", AmbiguousSubmit, UNKNOWN),
        ("chat_503", AmbiguousSubmit, UNKNOWN),
        ("chat_reset", AmbiguousSubmit, UNKNOWN),
        ("chat_cut", AmbiguousSubmit, UNKNOWN),
        ("chat_html", BadOutput, UNKNOWN),
    ],
)
async def test_a_paid_question_is_not_repeated(
    fakes: Fakes, tmp_path: Path, scenario: str, error: type[ProviderError], cost: Decimal | None
) -> None:
    fakes.script(scenario)
    caught, pauses = await failing(fakes, tmp_path)
    assert type(caught) is error
    assert (caught.cost_usd, caught.provider, caught.model) == (cost, "openai", "gpt-6-luna")
    assert caught.message
    assert caught.hint
    assert (len(fakes.log().requests("chat")), pauses) == (1, [])


async def test_an_answer_that_never_comes_is_not_asked_for_again(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("chat_hang")
    caught, pauses = await failing(fakes, tmp_path, openai_timeout_s=0.5)
    assert (type(caught), caught.cost_usd, pauses) == (AmbiguousSubmit, UNKNOWN, [])
    assert len(fakes.log().requests("chat")) == 1


@pytest.mark.parametrize("scenario", ["chat_500", "chat_reset"])
async def test_a_free_question_is_repeated_three_times(fakes: Fakes, tmp_path: Path, scenario: str) -> None:
    fakes.script(scenario)
    caught, pauses = await failing(fakes, tmp_path, openai_price="auto")
    assert (type(caught), caught.cost_usd) == (Transient, NOTHING)
    assert len(fakes.log().requests("chat")) == 4
    assert [least <= pause <= 1.25 * least for least, pause in zip((1, 2, 4), pauses, strict=True)] == [True] * 3


async def test_a_free_question_gets_its_answer_after_a_bad_moment(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script(rule("chat_503", times=2))
    model = text_model(fakes, tmp_path, openai_price="auto")
    answered = await model.read_brief(BRIEF, CALL)
    await model.aclose()
    assert (answered.cost_usd, answered.cost_source) == (NOTHING, "free")
    assert len(fakes.log().requests("chat")) == 3


@pytest.mark.parametrize("times", [2, 9])
async def test_throttling_is_waited_out_as_long_as_it_says(fakes: Fakes, tmp_path: Path, times: int) -> None:
    fakes.script(rule("chat_throttled", times=times))
    if times == 2:
        pauses = Pauses()
        model = text_model(fakes, tmp_path, pauses=pauses)
        assert (await model.read_brief(BRIEF, CALL)).cost_source == "list_price"
        await model.aclose()
        assert pauses == [1.0, 1.0]
        return
    caught, pauses = await failing(fakes, tmp_path)
    assert isinstance(caught, RateLimited)
    assert (caught.retry_after, caught.cost_usd, pauses) == (1.0, NOTHING, [1.0] * 3)


async def test_a_wait_of_an_hour_is_said_at_once(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script({"match": {"operation": "chat"}, "do": {"fault": {"status": 429, "headers": {"Retry-After": "3600"}}}})
    caught, pauses = await failing(fakes, tmp_path)
    assert isinstance(caught, RateLimited)
    assert (caught.retry_after, pauses) == (3600, [])


@pytest.mark.parametrize(
    ("scenario", "error", "requests"),
    [
        ("refusal", SafetyRefused, 1),
        ("content_filter", SafetyRefused, 1),
        ("length", BadOutput, 1),
        ("malformed_json", BadOutput, 2),
        ("wrong_schema", BadOutput, 2),
    ],
)
async def test_a_useless_answer_is_paid_for_and_says_how_much(
    fakes: Fakes, tmp_path: Path, scenario: str, error: type[ProviderError], requests: int
) -> None:
    fakes.script(scenario)
    caught, _ = await failing(fakes, tmp_path)
    chats = fakes.log().chats
    tokens_in, tokens_out = (sum(chat[name] for chat in chats) for name in ("prompt_tokens", "completion_tokens"))
    assert (type(caught), len(chats)) == (error, requests)
    assert caught.cost_usd is not None
    exact = (Decimal("0.20") * tokens_in + Decimal("0.75") * tokens_out) / 10**6
    assert NOTHING <= caught.cost_usd - exact < Decimal("0.000001")
    assert caught.cost_usd > 0


async def test_a_second_question_that_is_lost_leaves_the_bill_open(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script(rule("malformed_json", nth=1), rule("chat_500", nth=2))
    caught, _ = await failing(fakes, tmp_path)
    assert (type(caught), caught.cost_usd) == (AmbiguousSubmit, UNKNOWN)


async def test_a_second_question_that_is_turned_away_leaves_the_first_to_pay(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script(rule("malformed_json", nth=1), rule("insufficient_quota", nth=2))
    caught, _ = await failing(fakes, tmp_path)
    assert isinstance(caught, QuotaExhausted)
    assert caught.cost_usd is not None
    assert caught.cost_usd > 0


async def test_an_answer_off_its_form_is_mended_when_told_so(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script(rule("wrong_schema", nth=1))
    model = text_model(fakes, tmp_path)
    answered = await model.read_brief(BRIEF, CALL)
    await model.aclose()
    assert answered.usage.input_tokens == sum(chat["prompt_tokens"] for chat in fakes.log().chats)
    assert len(fakes.log().chats) == 2


async def test_a_refused_key_names_the_variable_and_the_free_way(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script(tokens=["another"])
    caught, _ = await failing(fakes, tmp_path)
    assert isinstance(caught, AuthFailed)
    assert "OPENAI_API_KEY" in str(caught)
    assert "providers.text=local" in caught.hint


async def test_a_missing_key_is_said_without_any_request(fakes: Fakes, tmp_path: Path) -> None:
    settings = {"openai_api_key": None, "openai_base_url": "https://models.invalid/v1"}
    caught, _ = await failing(fakes, tmp_path, **settings)
    assert isinstance(caught, AuthFailed)
    assert "OPENAI_API_KEY is not set" in caught.message
    with pytest.raises(AuthFailed, match=r"providers\.text=local"):
        await text_model(fakes, tmp_path, **settings).check()
    assert fakes.log().requests() == []


async def test_a_model_that_is_gone_is_named(fakes: Fakes, tmp_path: Path) -> None:
    caught, _ = await failing(fakes, tmp_path, model="gpt-0", openai_price="1/2")
    assert isinstance(caught, ModelGone)
    assert "'gpt-0'" in caught.message
    checked = text_model(fakes, tmp_path, model="gpt-0", openai_price="1/2")
    with pytest.raises(ModelGone, match="'gpt-0'"):
        await checked.check()
    await checked.aclose()
    assert len(fakes.log().requests("chat")) == 1


async def test_a_model_nobody_can_price_is_refused_before_it_is_asked(fakes: Fakes, tmp_path: Path) -> None:
    model = text_model(fakes, tmp_path, model="dearest-1")
    with pytest.raises(ConfigError, match="OPENAI_PRICE"):
        await model.read_brief(BRIEF, CALL)
    with pytest.raises(ConfigError, match="'dearest-1'"):
        await model.check()
    await model.aclose()
    assert fakes.log().requests("chat") == []


async def test_a_closed_door_is_tried_again_because_nothing_was_sent(fakes: Fakes, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
        caught, pauses = await failing(fakes, tmp_path, openai_base_url=address)
    assert (type(caught), caught.cost_usd, len(pauses)) == (Transient, NOTHING, 3)
    assert "OPENAI_BASE_URL" in caught.hint


async def test_the_check_says_when_nobody_is_there_or_the_key_is_wrong(fakes: Fakes, tmp_path: Path) -> None:
    fine = text_model(fakes, tmp_path)
    await fine.check()
    fakes.script(tokens=["another"])
    with pytest.raises(AuthFailed, match="OPENAI_API_KEY"):
        await fine.check()
    await fine.aclose()
    lost = text_model(fakes, tmp_path, openai_base_url="http://127.0.0.1:9/v1")
    with pytest.raises(Transient, match="can't be reached"):
        await lost.check()
    await lost.aclose()


async def test_a_rejection_quotes_the_reason_but_no_key(fakes: Fakes, tmp_path: Path) -> None:
    body = {"error": {"message": f"Unknown field response_format (Bearer {KEY})", "type": "invalid_request_error"}}
    fakes.script({"match": {"operation": "chat"}, "do": {"fault": {"status": 400, "body": body}}})
    caught, _ = await failing(fakes, tmp_path)
    assert isinstance(caught, Rejected)
    assert "response_format" in caught.message
    assert "OPENAI_OUTPUT_MODE" in caught.hint
