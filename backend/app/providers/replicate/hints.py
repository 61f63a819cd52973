"""What a webhook tells us: the id of a job whose order's answer may have been lost. A hint, kept an hour.

An order names its own call in the webhook's address; whoever looks for that order asks for the hinted job first, and
takes it only if it is the very same order. Called by app/api/routes/hooks.py and orders.py.
Tests: tests/test_api/test_hooks.py
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from app.core.errors import InvalidInput
from app.ports.cache import Cache
from app.providers.replicate.client import ReplicateClient
from app.providers.replicate.webhooks import FRESH, verified_id

_KEPT = timedelta(hours=1)
_SECRETS: dict[str, SecretStr] = {}


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")


class Hints:
    """Hints of one account, kept in the cache that all processes share."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def take(self, client: ReplicateClient, call: str, headers: Mapping[str, str], body: bytes) -> None:
        """Keep what a webhook says about an order; one that was seen before changes nothing.

        Raises:
            Forbidden: It is not from Replicate, or not fresh.
            InvalidInput: It names no job.
            ProviderError: The signing key can't be had.
        """
        if client.base_url not in _SECRETS:
            _SECRETS[client.base_url] = await client.webhook_secret()
        message = verified_id(_SECRETS[client.base_url], headers, body, client.pace.now())
        seen = f"hook:seen:{message}"
        if await self._cache.get(seen) is not None:
            return
        try:
            told = _Told.model_validate_json(body)
        except ValidationError:
            raise InvalidInput("This message names no job.") from None
        await self._cache.set(seen, b"1", 2 * FRESH)
        await self._cache.set(_key(call), told.id.encode(), _KEPT)

    async def job_of(self, call: str) -> str | None:
        """Return the id of the job that was told for an order, null when none was."""
        told = await self._cache.get(_key(call))
        return told.decode() if told else None


def _key(call: str) -> str:
    return f"hook:job:{call}"
