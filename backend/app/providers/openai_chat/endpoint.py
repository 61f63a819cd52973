"""One OpenAI-compatible endpoint: its client, its price, the one retry policy, and what can be asked without paying.

The SDK's own retries are off. What is repeated here is only what surely cost nothing: a 429, and a request that never
left; at a free endpoint also what got no answer. Called by asking.py and the adapters.
Tests: tests/test_providers/test_openai_chat/
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import cast

import openai
from openai import AsyncOpenAI
from pydantic_ai.exceptions import AgentRunError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from app.core.errors import AuthFailed, ProviderError, RateLimited, Transient
from app.core.settings import Settings
from app.providers.openai_chat.faults import (
    FREE,
    PROVIDER,
    Where,
    bad_output,
    gone,
    priced,
    refused,
    refused_key,
    to_ours,
    unreachable,
)
from app.providers.openai_chat.prices import Rate, host_of, is_loopback, rate_for

_PAUSES_S = (1.0, 2.0, 4.0)
_LONGEST_WAIT_S = 60.0
_NO_KEY = "no-key-needed"
Pause = Callable[[float], Awaitable[None]]


@dataclass
class Tally:
    """What the requests of one call used; the cost is ours, by the price list."""

    rate: Rate
    input_tokens: int = 0
    output_tokens: int = 0
    requests: int = 0

    def add(self, response: ModelResponse) -> None:
        """Count one answered request."""
        self.requests += 1
        self.input_tokens += response.usage.input_tokens
        self.output_tokens += response.usage.output_tokens

    @property
    def cost_usd(self) -> Decimal:
        """What it cost so far."""
        return self.rate.cost(self.input_tokens, self.output_tokens)


class Endpoint:
    """A model at an address. Opens its connections at the first call; `aclose` ends them.

    Args:
        settings: Address, key, output mode, price and patience.
        model: Which model of that address.
        pause: Waits for so many seconds.
    """

    def __init__(self, settings: Settings, model: str, pause: Pause = asyncio.sleep) -> None:
        self._settings = settings
        self.model = model
        self._pause = pause

    @cached_property
    def rate(self) -> Rate:
        """What the model costs here. Raises ConfigError when nobody can say."""
        return rate_for(self.model, self._settings.openai_base_url, self._settings.openai_price)

    @cached_property
    def where(self) -> Where:
        """Whom messages speak of. Raises ConfigError as `rate`."""
        return Where(host_of(self._settings.openai_base_url), self.model, self.rate.free)

    @property
    def output_mode(self) -> str:
        """How typed answers are asked for."""
        return self._settings.openai_output_mode

    @cached_property
    def _client(self) -> AsyncOpenAI:
        key = self._settings.openai_api_key
        return AsyncOpenAI(
            api_key=key.get_secret_value() if key else _NO_KEY,
            base_url=self._settings.openai_base_url,
            timeout=self._settings.openai_timeout_s,
            max_retries=0,
        )

    def metered(self, tally: Tally) -> Model:
        """Return the model for one call, its requests counted in `tally`. Raises AuthFailed without a key."""
        self.require_key()
        provider = OpenAIProvider(openai_client=self._client)
        profile = OpenAIModelProfile(
            supports_json_schema_output=True,
            supports_json_object_output=True,
            openai_chat_supports_max_completion_tokens=self.where.host.endswith("openai.com"),
        )
        merged = cast(OpenAIModelProfile, {**(provider.model_profile(self.model) or {}), **profile})
        return _Metered(OpenAIChatModel(self.model, provider=provider, profile=merged), self, tally)

    def require_key(self) -> None:
        """Raises AuthFailed when the address needs a key and there is none."""
        if self._settings.openai_api_key is None and not is_loopback(self._settings.openai_base_url):
            raise AuthFailed(
                f"{self.where.host} needs a key and OPENAI_API_KEY is not set.",
                hint=f"Set OPENAI_API_KEY, {FREE}.",
                provider=PROVIDER,
                model=self.model,
            )

    async def check(self) -> None:
        """See ports.priced.Priced."""
        self.require_key()
        rows = await self.listed()
        if rows and not any(row.split(":")[0] == self.model or row == self.model for row in rows):
            raise gone(self.where)

    async def listed(self) -> dict[str, str | None]:
        """Return the endpoint's models and their last days (null: none announced); empty where it has no list.

        Raises:
            ProviderError: The key is refused, or the endpoint can't be reached.
        """
        try:
            page = await self._client.models.list()
        except openai.APIStatusError as error:
            if error.status_code in (401, 403):
                raise refused_key(self.where) from error
            return {}
        except openai.APIConnectionError as error:
            raise unreachable(self.where) from error
        rows = getattr(page, "data", None) or []
        return {row.id: getattr(row, "shutdown_date", None) for row in rows}

    async def patiently(self, request: Callable[[], Awaitable[ModelResponse]], tally: Tally) -> ModelResponse:
        """Return the answer to one request, asked again only where the last one surely cost nothing."""
        for pause in (*_PAUSES_S, None):
            try:
                return await request()
            except AgentRunError as error:
                fault = to_ours(error, self.where)
                wait = _wait(fault, pause)
                if wait is None:
                    raise priced(fault, tally.cost_usd) from error
                await self._pause(wait)
        raise AssertionError("the last pause is null")  # pragma: no cover

    async def aclose(self) -> None:
        """Close the connections."""
        if "_client" in self.__dict__:
            await self._client.close()


class _Metered(WrapperModel):
    """The model of one call: patient, counted, and strict about how an answer ended."""

    def __init__(self, wrapped: Model, endpoint: Endpoint, tally: Tally) -> None:
        super().__init__(wrapped)
        self._endpoint = endpoint
        self._tally = tally

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        response = await self._endpoint.patiently(
            lambda: self.wrapped.request(messages, model_settings, model_request_parameters), self._tally
        )
        self._tally.add(response)
        where = self._endpoint.where
        if response.finish_reason == "length":
            raise priced(bad_output(where, "an answer that was cut off at its longest length"), self._tally.cost_usd)
        if response.finish_reason == "content_filter":
            raise priced(refused(where), self._tally.cost_usd)
        return response


def _wait(fault: ProviderError, pause: float | None) -> float | None:
    """Seconds until the next try; null when there is to be none."""
    if pause is None or not isinstance(fault, Transient):
        return None
    if isinstance(fault, RateLimited):
        return fault.retry_after if fault.retry_after <= _LONGEST_WAIT_S else None
    return pause * (1 + random.random() / 4)
