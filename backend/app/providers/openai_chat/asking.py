"""One question to a language model: a rendered prompt in, a typed answer and its bill out.

An answer off its schema is asked for once more, with what is wrong said; twice is BadOutput. Called by the adapters.
Tests: tests/test_providers/test_openai_chat/
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, ModelRetry, NativeOutput, PromptedOutput, ToolOutput
from pydantic_ai.exceptions import AgentRunError
from pydantic_ai.settings import ModelSettings

from app.providers.openai_chat.endpoint import Endpoint, Tally
from app.providers.openai_chat.faults import PROVIDER, bad_output, priced
from app.providers.openai_chat.prices import catalogue
from app.schemas.prompts import RenderedPrompt
from app.schemas.providers import Result, TaskName, Usage

A = TypeVar("A", bound=BaseModel)
V = TypeVar("V")
_ASKED_AGAIN = 1
_MARGIN = 2000
_SEED_MASK = 2**31 - 1
_MODES: dict[str, Any] = {"native": NativeOutput, "tool": ToolOutput, "prompted": PromptedOutput}


@dataclass(frozen=True)
class Question(Generic[A]):
    """What to ask. `fault` says what is wrong with an answer that fits its schema; empty when nothing is."""

    task: TaskName
    prompt: RenderedPrompt
    answer: type[A]
    fault: Callable[[A], str] = lambda _answer: ""
    image: tuple[bytes, str] | None = None
    seed: int = 0


async def ask(endpoint: Endpoint, question: Question[A]) -> tuple[A, Tally]:
    """Return the typed answer and what it used.

    Raises:
        ProviderError: Its `cost_usd` says what was spent all the same; null when nobody can tell.
        ConfigError: The model has no price.
    """
    tally = Tally(endpoint.rate)
    agent = Agent(
        endpoint.metered(tally),
        output_type=_MODES[endpoint.output_mode](question.answer),
        instructions=question.prompt.system,
        retries=_ASKED_AGAIN,
    )

    @agent.output_validator
    def legal(answer: A) -> A:
        if said := question.fault(answer):
            raise ModelRetry(said)
        return answer

    content: list[Any] = [question.prompt.user]
    if question.image is not None:
        content.append(BinaryContent(question.image[0], media_type=question.image[1]))
    try:
        run = await agent.run(content, model_settings=_settings(question))
    except AgentRunError as error:
        what = "no answer in the form it was asked for, twice"
        raise priced(bad_output(endpoint.where, what), tally.cost_usd) from error
    return run.output, tally


def most_usd(endpoint: Endpoint, question: Question[Any]) -> Decimal:
    """Return the most a question can cost: no token is shorter than a byte, and it may be asked twice."""
    schema = len(json.dumps(question.answer.model_json_schema()))
    prompt = len(question.prompt.system.encode()) + len(question.prompt.user.encode())
    picture = endpoint.rate.image_tokens if question.image is not None else 0
    first = prompt + 2 * schema + picture + _MARGIN
    longest = catalogue().answer_tokens[question.task]
    again = first + 2 * longest + _MARGIN
    return endpoint.rate.cost(first + again, 2 * longest)


def result(endpoint: Endpoint, question: Question[Any], tally: Tally, value: V) -> Result[V]:
    """Return a value with its bill; where the endpoint counted nothing, the most it can have cost is booked."""
    uncounted = not (tally.input_tokens or tally.output_tokens) and not tally.rate.free
    return Result(
        value=value,
        provider=PROVIDER,
        model=endpoint.model,
        usage=Usage(input_tokens=tally.input_tokens, output_tokens=tally.output_tokens),
        cost_usd=most_usd(endpoint, question) if uncounted else tally.cost_usd,
        cost_source="estimate" if uncounted else tally.rate.source,
    )


def _settings(question: Question[Any]) -> ModelSettings:
    return ModelSettings(max_tokens=catalogue().answer_tokens[question.task], seed=question.seed & _SEED_MASK)
