"""The moves that tests of the fakes share: make a prediction, wait for it, ask the chat model."""

from __future__ import annotations

import time
from typing import Any

import httpx

VEO = "/v1/models/google/veo-3.1/predictions"
BANANA = "/v1/models/google/nano-banana-pro/predictions"
Json = dict[str, Any]


def create(client: httpx.Client, prompt: str = "a bottle", path: str = VEO, **given: Any) -> Json:
    """Make a prediction and return it as it was answered."""
    response = client.post(path, json={"input": {"prompt": prompt, **given}})
    assert response.status_code == 201, response.text
    prediction: Json = response.json()
    return prediction


def finished(client: httpx.Client, identity: str) -> Json:
    """Poll a prediction until it is over."""
    until = time.monotonic() + 60
    while True:
        view: Json = client.get(f"/v1/predictions/{identity}").json()
        if view["status"] not in ("starting", "processing"):
            return view
        assert time.monotonic() < until, view
        time.sleep(0.02)


def made(client: httpx.Client, prompt: str = "a bottle", path: str = VEO, **given: Any) -> Json:
    """Make a prediction and return it when it is over."""
    return finished(client, create(client, prompt, path, **given)["id"])


def ask(client: httpx.Client, text: str = "Say something.", **more: Any) -> httpx.Response:
    """Send one message to the chat model."""
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": text}], **more}
    return client.post("/v1/chat/completions", json=body)


def schema_format(schema: Json, name: str = "answer", *, strict: bool = False) -> Json:
    """Return a response format that asks for this schema."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": strict}}
