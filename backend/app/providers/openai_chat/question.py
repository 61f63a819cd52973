"""One question to a language model and its bill: what is asked, what it can cost, what it did cost.

Made by the adapters, asked by endpoint.py. No vendor kit is imported here.
Tests: tests/test_providers/test_openai_text/
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from app.providers.openai_chat.prices import Rate, catalogue
from app.providers.openai_chat.wording import PROVIDER
from app.schemas.prompts import RenderedPrompt
from app.schemas.providers import Result, TaskName, Usage

A = TypeVar("A", bound=BaseModel)
V = TypeVar("V")
_MARGIN = 2000


@dataclass(frozen=True)
class Question(Generic[A]):
    """What to ask. `fault` says what is wrong with an answer that fits its schema; empty when nothing is."""

    task: TaskName
    prompt: RenderedPrompt
    answer: type[A]
    fault: Callable[[A], str] = lambda _answer: ""
    image: tuple[bytes, str] | None = None
    seed: int = 0


@dataclass
class Tally:
    """What the requests of one call used; the cost is ours, by the price list."""

    rate: Rate
    input_tokens: int = 0
    output_tokens: int = 0

    def add(self, input_tokens: int, output_tokens: int) -> None:
        """Count one answered request."""
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens

    @property
    def cost_usd(self) -> Decimal:
        """What it cost so far."""
        return self.rate.cost(self.input_tokens, self.output_tokens)


def most_usd(rate: Rate, question: Question[Any]) -> Decimal:
    """Return the most a question can cost: no token is shorter than a byte, and it may be asked twice."""
    schema = len(json.dumps(question.answer.model_json_schema()))
    prompt = len(question.prompt.system.encode()) + len(question.prompt.user.encode())
    picture = rate.image_tokens if question.image is not None else 0
    first = prompt + 2 * schema + picture + _MARGIN
    longest = catalogue().answer_tokens[question.task]
    again = first + 2 * longest + _MARGIN
    return rate.cost(first + again, 2 * longest)


def result(model: str, question: Question[Any], tally: Tally, value: V) -> Result[V]:
    """Return a value with its bill; where the endpoint counted nothing, the most it can have cost is booked."""
    uncounted = not (tally.input_tokens or tally.output_tokens) and not tally.rate.free
    return Result(
        value=value,
        provider=PROVIDER,
        model=model,
        usage=Usage(input_tokens=tally.input_tokens, output_tokens=tally.output_tokens),
        cost_usd=most_usd(tally.rate, question) if uncounted else tally.cost_usd,
        cost_source="estimate" if uncounted else tally.rate.source,
    )
