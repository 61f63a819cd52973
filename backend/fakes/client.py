"""Starts the fakes as a process and asks them things: a small typed client for tests, benches and demos.

Used by tests/fixtures/fakes.py and bench/. Rules: fakes/script.py; names of scenarios: fakes/scenarios.py.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

BACKEND = Path(__file__).parents[1]
TOKEN = "r8_canary_that_must_never_be_seen_anywhere"  # noqa: S105 - opens nothing
PATIENCE_S = 60.0
_TLS = ssl.create_default_context()  # made once: each costs as much as twenty requests


class FakesError(RuntimeError):
    """The fakes did not start, or did not understand a script; the message holds what they said."""


@dataclass(frozen=True)
class Log:
    """What the fakes saw and sold, from `GET /_log`."""

    raw: dict[str, Any]

    def requests(self, operation: str = "") -> list[dict[str, Any]]:
        """Return the requests in order, all or those of one operation (create, get, list, chat, download ...)."""
        return [one for one in self.raw["requests"] if operation in ("", one["operation"])]

    @property
    def paid(self) -> list[dict[str, Any]]:
        """Every prediction that was accepted, each with id, model, prompt, status, charged, seconds."""
        paid: list[dict[str, Any]] = self.raw["predictions"]["paid"]
        return paid

    @property
    def created(self) -> int:
        return int(self.raw["predictions"]["created"])

    @property
    def in_flight(self) -> int:
        return int(self.raw["predictions"]["in_flight"])

    @property
    def peak(self) -> int:
        """The most predictions that were ever under way at once."""
        return int(self.raw["predictions"]["peak"])

    @property
    def chats(self) -> list[dict[str, Any]]:
        """Every chat answer that was sold, each with its model and token counts."""
        chats: list[dict[str, Any]] = self.raw["chats"]
        return chats

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        """Every webhook that was posted."""
        deliveries: list[dict[str, Any]] = self.raw["deliveries"]
        return deliveries

    @property
    def leaks(self) -> list[str]:
        """Hashes of tokens that reached the output host: must be empty."""
        leaks: list[str] = self.raw["tokens_at_output_host"]
        return leaks


@dataclass(frozen=True)
class Fakes:
    """A running program. `url` speaks both protocols: Replicate's base URL is `url`, OpenAI's is `url + "/v1"`."""

    url: str
    media_url: str
    pid: int

    @property
    def openai_url(self) -> str:
        return self.url + "/v1"

    def client(self, token: str = TOKEN) -> httpx.Client:
        """Return a client that signs its requests; close it, or use it as a context."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S, verify=_TLS, trust_env=False)

    def fetch(self, url: str, **headers: str) -> httpx.Response:
        """Get an address as a stranger would, without a token."""
        return httpx.get(url, headers=headers, timeout=PATIENCE_S, verify=_TLS, trust_env=False)

    def script(self, *rules: str | dict[str, Any], append: bool = False, **settings: Any) -> None:
        """Replace the rules (`append` adds behind them) and change settings. A plain word names a scenario."""
        listed = [{"scenario": rule} if isinstance(rule, str) else rule for rule in rules]
        self._post("/_script", {"rules": listed, "append": append, "settings": settings})

    def answer(self, **by_title: Any) -> None:
        """Replace what the chat model says by the title of the schema asked for; a list is given out in turn."""
        self._post("/_script", {"settings": {"answers": by_title}})

    def log(self) -> Log:
        """Return everything since the last reset."""
        response = self.fetch(self.url + "/_log")
        response.raise_for_status()
        return Log(response.json())

    def reset(self) -> None:
        """Forget rules, settings, predictions and log; return to real time."""
        self._post("/_reset", {})

    def clock(self, advance: float = 0.0, rate: float | None = None, at: str | None = None) -> None:
        """Go to the date `at`, ahead by seconds, and run at `rate` times real speed from now on (0 holds still)."""
        self._post("/_clock", {"advance": advance, "rate": rate, "at": at})

    def resend(self, prediction: str, event: str = "completed", **webhook: Any) -> dict[str, Any]:
        """Deliver an event again, in any way (`signature="bad"`, `age_s=600` ...); return how that went."""
        return self._post("/_resend", {"prediction": prediction, "event": event, "webhook": webhook})

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = httpx.post(self.url + path, json=body, timeout=PATIENCE_S, verify=_TLS, trust_env=False)
        if response.status_code != 200:
            raise FakesError(f"{path} was refused: {response.text}")
        document: dict[str, Any] = response.json()
        return document


def rule(scenario: str = "", *, do: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return a rule: `rule("reset", nth=2, model="google/veo-3.1")`; what is no field of a rule narrows the match."""
    own: dict[str, Any] = {name: more.pop(name) for name in ("name", "nth", "times") if name in more}
    named: dict[str, Any] = {"scenario": scenario} if scenario else {}
    return {**named, **own, "match": more, **({"do": do} if do else {})}


@contextmanager
def running_fakes(*options: str) -> Iterator[Fakes]:
    """Run the program on free ports until the block ends, or whoever started it does."""
    with tempfile.TemporaryDirectory() as folder:
        ready, errors = Path(folder) / "ready.json", Path(folder) / "errors"
        command = [sys.executable, "-m", "fakes", "--port", "0", "--until-eof", "--ready-file", str(ready), *options]
        with errors.open("wb") as sink:
            pipe = subprocess.PIPE
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=sink, cwd=BACKEND, text=True)
        with process:
            try:
                _await(ready, process, errors)
                fakes = Fakes(**json.loads(ready.read_text(encoding="utf-8")))
                if process.stdout is None or process.stdout.readline().strip() != fakes.url:
                    raise FakesError("the first line it printed is not its address")
                yield fakes
            finally:
                process.kill()


def _await(ready: Path, process: subprocess.Popen[str], errors: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise FakesError(f"the fakes did not start: {errors.read_text(encoding='utf-8')}")
        time.sleep(0.02)
