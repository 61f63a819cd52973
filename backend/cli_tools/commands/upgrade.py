"""`admint upgrade`: paid clips for chosen scenes of a draft. Tests: tests/test_cli/test_money.py"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.errors import InvalidInput
from cli_tools.border import guarded
from cli_tools.render import Format, Screen


@dataclass(frozen=True)
class Flags:
    """The command line, as typed."""

    generation: str
    scenes: str
    provider: str
    cap: float | None
    output: Path | None
    style: Format
    server: str | None
    token: str | None


def run(flags: Flags) -> int:
    """Buy the clips, join the film anew and refresh the ad's folder. Returns the exit code."""
    screen = Screen(flags.style)
    return guarded(screen, lambda: _upgrade(screen, flags))


def _upgrade(screen: Screen, flags: Flags) -> int:
    from cli_tools.backend import Purse
    from cli_tools.library import folder_for
    from cli_tools.making import Wish, make_ads
    from cli_tools.remote_library import door_of

    purse = Purse(cap=flags.cap, provider=flags.provider, scenes=scene_ids(flags.scenes))
    door = door_of(flags.server, flags.token)
    folder = folder_for(flags.generation, flags.output, door)
    return make_ads(screen, [folder], Wish(door=door, purse=purse))


def scene_ids(text: str) -> tuple[int, ...]:
    """Return the numbers of `1,3`. Raises InvalidInput."""
    try:
        found = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        raise InvalidInput(f"'{text}' names no scenes.", hint="Write their numbers: --scenes 1,3")
    return found
