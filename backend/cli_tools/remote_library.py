"""Reads what a server has: the list, one ad by the beginning of its id. The rows belong to no database.

Called by the reading verbs when a server is named. Tests: tests/test_cli/test_remote.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from app.core.errors import InvalidInput, NotFound
from app.core.settings import load_settings
from app.db.models import Generation
from cli_tools.door import Door, named_door
from cli_tools.library import shortest
from cli_tools.remote_api import RemoteApi
from cli_tools.remote_backend import row_of
from cli_tools.scores import Scores

T = TypeVar("T")
_PAGE = 100


def at_server(door: Door, work: Callable[[RemoteApi], Awaitable[T]]) -> T:
    """Return what `work` does with a server's API."""

    async def body() -> T:
        async with RemoteApi(door) as api:
            return await work(api)

    return asyncio.run(body())


def door_of(server: str | None, token: str | None) -> Door | None:
    """Return the server that was named. Raises ConfigError."""
    return named_door(load_settings(), server, token)


async def newest(api: RemoteApi, limit: int) -> tuple[list[Generation], dict[str, str]]:
    """Return the newest ads, and each known id's shortest unique beginning."""
    views = await _all(api)
    return [row_of(view) for view in views[:limit]], shortest([view["id"] for view in views])


async def find(api: RemoteApi, wanted: str) -> Generation:
    """Return the ad whose id is or begins with `wanted`. Raises NotFound, InvalidInput."""
    return (await find_scored(api, wanted))[0]


async def find_scored(api: RemoteApi, wanted: str) -> tuple[Generation, Scores]:
    """Return the ad as `find` does, and its scores."""
    view = await api.get(f"/api/generations/{await find_id(api, wanted)}")
    return row_of(view), Scores.of_view(view)


async def find_id(api: RemoteApi, wanted: str) -> str:
    """Return the id that is or begins with `wanted`. Raises NotFound, InvalidInput."""
    if len(wanted) == len("00000000-0000-0000-0000-000000000000"):
        return wanted
    ids = [view["id"] for view in await _all(api) if view["id"].startswith(wanted.lower())]
    if not ids:
        raise NotFound(f"There is no ad {wanted} at {api.door.url}.", hint="`admint list` shows what there is.")
    if len(ids) > 1:
        raise InvalidInput(f"{len(ids)} ads have an id that begins with {wanted}.", hint="Give more of it.")
    return str(ids[0])


async def _all(api: RemoteApi) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await api.page("/api/generations", cursor=cursor, limit=_PAGE)
        found += page["data"]
        cursor = page["pagination"]["next_cursor"]
        if cursor is None:
            return found
