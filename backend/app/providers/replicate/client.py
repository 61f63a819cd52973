"""Replicate over HTTP: create, get, cancel, list, files, models. One connection a call; the token goes to the API only.

Why no SDK: docs/adr/0005-paid-providers.md. Reads are repeated when that may help; an order is repeated only where it
surely was not taken. Called by orders.py, checks.py and `admint doctor`.
Tests: tests/test_providers/test_replicate/test_client.py
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from app.core.errors import AmbiguousSubmit, AuthFailed, ConfigError, ProviderError, RateLimited, Transient
from app.providers.replicate.errors import KEY_HINT, PROVIDER, no_key, status_error

log = logging.getLogger(__name__)
logging.getLogger("httpx2").setLevel(logging.WARNING)  # it would log whole addresses, signed queries included
T = TypeVar("T", bound=BaseModel)
BACKOFF_S = (1.0, 2.0, 4.0)
MOST_WAITS = 10
MOST_PAGES = 20
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
_UNREACHABLE = "Replicate can't be reached."
_ONLINE = "Check the internet connection, then resume: nothing is lost."


@dataclass(frozen=True)
class Pace:
    """How long calls may take and how waiting is done; tests replace the clock."""

    timeout_s: float = 60.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    spread: Callable[[], float] = random.random

    async def back_off(self, attempt: int) -> None:
        """Wait 1, 2, then 4 seconds, give or take a quarter."""
        await self.sleep(BACKOFF_S[attempt] * (0.75 + self.spread() / 2))


class Prediction(BaseModel):
    """One job as the API shows it; what we don't use is ignored."""

    model_config = ConfigDict(extra="ignore")

    id: str
    status: str
    model: str = ""
    input: dict[str, Any] | None = None
    output: Any = None
    error: str | None = None
    logs: str | None = None
    created_at: datetime | None = None
    data_removed: bool | None = None

    @property
    def ended(self) -> bool:
        return self.status in {"succeeded", "failed", "canceled", "aborted"}


class LiveModel(BaseModel):
    """A model as the API shows it."""

    model_config = ConfigDict(extra="ignore")

    latest_version: dict[str, Any] | None = None


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore")

    next: str | None = None
    results: list[Prediction]


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")

    urls: dict[str, str]


class Account(BaseModel):
    """Whose token it is."""

    model_config = ConfigDict(extra="ignore")

    type: str = ""
    username: str = ""


class _Secret(BaseModel):
    model_config = ConfigDict(extra="ignore")

    key: SecretStr


