"""The client against the fake vendor over real HTTP: what it sends, what it repeats, and what it never repeats."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from app.core.errors import (
    AmbiguousSubmit,
    AuthFailed,
    ConfigError,
    ModelGone,
    QuotaExhausted,
    RateLimited,
    Transient,
)
from app.providers.replicate.client import ReplicateClient
from tests.fixtures.fakes import TOKEN, Fakes, rule
from tests.fixtures.replicate import Waits

MODEL = "google/nano-banana"
INPUT = {"prompt": "a bottle"}


def _client(
    fakes: Fakes, waits: Waits | None = None, token: str | None = TOKEN, timeout_s: float = 20.0
) -> ReplicateClient:
    secret = SecretStr(token) if token is not None else None
    return ReplicateClient(fakes.url, secret, (waits or Waits()).pace(timeout_s))


async def test_an_order_carries_its_deadline_and_its_input(fakes: Fakes) -> None:
    made = await _client(fakes).create(MODEL, INPUT, "10m", None)

    sent = fakes.log().requests("create")[0]
    assert made.status in ("starting", "processing")
    assert sent["headers"]["cancel-after"] == "10m"
    assert fakes.log().created == 1


@pytest.mark.parametrize("scenario", ["throttled", "throttled_header"])
async def test_a_busy_vendor_is_waited_for_as_long_as_it_says(fakes: Fakes, scenario: str) -> None:
    fakes.script(rule(scenario, times=2))
    waits = Waits()

    await _client(fakes, waits).create(MODEL, INPUT, "10m", None)

    assert waits.waited == [1.0, 1.0]
    assert fakes.log().created == 1


async def test_a_vendor_that_stays_busy_is_given_up_without_an_order(fakes: Fakes) -> None:
    fakes.script("throttled")

    with pytest.raises(RateLimited):
        await _client(fakes).create(MODEL, INPUT, "10m", None)
    assert fakes.log().created == 0


@pytest.mark.parametrize(
    "scenario",
    [
        *("error_500", "error_502", "error_503", "error_504", "html", "reset"),
        *("accepted_500", "accepted_reset", "accepted_cut", "accepted_html", "truncated_json"),
    ],
)
async def test_an_order_without_an_answer_is_sent_once(fakes: Fakes, scenario: str) -> None:
    fakes.script(scenario)

    with pytest.raises(AmbiguousSubmit):
        await _client(fakes).create(MODEL, INPUT, "10m", None)
    assert len(fakes.log().requests("create")) == 1


@pytest.mark.parametrize("scenario", ["hang", "accepted_hang"])
async def test_an_order_that_hangs_is_sent_once(fakes: Fakes, scenario: str) -> None:
    fakes.script(scenario)

    with pytest.raises(AmbiguousSubmit):
        await _client(fakes, timeout_s=0.5).create(MODEL, INPUT, "10m", None)
    assert len(fakes.log().requests("create")) == 1


@pytest.mark.parametrize(
    ("scenario", "kind"), [("payment_required", QuotaExhausted), ("forbidden", AuthFailed), ("model_gone", ModelGone)]
)
async def test_a_clear_no_is_a_clear_no(fakes: Fakes, scenario: str, kind: type[Exception]) -> None:
    fakes.script(scenario)
    waits = Waits()

    with pytest.raises(kind):
        await _client(fakes, waits).create(MODEL, INPUT, "10m", None)
    assert len(fakes.log().requests("create")) == 1
    assert waits.waited == []


async def test_where_no_connection_is_made_an_order_is_tried_again() -> None:
    waits = Waits()
    nobody = ReplicateClient("http://127.0.0.1:9", SecretStr(TOKEN), waits.pace())

    with pytest.raises(Transient, match="can't be reached") as raised:
        await nobody.create(MODEL, INPUT, "10m", None)
    assert waits.waited == [1.0, 2.0, 4.0]
    assert not isinstance(raised.value, AmbiguousSubmit)


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 503}, {"kind": "html", "status": 200}, {"kind": "reset"}]
)
async def test_a_read_is_repeated_three_times(fakes: Fakes, fault: dict[str, object]) -> None:
    client, waits = _client(fakes, waits := Waits()), waits
    made = await client.create(MODEL, INPUT, "10m", None)
    fakes.script(rule(operation="get", times=3, do={"fault": fault}))

    assert (await client.get(made.id)).id == made.id
    assert waits.waited == [1.0, 2.0, 4.0]


async def test_a_read_is_given_up_after_that(fakes: Fakes) -> None:
    fakes.script(rule(operation="account", do={"fault": {"status": 500}}))

    with pytest.raises(Transient):
        await _client(fakes).account()
    assert len(fakes.log().requests("account")) == 4


async def test_cancelling_stops_the_job(fakes: Fakes) -> None:
    fakes.script("stuck")
    client = _client(fakes)
    made = await client.create(MODEL, INPUT, "10m", None)

    await client.cancel(made.id)

    assert (await client.get(made.id)).status == "canceled"


async def test_the_list_is_read_page_by_page(fakes: Fakes) -> None:
    fakes.script(page_size=2)
    client = _client(fakes)
    made = [(await client.create(MODEL, INPUT, "10m", None)).id for _ in range(5)]

    since = datetime.now(UTC) - timedelta(minutes=1)
    assert {one.id async for one in client.predictions(since)} == set(made)


async def test_a_page_elsewhere_is_never_asked_with_the_token(fakes: Fakes) -> None:
    elsewhere = {"next": f"{fakes.media_url}/v1/predictions?cursor=1", "previous": None, "results": []}
    fakes.script(rule(operation="list", do={"fault": {"status": 200, "body": elsewhere}}))

    with pytest.raises(Transient, match="to its end"):
        _ = [one async for one in _client(fakes).predictions(datetime.now(UTC))]
    assert fakes.log().leaks == []


@pytest.mark.parametrize("token", [None, "", "   ", "r8_a b", "r8_ä", "r8_a\nb"])
async def test_a_token_that_is_none_is_told_before_anything_is_sent(fakes: Fakes, token: str | None) -> None:
    with pytest.raises(AuthFailed) as raised:
        await _client(fakes, token=token).account()

    assert "REPLICATE_API_TOKEN" in str(raised.value) + raised.value.hint
    assert fakes.log().requests() == []


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(ConfigError, match="REPLICATE_BASE_URL"):
        ReplicateClient("replicate", None)


async def test_no_log_line_shows_the_token_or_an_address(fakes: Fakes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fakes.script(rule(operation="account", times=1, do={"fault": {"status": 500}}))
    client = _client(fakes)

    await client.account()
    made = await client.create(MODEL, INPUT, "10m", None)
    await client.get(made.id)

    assert "repeated" in caplog.text
    assert TOKEN not in caplog.text
    assert [line for line in caplog.records if line.name.startswith("httpx2")] == []
