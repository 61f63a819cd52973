"""Webhooks: the events of a prediction, signed as documented, posted again when the first attempt fails.

Started by fakes/replicate.py with each prediction that wants them. Tests: tests/test_fakes/test_webhooks.py.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets

import httpx

from fakes.predictions import Prediction
from fakes.script import Webhook
from fakes.world import SECRET, World

EVENTS = ("start", "output", "logs", "completed")
USUAL_EVENTS = ("output", "completed")
ATTEMPTS = 3
_RUNNING: set[asyncio.Task[None]] = set()


def follow(world: World, prediction: Prediction) -> None:
    """Send a prediction's events as they happen."""
    if prediction.webhook:
        task = asyncio.ensure_future(_follow(world, prediction))
        _RUNNING.add(task)
        task.add_done_callback(_RUNNING.discard)


async def _follow(world: World, prediction: Prediction) -> None:
    how = prediction.do.webhook or Webhook()
    started = False
    while prediction.id in world.shelf.predictions:
        now = world.clock.now()
        phase = prediction.phase(now)
        if phase.started is not None and not started:
            started = True
            await send(world, prediction, "start", how)
        if phase.over:
            if phase.status == "succeeded":
                await send(world, prediction, "output", how)
            await send(world, prediction, "completed", how)
            return
        await world.clock.wait(prediction.next_change(now))


async def send(world: World, prediction: Prediction, event: str, how: Webhook) -> None:
    """Post one event, unless the prediction did not ask for it, and note in the log how that went."""
    if not how.send or prediction.webhook is None or event not in prediction.events:
        return
    body = json.dumps(prediction.view(world.clock.now(), world.api, world.media)).encode()
    headers = signed(body, world.clock.now() - how.age_s, how)
    for _ in range(how.copies):
        status = await _post(prediction.webhook, body, headers)
        world.deliveries.append(
            {
                "prediction": prediction.id,
                "event": event,
                "url": prediction.webhook,
                "webhook_id": headers["webhook-id"],
                "status": status,
            }
        )


def signed(body: bytes, moment: float, how: Webhook) -> dict[str, str]:
    """Return the headers of a delivery: HMAC-SHA256 over id, time and body with the key behind `whsec_`."""
    identity, when = f"msg_{secrets.token_hex(12)}", str(int(moment))
    headers = {"content-type": "application/json", "webhook-id": identity, "webhook-timestamp": when}
    if how.signature == "none":
        return headers
    key = base64.b64decode(SECRET.removeprefix("whsec_")) if how.signature == "good" else b"some other key"
    digest = hmac.digest(key, f"{identity}.{when}.".encode() + body, hashlib.sha256)
    return {**headers, "webhook-signature": "v1," + base64.b64encode(digest).decode()}


async def _post(url: str, body: bytes, headers: dict[str, str]) -> int | None:
    """Post until it is taken, three times at most, the same bytes under the same id; null when nobody answered."""
    status = None
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        for attempt in range(ATTEMPTS):
            await asyncio.sleep(0.2 * attempt)
            try:
                status = (await client.post(url, content=body, headers=headers)).status_code
            except httpx.HTTPError:
                continue
            if status < 300:
                break
    return status