class ReplicateClient:
    """The API at `base_url` (without /v1). Every method raises ProviderError of the right kind."""

    def __init__(self, base_url: str, token: SecretStr | None, pace: Pace | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        if not self.base_url.startswith(("https://", "http://")):
            raise ConfigError("REPLICATE_BASE_URL is no address.", hint="Unset it, or write https://host.")
        self.pace = pace or Pace()
        self._token = token

    def require_key(self) -> str:
        """Return the token. Raises AuthFailed that names the variable and the free alternative."""
        token = self._token.get_secret_value().strip() if self._token else ""
        if not token:
            raise no_key()
        if not token.isascii() or not token.isprintable() or " " in token:
            raise AuthFailed("REPLICATE_API_TOKEN is no token: it holds blanks or odd characters.", hint=KEY_HINT)
        return token

    async def create(self, model: str, given: dict[str, Any], cancel_after: str, webhook: str | None) -> Prediction:
        """Order a job: one POST, repeated only after 429 and where no connection was made.

        Args:
            model: owner/name.
            given: The model's input.
            cancel_after: The server's own deadline, such as ``10m``: nothing runs on if we die.
            webhook: Address Replicate tells of the end, or null.

        Raises:
            AmbiguousSubmit: It was sent, and whether it was taken is not known.
            ProviderError: It surely was not taken.
        """
        body: dict[str, Any] = {"input": given}
        if webhook:
            body |= {"webhook": webhook, "webhook_events_filter": ["start", "completed"]}
        waits = tries = 0
        while True:
            try:
                response = await self._send("POST", f"/models/{model}/predictions", _after(cancel_after), json=body)
            except _NOT_SENT as error:
                if tries == len(BACKOFF_S):
                    raise Transient(_UNREACHABLE, hint=_ONLINE, provider=PROVIDER, model=model) from error
                await self.pace.back_off(tries)
                tries += 1
                continue
            except httpx2.HTTPError as error:
                raise _ambiguous(model, type(error).__name__) from error
            if response.is_success:
                return _taken(response, model)
            failed = status_error(response, model)
            if isinstance(failed, RateLimited) and waits < MOST_WAITS:
                waits += 1
                await self.pace.sleep(failed.retry_after)
                continue
            if isinstance(failed, Transient) and not isinstance(failed, RateLimited):
                raise _ambiguous(model, f"HTTP {response.status_code}")
            raise failed

    async def get(self, remote_id: str) -> Prediction:
        """Return a job as it is now."""
        return await self._read("GET", f"/predictions/{remote_id}", Prediction, remote_id=remote_id)

    async def cancel(self, remote_id: str) -> None:
        """Stop a job; one that has ended stays as it is."""
        await self._read("POST", f"/predictions/{remote_id}/cancel", Prediction, remote_id=remote_id)

    async def predictions(self, since: datetime) -> AsyncIterator[Prediction]:
        """Iterate over the account's jobs since a moment, newest first. Raises Transient when there are too many."""
        asked: dict[str, str] | None = {"created_after": since.astimezone(UTC).isoformat()}
        path = "/predictions"
        for _ in range(MOST_PAGES):
            page = await self._read("GET", path, _Page, params=asked)
            for prediction in page.results:
                yield prediction
            if page.next is None:
                return
            if not page.next.startswith(f"{self.base_url}/v1/predictions"):  # the token goes nowhere else
                break
            path, asked = page.next.removeprefix(f"{self.base_url}/v1"), None
        raise Transient("Replicate's list of jobs could not be read to its end.", provider=PROVIDER)

    async def upload(self, data: bytes, name: str, content_type: str) -> str:
        """Hand over a file as an input and return its address. Costs nothing, so it may be repeated."""
        files = {"content": (name, data, content_type)}
        kept = await self._read("POST", "/files", _File, files=files)
        if "get" not in kept.urls:
            raise Transient("Replicate took the file but gave no address for it.", provider=PROVIDER)
        return kept.urls["get"]

    async def model(self, model: str) -> LiveModel:
        """Return a model. Raises ModelGone when there is none."""
        return await self._read("GET", f"/models/{model}", LiveModel, model=model)

    async def account(self) -> Account:
        """Return whose token it is."""
        return await self._read("GET", "/account", Account)

    async def webhook_secret(self) -> SecretStr:
        """Return the key that webhooks are signed with (`whsec_...`)."""
        return (await self._read("GET", "/webhooks/default/secret", _Secret)).key

    async def _read(
        self, method: str, path: str, kind: type[T], *, model: str = "", remote_id: str = "", **parts: Any
    ) -> T:
        """Call and parse, with 3 more tries for what may pass; a 429 is waited for and uses no try."""
        waits = tries = 0
        while True:
            try:
                response = await self._send(method, path, {}, **parts)
                if response.is_success:
                    return kind.model_validate_json(response.content)
                failed: ProviderError = status_error(response, model, remote_id)
            except httpx2.HTTPError as error:
                failed = Transient(f"{_UNREACHABLE} ({type(error).__name__})", hint=_ONLINE, provider=PROVIDER)
            except ValidationError:  # pydantic's text would quote the answer
                failed = Transient("Replicate's answer can't be read.", provider=PROVIDER, remote_id=remote_id)
            if isinstance(failed, RateLimited) and waits < MOST_WAITS:
                waits += 1
                await self.pace.sleep(failed.retry_after)
            elif isinstance(failed, Transient) and not isinstance(failed, RateLimited) and tries < len(BACKOFF_S):
                log.warning("provider call repeated", extra={"provider": PROVIDER, "path": path.partition("?")[0]})
                await self.pace.back_off(tries)
                tries += 1
            else:
                raise failed

    async def _send(self, method: str, path: str, headers: dict[str, str], **parts: Any) -> httpx2.Response:
        """Send one request; a connection of its own, so that a stale one can't swallow an order."""
        headers = {**headers, "Authorization": f"Bearer {self.require_key()}"}
        async with httpx2.AsyncClient(verify=tls(), timeout=self.pace.timeout_s, follow_redirects=False) as http:
            return await http.request(method, f"{self.base_url}/v1{path}", headers=headers, **parts)


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """Return the one TLS set-up of this process; making one takes longer than many calls."""
    return httpx2.create_ssl_context()


def _after(cancel_after: str) -> dict[str, str]:
    return {"Cancel-After": cancel_after}


def _taken(response: httpx2.Response, model: str) -> Prediction:
    try:
        return Prediction.model_validate_json(response.content)
    except ValidationError:
        raise _ambiguous(model, "an answer that can't be read") from None


def _ambiguous(model: str, why: str) -> AmbiguousSubmit:
    return AmbiguousSubmit(
        f"The order for {model} was sent, but Replicate's answer was lost ({why}).",
        hint="AdMint looks for it and never just orders it again.",
        provider=PROVIDER,
        model=model,
    )
