"""`admint resume`: go on with ads named by folder or id. Tests: tests/test_cli/test_stop.py"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import Conflict, InvalidInput
from cli_tools.border import guarded
from cli_tools.render import Format, Screen
from cli_tools.run_folder import FINAL, RunFolder, folders_under, shown_path

if TYPE_CHECKING:
    from cli_tools.door import Door


@dataclass(frozen=True)
class Flags:
    """The command line, as typed."""

    generation: str | None
    outputs: list[Path]
    auto: bool
    no_wait: bool
    style: Format
    quiet: bool
    verbose: bool
    server: str | None = None
    token: str | None = None
    cap: float | None = None


def run(flags: Flags) -> int:
    """Go on with the ads. Returns the exit code."""
    screen = Screen(flags.style, quiet=flags.quiet, verbose=flags.verbose)
    return guarded(screen, lambda: _resume(screen, flags))


def _resume(screen: Screen, flags: Flags) -> int:
    from cli_tools.backend import Purse
    from cli_tools.making import Wish, make_ads
    from cli_tools.remote_library import door_of

    door = door_of(flags.server, flags.token)
    folders = _refuse_finished([_folder_of(flags, door)] if flags.generation else _folders(flags.outputs))
    interactive = any(folder.request["interactive"] for folder in folders)
    purse = Purse(cap=flags.cap)
    wish = Wish(wait=not flags.no_wait, interactive=interactive, approve_all=flags.auto, door=door, purse=purse)
    return make_ads(screen, folders, wish)


def _folders(outputs: list[Path]) -> list[RunFolder]:
    if not outputs:
        raise InvalidInput(
            "Which ad? Name its folder or its id.", hint="admint resume --output DIR, or admint list for the ids."
        )
    return [run for path in outputs for run in folders_under(path.absolute())]


def _refuse_finished(found: list[RunFolder]) -> list[RunFolder]:
    """Return the runs there is something to do for. Raises Conflict when there are none."""
    open_runs = [run for run in found if not run.is_finished]
    if not open_runs:
        raise Conflict(
            f"The ad in {found[0].shown} is finished already.",
            hint=f"Its film is {shown_path(found[0].path / FINAL)}.",
        )
    return open_runs


def _folder_of(flags: Flags, door: Door | None) -> RunFolder:
    from cli_tools.library import folder_for

    if len(flags.outputs) > 1:
        raise InvalidInput("One id has one output folder.", hint="Give --output once, or leave it out.")
    output = flags.outputs[0].absolute() if flags.outputs else None
    return folder_for(str(flags.generation), output, door)
