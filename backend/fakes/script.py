"""What the fakes are told to do: rules that match requests, each with a behaviour, and the settings around them.

Set over `POST /_script`; asked once for each request. A misspelt field is refused. Tests: tests/test_fakes/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Protocol = Literal["replicate", "openai", "media"]
Outcome = Literal["succeeded", "failed", "canceled", "aborted"]


class Strict(BaseModel):
    """A part of a script."""

    model_config = ConfigDict(extra="forbid")


class Fault(Strict):
    """How an answer goes wrong on the wire.

    `accepted`: the request is carried out (and would be paid for) before its answer is lost.
    `share`: how much of the answer's body still arrives before `reset` (RST) or `close` (FIN) breaks the connection.
    """

    kind: Literal["status", "html", "truncated", "hang", "reset", "close"] = "status"
    accepted: bool = False
    status: int = 500
    body: Any = None
    headers: dict[str, str] = Field(default_factory=dict)
    share: float = Field(0.0, ge=0, le=1)


class Plan(Strict):
    """How a prediction goes. Null seconds mean the model's usual ones; `tqdm` writes progress lines into its logs."""

    start_s: float | None = Field(None, ge=0)
    run_s: float | None = Field(None, ge=0)
    outcome: Outcome = "succeeded"
    error: str | None = None
    tqdm: bool = False


class Output(Strict):
    """What a prediction delivers. `scale` shrinks what is seen; `pad_mb` makes a file large but still playable."""

    empty: bool = False
    listed: bool = False
    gone: bool = False
    corrupt: bool = False
    cut: bool = False
    scale: float | None = Field(None, gt=0, le=1)
    pad_mb: int = Field(0, ge=0, le=1024)
    duration_s: float | None = Field(None, gt=0, le=60)


class Listing(Strict):
    """What the list of predictions shows: nothing, or each only after so many seconds or list calls."""

    empty: bool = False
    late_s: float = Field(0.0, ge=0)
    late_calls: int = Field(0, ge=0)


class Webhook(Strict):
    """How events are delivered. `age_s` dates them back; `copies` sends the same bytes again."""

    send: bool = True
    signature: Literal["good", "bad", "none"] = "good"
    age_s: float = 0.0
    copies: int = Field(1, ge=1, le=10)


class Answer(Strict):
    """What a chat model says instead of what it would have said."""

    content: Any = None
    refusal: str | None = None
    finish_reason: Literal["stop", "length", "content_filter"] | None = None
    malformed: bool = False
    wrong_schema: bool = False
    chunk_s: float = Field(0.0, ge=0)


class Do(Strict):
    """A behaviour: any of these together."""

    delay_s: float = Field(0.0, ge=0)
    fault: Fault | None = None
    prediction: Plan | None = None
    output: Output | None = None
    listing: Listing | None = None
    webhook: Webhook | None = None
    answer: Answer | None = None


class Match(Strict):
    """Which requests are meant; what is not given matches all. `path` and `prompt` are searched as expressions."""

    protocol: Protocol | None = None
    operation: str | None = None
    method: str | None = None
    path: str | None = None
    model: str | None = None
    prompt: str | None = None

    def fits(self, call: Call) -> bool:
        """Whether this request is meant."""
        exact = (
            (self.protocol, call.protocol),
            (self.operation, call.operation),
            (self.method, call.method),
            (self.model, call.model),
        )
        if any(wanted is not None and wanted != real for wanted, real in exact):
            return False
        if self.path is not None and not re.search(self.path, call.path):
            return False
        return self.prompt is None or re.search(self.prompt, call.prompt, re.IGNORECASE | re.DOTALL) is not None


class Rule(Strict):
    """A behaviour for some requests: all that match, only the `nth` (counted from 1), or the first `times`."""

    name: str = ""
    match: Match = Match()
    nth: int | list[int] | None = None
    times: int | None = None
    scenario: str | None = None
    do: Do = Do()
    seen: int = Field(0, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _name_scenario(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values.get("scenario"):
            from fakes.scenarios import SCENARIOS  # here: the catalogue is made of these classes

            name = values["scenario"]
            if name not in SCENARIOS:
                raise ValueError(f"no scenario is called {name!r}; there are: {', '.join(sorted(SCENARIOS))}")
            found = SCENARIOS[name]
            match = {**found.match.model_dump(exclude_none=True), **(values.get("match") or {})}
            return {"name": name, **values, "match": match, "do": found.do}
        return values

    def takes(self, call: Call) -> bool:
        """Count the request if it matches; say whether this rule decides about it."""
        if not self.match.fits(call):
            return False
        self.seen += 1
        if self.times is not None and self.seen > self.times:
            return False
        wanted = [self.nth] if isinstance(self.nth, int) else self.nth
        return wanted is None or self.seen in wanted


class Settings(Strict):
    """What holds for all requests until it is changed or reset. Empty `tokens` accept any bearer token."""

    tokens: list[str] = Field(default_factory=list)
    video_s: float = Field(0.3, ge=0)
    image_s: float = Field(0.1, ge=0)
    start_s: float = Field(0.05, ge=0)
    scale: float = Field(1.0, gt=0, le=1)
    page_size: int = Field(100, ge=1, le=100)
    chat_models: list[str] = Field(default_factory=list)
    answers: dict[str, Any] = Field(default_factory=dict)


@dataclass
class Call:
    """One request as rules see it: `model` and `prompt` are those of the prediction or chat it is about."""

    protocol: Protocol
    operation: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    payload: Any = None
    model: str = ""
    prompt: str = ""


@dataclass
class Script:
    """The rules in force, in order: the first whose turn it is decides; every rule that matches counts."""

    rules: list[Rule] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)

    def decide(self, call: Call) -> tuple[str, Do]:
        """Return the name and behaviour of the rule that decides, or a plain behaviour."""
        takers = [rule for rule in self.rules if rule.takes(call)]
        return (takers[0].name or "unnamed", takers[0].do) if takers else ("", Do())
