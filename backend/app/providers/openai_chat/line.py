"""The wire to one OpenAI-compatible endpoint: client, the one retry policy, typed answers. The vendor kit lives here.

The kit's own retries are off. What is repeated is only what surely cost nothing: a 429, and a request that never left;
at a free endpoint also what got no answer. An answer off its schema is asked for once more, with what is wrong said.
Imported by endpoint.py at the first question. Tests: tests/test_providers/test_openai_chat/
"""

from __future__ import annotations

import random
import ssl
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, cast

import httpx2
import openai
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, ModelRetry, NativeOutput, PromptedOutput, ToolOutput
from pydantic_ai.exceptions import AgentRunError
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.profiles.openai import OpenAIModelProfile, openai_model_profile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from app.core.errors import ProviderError, RateLimited, Transient
from app.providers.openai_chat.endpoint import Endpoint
from app.providers.openai_chat.faults import to_ours
from app.providers.openai_chat.prices import catalogue
from app.providers.openai_chat.question import Question, Tally
from app.providers.openai_chat.wording import bad_output, priced, refused, refused_key, unreachable

A = TypeVar("A", bound=BaseModel)
_PAUSES_S = (1.0, 2.0, 4.0)
_LONGEST_WAIT_S = 60.0
_NO_KEY = "no-key-needed"
_ASKED_AGAIN = 1
_SEED_MASK = 2**31 - 1
_MODES: dict[str, Callable[[type[BaseModel]], Any]] = {
    "native": lambda answer: NativeOutput(answer, strict=True),
    "tool": lambda answer: ToolOutput(answer, strict=True),
    "prompted": PromptedOutput,
}


class Line:
    """An open endpoint; `aclose` ends its connections."""

    def __init__(self, endpoint: Endpoint) -> None:
        settings, key = endpoint.settings, endpoint.settings.openai_api_key
        self._endpoint = endpoint
        self._client = AsyncOpenAI(
            api_key=key.get_secret_value() if key else _NO_KEY,
            base_url=settings.openai_base_url,
            timeout=settings.openai_timeout_s,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(verify=_tls()),
        )
        self._chat = OpenAIChatModel(
            endpoint.model, provider=OpenAIProvider(openai_client=self._client), profile=_profile(endpoint)
        )

    async def ask(self, question: Question[A]) -> tuple[A, Tally]:
        """See Endpoint.ask."""
        tally = Tally(self._endpoint.rate)
        agent = Agent(
            _Metered(self._chat, self, tally),
            output_type=_MODES[self._endpoint.settings.openai_output_mode](question.answer),
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
            run = await agent.run(content, model_settings=_limits(question))
        except AgentRunError as error:
            what = "no answer in the form it was asked for, twice"
            raise priced(bad_output(self._endpoint.where, what), tally.cost_usd) from error
        return run.output, tally

    async def listed(self) -> dict[str, str | None]:
        """See Endpoint.listed."""
        try:
            page = await self._client.models.list()
        except openai.APIStatusError as error:
            if error.status_code in (401, 403):
                raise refused_key(self._endpoint.where) from error
            return {}
        except openai.APIConnectionError as error:
            raise unreachable(self._endpoint.where) from error
        rows = getattr(page, "data", None) or []
        return {row.id: getattr(row, "shutdown_date", None) for row in rows}

    async def probe(self) -> Decimal:
        """See Endpoint.probe."""
        asked, tally = catalogue().probe, Tally(self._endpoint.rate)
        question: list[ModelMessage] = [ModelRequest.user_text_prompt(asked.question)]
        limit = ModelSettings(max_tokens=asked.answer_tokens)
        await self.patiently(lambda: self._chat.request(question, limit, ModelRequestParameters()), tally)
        return tally.cost_usd

    async def patiently(self, request: Callable[[], Awaitable[ModelResponse]], tally: Tally) -> ModelResponse:
        """Return the answer to one request and count it; asked again only where the last one surely cost nothing."""
        for pause in (*_PAUSES_S, None):
            try:
                response = await request()
            except AgentRunError as error:
                fault = to_ours(error, self._endpoint.where)
                wait = _wait(fault, pause)
                if wait is None:
                    raise priced(fault, tally.cost_usd) from error
                await self._endpoint.pause(wait)
            else:
                tally.add(response.usage.input_tokens, response.usage.output_tokens)
                return response
        raise AssertionError("the last pause is null")  # pragma: no cover

    def refuse_useless(self, response: ModelResponse, tally: Tally) -> None:
        """Raise for an answer that no second question would mend: cut off, or refused."""
        if response.finish_reason == "length":
            what = "an answer that was cut off at its longest length"
            raise priced(bad_output(self._endpoint.where, what), tally.cost_usd)
        if response.finish_reason == "content_filter":
            raise priced(refused(self._endpoint.where), tally.cost_usd)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


class _Metered(WrapperModel):
    """The model of one question: patient, counted, and strict about how an answer ended."""

    def __init__(self, wrapped: Model, line: Line, tally: Tally) -> None:
        super().__init__(wrapped)
        self._line = line
        self._tally = tally

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Ask once, as patiently as the price allows."""
        response = await self._line.patiently(
            lambda: self.wrapped.request(messages, model_settings, model_request_parameters), self._tally
        )
        self._line.refuse_useless(response, self._tally)
        return response


def _profile(endpoint: Endpoint) -> OpenAIModelProfile:
    """What the endpoint understands: others than OpenAI know fewer words of a schema, and an older length limit."""
    at_home = endpoint.where.host.endswith("openai.com")
    usual = (OpenAIProvider.model_profile(endpoint.model) if at_home else openai_model_profile(endpoint.model)) or {}
    ours = OpenAIModelProfile(
        supports_json_schema_output=True,
        supports_json_object_output=True,
        openai_chat_supports_max_completion_tokens=at_home,
    )
    return cast(OpenAIModelProfile, {**usual, **ours})


def _limits(question: Question[Any]) -> ModelSettings:
    return ModelSettings(max_tokens=catalogue().answer_tokens[question.task], seed=question.seed & _SEED_MASK)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The certificates to trust, read once: that takes a quarter of a second."""
    return httpx2.create_ssl_context()


def _wait(fault: ProviderError, pause: float | None) -> float | None:
    """Seconds until the next try; null when there is to be none."""
    if pause is None or not isinstance(fault, Transient):
        return None
    if isinstance(fault, RateLimited):
        return fault.retry_after if fault.retry_after <= _LONGEST_WAIT_S else None
    return pause * (1 + random.random() / 4)
