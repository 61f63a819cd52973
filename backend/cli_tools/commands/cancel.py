"""`admint cancel`: stop an ad, here or at a server; what is finished is kept. Tests: tests/test_cli/test_remote.py"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from app.core.errors import Conflict
from cli_tools.border import guarded
from cli_tools.render import Format, Screen

if TYPE_CHECKING:
    from cli_tools.door import Door


def run(generation: str, style: Format, server: str | None, token: str | None) -> int:
    """Cancel one ad. Returns the exit code."""
    screen = Screen(style)
    return guarded(screen, lambda: _cancel(screen, generation, server, token))


def _cancel(screen: Screen, generation: str, server: str | None, token: str | None) -> int:
    from app.core.settings import load_settings
    from cli_tools.door import find_door
    from cli_tools.remote_library import door_of

    door = find_door(load_settings(), door_of(server, token))
    generation_id = asyncio.run(_at_server(door, generation) if door else _here(generation))
    screen.document({"id": generation_id, "action": "cancel"})
    screen.say(f"Stopped. What is finished is kept: admint resume {generation_id} goes on from there.")
    return 0


async def _at_server(door: Door, wanted: str) -> str:
    from cli_tools.remote_api import RemoteApi
    from cli_tools.remote_library import find_id

    async with RemoteApi(door) as api:
        generation_id = await find_id(api, wanted)
        await api.post(f"/api/generations/{generation_id}/cancel")
    return generation_id


async def _here(wanted: str) -> str:
    """Without a server: a run of another terminal reads the word within a second, anything else is stopped at once."""
    from app.container import open_database
    from app.core.settings import load_settings
    from app.db.repositories import generations
    from cli_tools.library import find
    from cli_tools.lock_holder import holder

    settings = load_settings()
    async with open_database(settings) as (_, sessions), sessions.begin() as session:
        row = await find(session, wanted)
        if row.status == "completed" or row.substage == "cancelled":
            raise Conflict(f"The ad is {row.substage or 'finished'} already.", hint="`admint list` shows the states.")
        if holder(settings) is not None and row.substage == "awaiting_approval":
            raise Conflict("It waits for an answer in another terminal.", hint="Answer `cancel` there.")
        await generations.set_control(session, row.id, "cancel")
        if holder(settings) is None:
            await generations.mark_cancelled(session, row.id)
    return row.id
