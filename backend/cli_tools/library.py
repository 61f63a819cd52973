"""Reading the database for the verbs that only look: ads by id or folder, lists. Never takes the lock.

Called by commands list, show and resume. Tests: tests/test_cli/test_small_verbs.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from app.container import open_database
from app.core.errors import InvalidInput, NotFound
from app.core.settings import Settings, load_settings
from app.core.version import admint_version
from app.db.models import Generation
from app.db.repositories import generation_lists, generations
from app.db.repositories.users import LOCAL_USER_ID
from app.db.session import read_factory
from cli_tools.door import Door
from cli_tools.run_folder import RunFolder, folders_under, read_folder, slug
from cli_tools.scores import Scores, read_scores

T = TypeVar("T")
_SHORTEST = 8
_PAGE = 500


def read(work: Callable[[Any], Awaitable[T]]) -> T:
    """Return what `work` reads with a session that only reads."""

    async def body() -> T:
        async with open_database(load_settings()) as (engine, _), read_factory(engine)() as session:
            return await work(session)

    return asyncio.run(body())


async def newest(session: Any, limit: int) -> list[Generation]:
    """Return the newest ads, up to `limit`."""
    return (await generation_lists.list_page(session, LOCAL_USER_ID, limit=limit)).rows


async def find(session: Any, wanted: str) -> Generation:
    """Return the ad whose id is or begins with `wanted`.

    Raises:
        NotFound: There is none.
        InvalidInput: Several begin so.
    """
    ids = [known for known in await _all_ids(session) if known.startswith(wanted.lower())]
    if not ids:
        raise NotFound(f"There is no ad {wanted}.", hint="`admint list` shows what there is.")
    if len(ids) > 1:
        raise InvalidInput(
            f"{len(ids)} ads have an id that begins with {wanted}.",
            hint=f"Give more of it, for example {shortest(ids)[ids[0]]}.",
        )
    return await generations.require(session, ids[0])


async def find_scored(session: Any, wanted: str) -> tuple[Generation, Scores]:
    """Return the ad as `find` does, and its scores."""
    row = await find(session, wanted)
    return row, await read_scores(session, row)


async def _all_ids(session: Any) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        page = await generation_lists.list_page(session, LOCAL_USER_ID, limit=_PAGE, cursor=cursor)
        ids += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return ids


async def short_ids(session: Any) -> dict[str, str]:
    """Return each ad's id and its shortest unique beginning, 8 characters or more."""
    return shortest(await _all_ids(session))


def shortest(ids: Sequence[str]) -> dict[str, str]:
    """Return each id's shortest unique beginning, 8 characters or more."""
    ordered = sorted(ids)
    found = {}
    for place, each in enumerate(ordered):
        neighbours = ordered[max(0, place - 1) : place] + ordered[place + 1 : place + 2]
        shared = max((_shared(each, other) for other in neighbours), default=0)
        found[each] = each[: max(_SHORTEST, shared + 1)].rstrip("-")
    return found


def _shared(one: str, other: str) -> int:
    """How many characters two ids begin with in common."""
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def id_in_folder(output: Path) -> str:
    """Return the id of the ad an output folder holds. Raises NotFound, InvalidInput."""
    runs = folders_under(output.absolute())
    if len(runs) > 1:
        raise InvalidInput(
            f"{len(runs)} ads are in this folder.", hint=f"Name one, for example --output {runs[0].shown}."
        )
    if runs[0].generation_id is None:
        raise NotFound(
            "This ad was stopped before it began.", hint=f"Start it with: admint resume --output {runs[0].shown}"
        )
    return runs[0].generation_id


def folder_for(wanted: str, output: Path | None, door: Door | None) -> RunFolder:
    """Return the output folder of an ad that lies here, or at a server."""
    if door is None:
        return folder_of_generation(wanted, output)
    from cli_tools.remote_library import at_server, find

    row = at_server(door, lambda api: find(api, wanted))
    return _folder_of(row, output or known_folder(row.id))


def folder_of_generation(wanted: str, output: Path | None) -> RunFolder:
    """Return the output folder of an ad: the named one, the one it was started with, else ./output/<name>."""
    row = read(lambda session: find(session, wanted))
    return _folder_of(row, output or known_folder(row.id))


def known_folder(generation_id: str) -> Path | None:
    """Return the folder an ad was started with on this machine."""
    note = load_settings().home_path / "outputs" / generation_id
    return Path(note.read_text(encoding="utf-8")) if note.is_file() else None


def remember_folder(settings: Settings, generation_id: str, folder: RunFolder) -> None:
    """Note in the data folder where an ad's files go, so that `resume ID` finds it."""
    notes = settings.home_path / "outputs"
    notes.mkdir(parents=True, exist_ok=True)
    (notes / generation_id).write_text(str(folder.path), encoding="utf-8")


def _folder_of(row: Generation, output: Path | None) -> RunFolder:
    path = (output or Path("output") / slug(row.prompt)).absolute()
    found = read_folder(path)
    if found is not None and found.generation_id == row.id:
        return found
    return RunFolder(
        path=path,
        request={"prompt": row.prompt, "interactive": bool((row.request or {}).get("interactive"))},
        version=admint_version(),
        generation_id=row.id,
        state="stopped",
    )
