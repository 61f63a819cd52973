"""The OpenAI side of the fakes, against the shapes of the vendor's published OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.fakes import Fakes
from tests.test_fakes.asking import ask, schema_format

SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Idea",
    "properties": {"title": {"type": "string"}, "score": {"type": "number", "maximum": 10}},
    "required": ["title", "score"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "final_result", "parameters": SCHEMA}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB" * 3}}


@pytest.fixture
def client(fakes: Fakes) -> Iterator[httpx.Client]:
    with fakes.client() as client:
        yield client


def events(response: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_an_answer_has_the_documented_shape(client: httpx.Client) -> None:
    answer = ask(client, "An ad for a red bike").json()
    choice, usage = answer["choices"][0], answer["usage"]
    assert set(answer) >= {"id", "object", "created", "model", "choices", "usage"}
    assert (answer["object"], choice["finish_reason"], choice["logprobs"]) == ("chat.completion", "stop", None)
    assert choice["message"]["role"] == "assistant"
    assert "red bike" in choice["message"]["content"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_schema_is_answered_in_json(client: httpx.Client) -> None:
    said = ask(client, "An ad for a red bike", response_format=schema_format(SCHEMA, strict=True)).json()
    idea = json.loads(said["choices"][0]["message"]["content"])
    assert set(idea) == {"title", "score"}
    assert idea["title"] == "red bike"


def test_a_stream_says_the_same_and_counts(client: httpx.Client) -> None:
    wanted = {"response_format": schema_format(SCHEMA)}
    whole = ask(client, "An ad for a red bike", **wanted).json()
    streamed = ask(client, "An ad for a red bike", stream=True, stream_options={"include_usage": True}, **wanted)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    chunks = events(streamed)
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks[:-1])
    assert text == whole["choices"][0]["message"]["content"]
    assert (chunks[-1]["choices"], chunks[-1]["usage"]) == ([], whole["usage"])
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}


def test_a_tool_is_called_whole_and_streamed(client: httpx.Client) -> None:
    choice = ask(client, "An ad for a red bike", tools=[TOOL], tool_choice="required").json()["choices"][0]
    call = choice["message"]["tool_calls"][0]["function"]
    assert (choice["finish_reason"], choice["message"]["content"], call["name"]) == ("tool_calls", None, "final_result")
    chunks = events(ask(client, "An ad for a red bike", tools=[TOOL], stream=True))
    pieces = [chunk["choices"][0]["delta"].get("tool_calls", [{}])[0].get("function", {}) for chunk in chunks]
    assert "".join(piece.get("arguments", "") for piece in pieces) == call["arguments"]
    assert set(json.loads(call["arguments"])) == {"title", "score"}


def test_plain_json_follows_the_schema_in_the_instructions(client: httpx.Client) -> None:
    wanted = {"type": "json_object"}
    refused = ask(client, "An ad for a red bike", response_format=wanted)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "messages")
    said = ask(client, f"An ad for a red bike, as JSON: {json.dumps(SCHEMA)}", response_format=wanted).json()
    assert set(json.loads(said["choices"][0]["message"]["content"])) == {"title", "score"}


@pytest.mark.parametrize("change", [{"required": ["title"]}, {"additionalProperties": True}])
def test_a_strict_schema_must_be_closed_and_complete(client: httpx.Client, change: dict[str, Any]) -> None:
    refused = ask(client, response_format=schema_format({**SCHEMA, **change}, strict=True))
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_json_schema")
    assert ask(client, response_format=schema_format({**SCHEMA, **change})).status_code == 200


def test_pictures_cost_tokens_and_stay_out_of_the_log(fakes: Fakes, client: httpx.Client) -> None:
    plain = ask(client, "What is this?").json()["usage"]["prompt_tokens"]
    content = [{"type": "text", "text": "What is this?"}, PICTURE]
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": content}]}
    seen = client.post("/v1/chat/completions", json=body).json()["usage"]["prompt_tokens"]
    assert seen - plain == 765
    assert "iVBORw0" not in json.dumps(fakes.log().raw)


def test_a_limit_cuts_the_answer(client: httpx.Client) -> None:
    choice = ask(client, response_format=schema_format(SCHEMA), max_completion_tokens=3).json()["choices"][0]
    assert (choice["finish_reason"], len(choice["message"]["content"])) == ("length", 12)


def test_models_end_on_their_day(fakes: Fakes, client: httpx.Client) -> None:
    fakes.clock(at="2026-11-01T00:00:00Z")
    listed = {one["id"]: one["shutdown_date"] for one in client.get("/v1/models").json()["data"]}
    assert listed["gpt-4o"] == "2027-01-14"
    assert listed["gpt-6-luna"] is None
    assert client.get("/v1/models/gpt-6-luna").json()["object"] == "model"
    gone = ask(client, model="gpt-4-turbo")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "model_not_found")
    fakes.clock(at="2027-02-01T00:00:00Z")
    assert ask(client, model="gpt-4o").status_code == 404
    fakes.script(chat_models=["my-model"])
    assert ask(client, model="my-model").status_code == 200


def test_a_key_is_needed(fakes: Fakes) -> None:
    refused = fakes.fetch(f"{fakes.openai_url}/models")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")
    assert fakes.log().chats == []
