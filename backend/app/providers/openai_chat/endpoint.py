"""One OpenAI-compatible endpoint as its adapters see it: price, key and questions. No vendor kit is imported here.

The kit (about two seconds to import) is loaded in a thread at the first question, so that no event loop stands still.
Called by the adapters and the doctor. Tests: tests/test_providers/test_openai_chat/
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from app.core.errors import AuthFailed
from app.core.settings import Settings
from app.providers.openai_chat.prices import Rate, catalogue, host_of, is_loopback, rate_for
from app.providers.openai_chat.question import Question, Tally
from app.providers.openai_chat.wording import FREE, PROVIDER, Where, gone

if TYPE_CHECKING:
    from app.providers.openai_chat.line import Line

A = TypeVar("A", bound=BaseModel)
Pause = Callable[[float], Awaitable[None]]


class Endpoint:
    """A model at an address. Opens its connections at the first question; `aclose` ends them.

    Args:
        settings: Address, key, output mode, price and patience.
        model: Which model of that address.
        pause: Waits for so many seconds.
    """

    def __init__(self, settings: Settings, model: str, pause: Pause = asyncio.sleep) -> None:
        self.settings = settings
        self.model = model
        self.pause = pause
        self._open: Line | None = None

    @cached_property
    def rate(self) -> Rate:
        """What the model costs here. Raises ConfigError when nobody can say."""
        return rate_for(self.model, self.settings.openai_base_url, self.settings.openai_price)

    @cached_property
    def where(self) -> Where:
        """Whom messages speak of. Raises ConfigError as `rate`."""
        return Where(host_of(self.settings.openai_base_url), self.model, self.rate.free)

    @property
    def listed_end(self) -> str | None:
        """The model's last day by our own list; null when none is announced."""
        row = catalogue().models.get(self.model)
        return row.ends.isoformat() if row and row.ends else None

    def require_key(self) -> None:
        """Raises AuthFailed when the address needs a key and there is none."""
        if self.settings.openai_api_key is None and not is_loopback(self.settings.openai_base_url):
            raise AuthFailed(
                f"{self.where.host} needs a key and OPENAI_API_KEY is not set.",
                hint=f"Set OPENAI_API_KEY, {FREE}.",
                provider=PROVIDER,
                model=self.model,
            )

    async def ask(self, question: Question[A]) -> tuple[A, Tally]:
        """Return the typed answer and what it used.

        Raises:
            ProviderError: Its `cost_usd` says what was spent all the same; null when nobody can tell.
            ConfigError: The model has no price.
        """
        return await (await self._line()).ask(question)

    async def check(self) -> None:
        """See ports.priced.Priced."""
        rows = await self.listed()
        if rows and not any(row.split(":")[0] == self.model or row == self.model for row in rows):
            raise gone(self.where)

    async def listed(self) -> dict[str, str | None]:
        """Return the endpoint's models and their last days (null: none announced); empty where it has no list.

        Raises:
            ProviderError: The key is missing or refused, or the endpoint can't be reached.
            ConfigError: The model has no price.
        """
        return await (await self._line()).listed()

    async def probe(self) -> Decimal:
        """Ask the shortest question and return what the answer cost in USD. Raises ProviderError, ConfigError."""
        return await (await self._line()).probe()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._open is not None:
            await self._open.aclose()

    async def _line(self) -> Line:
        _ = self.where  # no price, no question
        self.require_key()
        if self._open is None:
            kit = await asyncio.to_thread(importlib.import_module, "app.providers.openai_chat.line")
            self._open = self._open or kit.Line(self)
        return self._open
