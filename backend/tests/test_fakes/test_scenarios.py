"""Every scenario by name: what the client meets, and how many predictions it would have paid for."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from fakes.scenarios import SCENARIOS
from tests.fixtures.fakes import Fakes, rule
from tests.test_fakes.asking import VEO, ask, create, finished, made, schema_format
from tests.test_house.tree import REPOSITORY

BODY = {"input": {"prompt": "a bottle"}}
WANTED = schema_format({"type": "object", "properties": {"title": {"type": "string"}}})


@pytest.fixture
def client(fakes: Fakes) -> Iterator[httpx.Client]:
    with fakes.client() as client:
        yield client


@dataclass(frozen=True)
class Meets:
    """What the answer to a request is like: a status, an error of the client's, words in the body, paid predictions."""

    status: int = 0
    raises: type[httpx.HTTPError] | None = None
    says: str = ""
    paid: int = 0
    header: tuple[str, str] = ("", "")


CREATES = {
    "throttled": Meets(429, says="resets in ~1s"),
    "throttled_header": Meets(429, header=("retry-after", "1")),
    "throttled_low_credit": Meets(429, says="resets in ~1s"),
    "payment_required": Meets(402, says="insufficient credit"),
    "forbidden": Meets(403, says="permission"),
    "model_gone": Meets(404, says="could not be found"),
    "error_500": Meets(500, says="unexpected"),
    "error_502": Meets(502, says="<html>"),
    "error_503": Meets(503, says="unavailable"),
    "error_504": Meets(504, says="<html>"),
    "html": Meets(200, says="<html>"),
    "truncated_json": Meets(201, says='{"id"', paid=1),
    "reset": Meets(raises=httpx.ReadError),
    "accepted_500": Meets(500, paid=1),
    "accepted_reset": Meets(raises=httpx.ReadError, paid=1),
    "accepted_cut": Meets(raises=httpx.ReadError, paid=1),
    "accepted_html": Meets(200, says="<html>", paid=1),
}
CHATS = {
    "insufficient_quota": Meets(429, says='"code":"insufficient_quota"'),
    "credit_exhausted": Meets(429, says='"code":"credit_balance_exhausted"'),
    "chat_throttled": Meets(429, says="rate_limit_exceeded", header=("retry-after", "1")),
    "chat_500": Meets(500, says="server_error"),
    "chat_503": Meets(503, says="overloaded"),
    "chat_html": Meets(200, says="<html>"),
    "chat_reset": Meets(raises=httpx.ReadError),
    "chat_cut": Meets(raises=httpx.ReadError),
    "context_too_long": Meets(400, says="context_length_exceeded"),
    "content_policy": Meets(400, says="content_policy_violation"),
}
HANGS = {"hang": 0, "accepted_hang": 1, "chat_hang": 0}
ENDS = {
    "slow_start": ("succeeded", None),
    "failed_e005": ("failed", "E005"),
    "failed_e1001": ("failed", "E1001"),
    "failed_e6716": ("failed", "E6716"),
    "failed_nsfw": ("failed", "NSFW"),
    "aborted": ("aborted", None),
    "canceled": ("canceled", None),
}
OUTPUTS = {"output_null", "output_gone", "output_cut", "output_corrupt", "output_short"}
LISTS = {"list_late", "list_late_calls", "list_empty", "list_failing"}
SAYS: dict[str, Any] = {
    "refusal": ("stop", None),
    "length": ("length", False),
    "content_filter": ("content_filter", False),
    "malformed_json": ("stop", False),
    "wrong_schema": ("stop", True),
}
WEBHOOKS = {"webhook_bad", "webhook_unsigned", "webhook_replayed", "webhook_stale", "webhook_lost"}
"""Shown in test_webhooks.py."""


def test_every_scenario_is_shown() -> None:
    shown = [*CREATES, *CHATS, *HANGS, *ENDS, *OUTPUTS, *LISTS, *SAYS, *WEBHOOKS, "stuck"]
    assert sorted(shown) == sorted(SCENARIOS)


def test_every_scenario_is_documented() -> None:
    page = (REPOSITORY / "docs/how-to/try-the-paid-path.md").read_text(encoding="utf-8")
    assert [name for name in SCENARIOS if f"`{name}`" not in page] == []


def _meets(response: httpx.Response, expected: Meets) -> None:
    name, value = expected.header
    assert response.status_code == expected.status
    assert expected.says in response.text
    assert response.headers.get(name, "") == value


@pytest.mark.parametrize("scenario", CREATES)
def test_a_creation_goes_wrong(fakes: Fakes, client: httpx.Client, scenario: str) -> None:
    fakes.script(rule(scenario, nth=1))
    expected = CREATES[scenario]
    if expected.raises is not None:
        with pytest.raises(expected.raises):
            client.post(VEO, json=BODY)
    else:
        _meets(client.post(VEO, json=BODY), expected)
    assert fakes.log().created == expected.paid
    assert create(client)["status"] == "starting"


@pytest.mark.parametrize("scenario", CHATS)
def test_a_conversation_goes_wrong(fakes: Fakes, client: httpx.Client, scenario: str) -> None:
    fakes.script(rule(scenario, nth=1))
    expected = CHATS[scenario]
    if expected.raises is not None:
        with pytest.raises(expected.raises):
            ask(client)
    else:
        _meets(ask(client), expected)
    assert ask(client).status_code == 200


