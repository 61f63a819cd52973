"""AdMint's HTTP API as the command line uses it: envelopes opened, errors turned back into ours.

Used by remote_backend.py and the verbs that act on a server. Tests: tests/test_cli/test_remote.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from app.core.errors import AdMintError, ConfigError, ProviderError, StorageError, TooManyRequests
from cli_tools.door import Door

_PATIENCE_S = 30.0
_CHUNK = 1 << 20


class RemoteApi:
    """Calls one server. Use as an async context manager."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._http = httpx.AsyncClient(
            base_url=door.url, headers={"Authorization": f"Bearer {door.token}"}, timeout=_PATIENCE_S
        )

    async def __aenter__(self) -> RemoteApi:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, **query: Any) -> Any:
        """Return the `data` of a GET."""
        return await self.call("GET", path, params={k: v for k, v in query.items() if v is not None})

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Return the `data` of a POST; `key` makes it safe to repeat."""
        return await self.call("POST", path, json=body or {}, headers={"Idempotency-Key": key} if key else {})

    async def upload(self, path: Path, kind: str) -> str:
        """Upload an image; return its id."""
        files = [("files", (path.name, await asyncio.to_thread(path.read_bytes)))]
        made = await self.call("POST", "/api/assets/upload", files=files, data={"kind": kind})
        return str((made if isinstance(made, list) else made["assets"])[0]["id"])

    async def fetch(self, url: str, target: Path) -> None:
        """Write what a signed address holds to a file. It may be a bucket's: our token is not sent along."""
        request = self._http.build_request("GET", url)
        request.headers.pop("Authorization", None)
        try:
            answer = await self._http.send(request, stream=True)
            try:
                await _save(answer, target)
            finally:
                await answer.aclose()
        except httpx.HTTPError as error:
            raise StorageError(
                f"The files at {request.url.netloc.decode()} can't be fetched from here.",
                hint="Check that this machine reaches it, then run `admint export`; the ad itself is safe.",
            ) from error

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """Return the `data` of a call. Raises what the server says went wrong."""
        with self._said():
            answer = await self._http.request(method, path, **options)
        if answer.status_code >= 400:
            raise error_of(answer)
        return answer.json().get("data")

    async def page(self, path: str, **query: Any) -> dict[str, Any]:
        """Return one page of a list: `data` and `pagination`."""
        with self._said():
            answer = await self._http.get(path, params={k: v for k, v in query.items() if v is not None})
        if answer.status_code >= 400:
            raise error_of(answer)
        page: dict[str, Any] = answer.json()
        return page

    def _said(self) -> _Said:
        return _Said(self.door)


async def _save(answer: httpx.Response, target: Path) -> None:
    if answer.status_code != 200:
        await answer.aread()
        raise error_of(answer)
    with target.open("wb") as stream:
        async for chunk in answer.aiter_bytes(_CHUNK):
            stream.write(chunk)


class _Said:
    """Turns a connection's failure into words."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol | httpx.InvalidURL):
            hint = "Is it running? Start one with: admint serve"
            raise ConfigError(f"No AdMint answers at {self._door.url}.", hint=hint) from error
        if isinstance(error, httpx.HTTPError):
            raise StorageError(
                f"The connection to {self._door.url} broke.", hint="Try again; what was started goes on there."
            ) from error


def error_of(answer: httpx.Response) -> AdMintError:
    """Return the error an answer tells, as the class its code names."""
    try:
        told = answer.json()["error"]
        code, message, hint = str(told["code"]), str(told["message"]), str(told.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        return StorageError(f"The server answered {answer.status_code} without saying why.", hint="Try again.")
    if code == TooManyRequests.code:
        return TooManyRequests(message, retry_after=float(answer.headers.get("Retry-After", 60)), hint=hint)
    for known in _all_errors(AdMintError):
        if known.code == code and not issubclass(known, ProviderError):
            return known(message, hint=hint)
    return StorageError(message, hint=hint)


def _all_errors(root: type[AdMintError]) -> Iterator[type[AdMintError]]:
    for child in root.__subclasses__():
        yield child
        yield from _all_errors(child)
