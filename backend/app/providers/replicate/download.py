"""Fetching a finished job's file: a client of its own that never holds the token, streamed to disk, whole or not.

Called by the replicate adapters. Tests: tests/test_providers/test_replicate/test_download.py
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2

from app.core.errors import BadOutput, Transient
from app.providers.replicate.client import BACKOFF_S, Pace, tls
from app.providers.replicate.errors import PROVIDER

MOST_BYTES = 2 * 2**30
_CHUNK = 256 * 1024


async def download(address: str, target: Path, *, plain: bool, pace: Pace) -> int:
    """Write the file at `address` to `target` and return its size in bytes; 3 more tries for what may pass.

    Args:
        address: Where it is; https unless `plain`.
        target: A new file.
        plain: Allow http (a stand-in on this machine).
        pace: How long and how often.

    Raises:
        BadOutput: It is gone, empty or absurdly large.
        Transient: It could not be had.
    """
    if not address.startswith("https://") and not (plain and address.startswith("http://")):
        raise BadOutput("The finished job's file has no address we may open.", hint="Retry it.", provider=PROVIDER)
    for attempt in range(len(BACKOFF_S) + 1):
        try:
            return await _once(address, target, pace.timeout_s)
        except Transient:
            if attempt == len(BACKOFF_S):
                raise
            await pace.back_off(attempt)
    raise AssertionError  # the loop returns or raises


async def _once(address: str, target: Path, timeout_s: float) -> int:
    try:
        async with (
            httpx2.AsyncClient(verify=tls(), timeout=timeout_s, follow_redirects=True, max_redirects=3) as http,
            http.stream("GET", address, headers={"Accept-Encoding": "identity"}) as response,
        ):
            _require_ok(response)
            return await _save(response, target)
    except httpx2.HTTPError as error:
        raise Transient(f"The download broke off ({type(error).__name__}).", provider=PROVIDER) from None


def _require_ok(response: httpx2.Response) -> None:
    status = response.status_code
    if response.is_success:
        return
    if status in (401, 403, 404, 410):
        raise BadOutput(
            f"The finished job's file is no longer there (HTTP {status}).",
            hint="Replicate keeps files for an hour. Retry it.",
            provider=PROVIDER,
        )
    raise Transient(f"The download failed (HTTP {status}).", provider=PROVIDER)


async def _save(response: httpx2.Response, target: Path) -> int:
    size = 0
    file = await asyncio.to_thread(target.open, "wb")
    try:
        async for chunk in response.aiter_raw(_CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise BadOutput("The finished job's file is absurdly large.", hint="Retry it.", provider=PROVIDER)
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) != size:
        raise Transient("The download is shorter than announced.", provider=PROVIDER)
    if size == 0:
        raise BadOutput("The finished job's file is empty.", hint="Retry it.", provider=PROVIDER)
    return size