@pytest.mark.parametrize("scenario", HANGS)
def test_silence_follows(fakes: Fakes, scenario: str) -> None:
    fakes.script(scenario)
    path, body = ("/v1/chat/completions", _streamed()) if scenario == "chat_hang" else (VEO, BODY)
    address = httpx.URL(fakes.url)
    with socket.create_connection((address.host, address.port or 0), timeout=60) as connection:
        text = json.dumps(body)
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode())
        while not (seen := fakes.log().requests()) or seen[0]["status"] is None:
            continue
        assert (seen[0]["status"], fakes.log().created) == (0, HANGS[scenario])
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)


@pytest.mark.parametrize("scenario", ENDS)
def test_a_prediction_ends(fakes: Fakes, client: httpx.Client, scenario: str) -> None:
    status, error = ENDS[scenario]
    fakes.script(scenario)
    view = made(client)
    assert (view["status"], view["started_at"] is None) == (status, status == "aborted")
    assert error in (view["error"] or "") if error else view["error"] is None
    assert fakes.log().paid[0]["charged"] is (status in ("succeeded", "canceled"))


def test_a_stuck_prediction_stays_until_it_is_canceled(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script("stuck")
    prediction = create(client)
    fakes.clock(3600)
    assert client.get(prediction["urls"]["get"]).json()["status"] == "processing"
    assert client.post(prediction["urls"]["cancel"]).json()["status"] == "canceled"


def test_an_output_is_null(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script("output_null")
    view = made(client)
    assert (view["status"], view["output"]) == ("succeeded", None)


def test_an_output_is_gone(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script("output_gone")
    assert fakes.fetch(made(client)["output"]).status_code == 404


def test_an_output_breaks_off(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script(rule("output_cut"), rule(operation="download", nth=1, do={"fault": {"kind": "html", "status": 503}}))
    output = made(client)["output"]
    assert fakes.fetch(output).status_code == 503
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        fakes.fetch(output)


def test_an_output_is_no_film(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script("output_corrupt")
    response = fakes.fetch(made(client)["output"])
    assert (response.status_code, response.headers["content-type"]) == (200, "video/mp4")
    assert b"ftyp" not in response.content


def test_the_list_shows_less_than_there_is(fakes: Fakes, client: httpx.Client) -> None:
    fakes.clock(rate=0)
    identity = create(client)["id"]

    def listed() -> int:
        return len(client.get("/v1/predictions").json()["results"])

    fakes.script("list_empty")
    assert listed() == 0
    fakes.script("list_late")
    assert listed() == 0
    fakes.clock(1)
    assert listed() == 1
    fakes.script(rule("list_failing", nth=1))
    assert client.get("/v1/predictions").status_code == 500
    assert listed() == 1
    fakes.clock(5)
    assert finished(client, identity)["status"] == "succeeded"


def test_the_list_is_late_by_calls(fakes: Fakes, client: httpx.Client) -> None:
    create(client)
    fakes.script("list_late_calls")
    assert [len(client.get("/v1/predictions").json()["results"]) for _ in range(3)] == [0, 0, 1]


@pytest.mark.parametrize("scenario", SAYS)
def test_the_model_says_something_else(fakes: Fakes, client: httpx.Client, scenario: str) -> None:
    fakes.script(rule(scenario, nth=1))
    reason, parses = SAYS[scenario]
    choice = ask(client, response_format=WANTED).json()["choices"][0]
    content = choice["message"]["content"]
    assert choice["finish_reason"] == reason
    if scenario == "refusal":
        assert (content, choice["message"]["refusal"][:9]) == (None, "I'm sorry")
    elif parses:
        assert "title" not in json.loads(content)
    else:
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            json.loads(content)
    again = ask(client, response_format=WANTED).json()["choices"][0]["message"]["content"]
    assert "title" in json.loads(again)


def test_a_stream_breaks_off(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script("chat_cut")
    got: list[str] = []
    with pytest.raises(httpx.ReadError), client.stream("POST", "/v1/chat/completions", json=_streamed()) as response:
        got += response.iter_text()
    assert fakes.log().requests("chat")[0]["status"] == 0


def _streamed() -> dict[str, Any]:
    return {"model": "gpt-6-luna", "stream": True, "messages": [{"role": "user", "content": "An ad for a bike"}]}


def test_rules_tell_predictions_apart_by_prompt_and_count(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script(
        rule("failed_e005", prompt="forest"),
        rule(operation="get", prompt="kitchen", nth=[1, 2], do={"fault": {"status": 503}}),
    )
    forest, kitchen = create(client, "a Forest trail"), create(client, "a kitchen")
    assert finished(client, forest["id"])["status"] == "failed"
    assert [client.get(kitchen["urls"]["get"]).status_code for _ in range(3)] == [503, 503, 200]


def test_a_scenario_can_be_moved_to_other_requests(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script(rule("accepted_reset", protocol="openai", operation="chat"), rule("error_503", operation="get", nth=1))
    with pytest.raises(httpx.ReadError):
        ask(client)
    assert len(fakes.log().chats) == 1
    prediction = create(client)
    assert [client.get(prediction["urls"]["get"]).status_code for _ in range(2)] == [503, 200]
