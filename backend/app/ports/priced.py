"""What a text or vision model that may cost money adds to its port: a check before a run, a price before a call.

Whoever pays wraps the model from outside: reserve `estimate`, call, then book `Result.cost_usd`, or what the error says
in `cost_usd`. Adapters: app/providers/openai_*. Tests: tests/test_providers/test_openai_text/
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from app.schemas.providers import TaskName


@runtime_checkable
class Closing(Protocol):
    """A model that holds connections."""

    async def aclose(self) -> None:
        """Close them; called once, when the process ends."""


@runtime_checkable
class Priced(Protocol):
    """A model asked over a network, one answer a call."""

    def estimate(self, task: TaskName, data: BaseModel) -> Decimal:
        """Return the most this call can cost in USD: prompt, longest answer and one repetition; 0 where it is free.

        Raises:
            ConfigError: The model has no price, so nobody could say what it would cost.
        """

    async def check(self) -> None:
        """Refuse before anything is asked what could not be answered or paid. Costs nothing.

        Raises:
            AuthFailed: No key, or it is refused; the hint names the variable and the free alternative.
            ModelGone: The provider does not list the model.
            ConfigError: The model has no price.
            ProviderError: The provider can't be reached.
        """
