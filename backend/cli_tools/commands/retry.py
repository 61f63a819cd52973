"""`admint retry`: film one scene again; no other clip is touched. Tests: tests/test_cli/test_remote.py"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cli_tools.border import guarded
from cli_tools.render import Format, Screen


@dataclass(frozen=True)
class Flags:
    """The command line, as typed."""

    generation: str
    scene: int
    new_take: bool
    output: Path | None
    style: Format
    server: str | None
    token: str | None


def run(flags: Flags) -> int:
    """Film it again and refresh the ad's folder. Returns the exit code."""
    screen = Screen(flags.style)
    return guarded(screen, lambda: _retry(screen, flags))


def _retry(screen: Screen, flags: Flags) -> int:
    from cli_tools.backend import Retry
    from cli_tools.library import folder_for
    from cli_tools.making import Wish, make_ads
    from cli_tools.remote_library import door_of

    door = door_of(flags.server, flags.token)
    folder = folder_for(flags.generation, flags.output, door)
    return make_ads(screen, [folder], Wish(door=door, retry=Retry(flags.scene, new_take=flags.new_take)))
