"""`admint charge`: the user's word on a call nobody knows the charge of. Tests: tests/test_cli/test_money.py"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import InvalidInput
from cli_tools.border import guarded
from cli_tools.render import Format, Screen

if TYPE_CHECKING:
    from cli_tools.door import Door


@dataclass(frozen=True)
class Flags:
    """The command line, as typed."""

    generation: str
    call: str
    retry: bool
    give_up: bool
    style: Format
    server: str | None
    token: str | None


def run(flags: Flags) -> int:
    """Decide; with --retry the ad goes on. Returns the exit code."""
    screen = Screen(flags.style)
    return guarded(screen, lambda: _charge(screen, flags))


def _charge(screen: Screen, flags: Flags) -> int:
    from cli_tools.backend import Purse
    from cli_tools.library import folder_for
    from cli_tools.making import Wish, make_ads
    from cli_tools.remote_library import door_of

    if flags.retry == flags.give_up:
        raise InvalidInput("Which one?", hint="Add --retry (it may be paid twice) or --give-up (it counts as spent).")
    door = door_of(flags.server, flags.token)
    folder = folder_for(flags.generation, None, door)
    if flags.retry:
        return make_ads(screen, [folder], Wish(door=door, purse=Purse(charge=flags.call)))
    asyncio.run(_give_up(folder.started_id, flags.call, door))
    screen.document({"id": folder.started_id, "charge": flags.call, "decision": "give_up"})
    screen.say("Given up: it counts as spent. `admint resume` goes on with the ad.")
    return 0


async def _give_up(generation_id: str, call: str, named: Door | None) -> None:
    from app.container import open_container
    from app.core.settings import load_settings
    from app.db.repositories.users import LOCAL_USER_ID
    from cli_tools.door import find_door
    from cli_tools.remote_api import RemoteApi

    settings = load_settings()
    door = find_door(settings, named)
    if door is not None:
        async with RemoteApi(door) as api:
            await api.post(f"/api/generations/{generation_id}/charges/{call}", {"decision": "give_up"})
        return
    async with open_container(settings, "run") as container:
        await container.money.decide(LOCAL_USER_ID, generation_id, call, "give_up")
