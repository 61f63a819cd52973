"""`admint export`: fill a folder with a finished ad again, from here or from a server.

Tests: tests/test_cli/test_remote.py
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import Conflict
from cli_tools.border import guarded
from cli_tools.render import Format, Screen
from cli_tools.run_folder import FINISHED, shown_path

if TYPE_CHECKING:
    from cli_tools.delivery import Delivered
    from cli_tools.door import Door
    from cli_tools.run_folder import RunFolder


def run(generation: str, output: Path | None, style: Format, server: str | None, token: str | None) -> int:
    """Export one ad. Returns the exit code."""
    screen = Screen(style)
    return guarded(screen, lambda: _export(screen, generation, output, (server, token)))


def _export(screen: Screen, generation: str, output: Path | None, named: tuple[str | None, str | None]) -> int:
    from cli_tools.library import folder_for
    from cli_tools.remote_library import door_of

    door = door_of(*named)
    folder = folder_for(generation, output, door)
    delivered = asyncio.run(_fill(folder, door))
    folder.update(state=FINISHED)
    screen.document({"id": folder.started_id, "output": str(folder.path), "files": delivered.files})
    screen.say(f"{len(delivered.files)} files are in {shown_path(folder.path)}.")
    return 0


async def _fill(folder: RunFolder, door: Door | None) -> Delivered:
    from app.container import open_database
    from app.core.settings import load_settings
    from app.storage.objects import build_storage
    from cli_tools.delivery import Source, StoredSource, deliver
    from cli_tools.remote_api import RemoteApi
    from cli_tools.remote_backend import RemoteSource

    async def filled(source: Source) -> Delivered:
        row, _ = await source.read(folder.started_id)
        if row.final_video_url is None and row.status != "completed":
            raise Conflict("This ad is not finished yet.", hint=f"Finish it with: admint resume {row.id}")
        return await deliver(source, folder, took_s=0)

    if door is not None:
        async with RemoteApi(door) as api:
            return await filled(RemoteSource(api))
    settings = load_settings()
    async with open_database(settings) as (_, sessions):
        return await filled(StoredSource(sessions, build_storage(settings), settings))
