"""What all handlers share: the clock, the script, what was made so far, the log, and where this program is reached.

Opened by fakes/app.py. Tests: tests/test_fakes/.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response

from fakes.clock import Clock
from fakes.predictions import Shelf
from fakes.script import Call, Do, Script, Settings

SECRET = "whsec_" + "ZmFrZXMgc2lnbiB0aGVpciB3ZWJob29rcyB3aXRoIHRoaXM="
_DATA_URL = re.compile(r"data:([\w.+/-]+);base64,([A-Za-z0-9+/=]{40,})")


class Refused(Exception):
    """A request the vendor would turn down; `response` says how."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


@dataclass
class Entry:
    """One request as the log keeps it. `status` is null while it is answered, 0 when it got no whole answer."""

    call: Call
    at: float
    number: int
    status: int | None = None
    rule: str = ""

    def view(self) -> dict[str, Any]:
        """Return it for `GET /_log`, secrets hashed and pictures shortened."""
        call = self.call
        return {
            "number": self.number,
            "at": self.at,
            "protocol": call.protocol,
            "operation": call.operation,
            "method": call.method,
            "path": call.path,
            "query": dict(call.query),
            "headers": hashed(call.headers),
            "body": _body(call),
            "model": call.model,
            "rule": self.rule,
            "status": self.status,
        }


@dataclass
class World:
    """The fakes' state. `api` and `media` are the addresses of the two ports, without a slash at the end.

    `usual`: the settings it was started with, which a reset brings back.
    """

    api: str
    media: str
    usual: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=Clock)
    script: Script = field(default_factory=Script)
    shelf: Shelf = field(default_factory=Shelf)
    entries: list[Entry] = field(default_factory=list)
    chats: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)

    def reset(self) -> None:
        """Forget everything and return to real time."""
        self.script, self.shelf = Script(settings=self.usual), Shelf()
        self.entries, self.chats, self.deliveries, self.taken = [], [], [], {}
        self.clock.reset()

    def begin(self, call: Call) -> Entry:
        """Write a request into the log."""
        entry = Entry(call, self.clock.now(), len(self.entries) + 1)
        self.entries.append(entry)
        return entry


Handler = Callable[[World, Call, Do], Awaitable[Response]]


@dataclass(frozen=True)
class Operation:
    """One thing a vendor's API does. `path` is a Starlette path."""

    protocol: Any
    name: str
    method: str
    path: str
    handler: Handler
    needs_token: bool = True


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """Return an error as Replicate words them."""
    return JSONResponse({"title": title, "detail": detail, "status": status, **more}, status)


def hashed(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with whatever proves an identity replaced by a hash of it."""
    secret = {"authorization", "x-api-key", "cookie"}
    return {name: token_hash(value) if name in secret else value for name, value in headers.items()}


def token_hash(value: str) -> str:
    """Return what the log shows instead of a secret: the same for the same secret."""
    return "sha256:" + hashlib.sha256(value.encode()).hexdigest()[:16]


def _body(call: Call) -> Any:
    if call.payload is not None:
        return json.loads(_DATA_URL.sub(_shortened, json.dumps(call.payload)))
    return f"{len(call.body)} bytes" if call.body else None


def _shortened(match: re.Match[str]) -> str:
    return f"data:{match[1]};base64,<{len(match[2])} characters, {token_hash(match[2])}>"
