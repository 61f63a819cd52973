"""Webhooks arrive signed as documented, come again when refused, and can be forged, replayed or stale."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.fixtures.fakes import Fakes, rule
from tests.test_fakes.asking import VEO

Delivery = tuple[dict[str, str], bytes]


@dataclass
class Receiver:
    """A webhook endpoint that keeps what it gets; answers 500 to the first `refusals`."""

    url: str = ""
    refusals: int = 0
    got: queue.Queue[Delivery] = field(default_factory=queue.Queue)

    def next(self) -> Delivery:
        return self.got.get(timeout=60)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.got.put(({name.lower(): value for name, value in self.headers.items()}, body))
            kept.refusals -= 1
            self.send_response(500 if kept.refusals >= 0 else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        kept.url = f"http://127.0.0.1:{server.server_port}/hooks"
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def client(fakes: Fakes) -> Iterator[httpx.Client]:
    with fakes.client() as client:
        yield client


def start(client: httpx.Client, receiver: Receiver, *events: str) -> str:
    body = {"input": {"prompt": "a bottle"}, "webhook": receiver.url, "webhook_events_filter": list(events)}
    response = client.post(VEO, json={key: value for key, value in body.items() if value})
    assert response.status_code == 201, response.text
    identity: str = response.json()["id"]
    return identity


def is_genuine(client: httpx.Client, delivery: Delivery) -> bool:
    """Check a delivery as the documentation says."""
    headers, body = delivery
    key = base64.b64decode(client.get("/v1/webhooks/default/secret").json()["key"].removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return f"v1,{expected}" in headers.get("webhook-signature", "").split(" ")


def test_events_come_in_order_and_signed(client: httpx.Client, receiver: Receiver) -> None:
    identity = start(client, receiver, "start", "completed")
    first, last = receiver.next(), receiver.next()
    assert is_genuine(client, first)
    assert is_genuine(client, last)
    assert [json.loads(body)["status"] for _, body in (first, last)] == ["processing", "succeeded"]
    assert json.loads(last[1])["id"] == identity
    assert first[0]["webhook-id"] != last[0]["webhook-id"]
    assert abs(time.time() - int(last[0]["webhook-timestamp"])) < 300


def test_without_a_filter_output_and_completion_are_told(client: httpx.Client, receiver: Receiver) -> None:
    start(client, receiver)
    assert [json.loads(receiver.next()[1])["status"] for _ in range(2)] == ["succeeded", "succeeded"]


def test_what_is_refused_comes_again_under_the_same_id(client: httpx.Client, receiver: Receiver) -> None:
    receiver.refusals = 2
    start(client, receiver, "completed")
    deliveries = [receiver.next() for _ in range(3)]
    assert len({headers["webhook-id"] for headers, _ in deliveries}) == 1
    assert len({body for _, body in deliveries}) == 1


@pytest.mark.parametrize(("scenario", "genuine"), [("webhook_bad", False), ("webhook_unsigned", False)])
def test_a_forged_one_is_not_genuine(
    fakes: Fakes, client: httpx.Client, receiver: Receiver, scenario: str, genuine: bool
) -> None:
    fakes.script(scenario)
    start(client, receiver, "completed")
    assert is_genuine(client, receiver.next()) is genuine


def test_a_replayed_one_is_the_same_to_the_byte(fakes: Fakes, client: httpx.Client, receiver: Receiver) -> None:
    fakes.script("webhook_replayed")
    start(client, receiver, "completed")
    first, *others = [receiver.next() for _ in range(3)]
    assert others == [first, first]


def test_a_stale_one_is_dated_back_and_signed(fakes: Fakes, client: httpx.Client, receiver: Receiver) -> None:
    fakes.script("webhook_stale")
    start(client, receiver, "completed")
    delivery = receiver.next()
    assert is_genuine(client, delivery)
    assert time.time() - int(delivery[0]["webhook-timestamp"]) > 300


def test_a_lost_one_can_be_sent_later(fakes: Fakes, client: httpx.Client, receiver: Receiver) -> None:
    fakes.script("webhook_lost")
    identity = start(client, receiver, "completed")
    fakes.clock(5)
    assert fakes.resend(identity, signature="bad")["status"] == 204
    assert not is_genuine(client, receiver.next())
    assert [one["event"] for one in fakes.log().deliveries] == ["completed"]


def test_a_canceled_one_is_told_at_once(fakes: Fakes, client: httpx.Client, receiver: Receiver) -> None:
    fakes.script(rule("stuck"))
    identity = start(client, receiver, "completed")
    client.post(f"/v1/predictions/{identity}/cancel")
    assert json.loads(receiver.next()[1])["status"] == "canceled"
