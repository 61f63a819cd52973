"""What `generate` and `resume` share: run the studio, survive a stop, say how it ended.

Tests: tests/test_cli/test_generate.py, tests/test_cli/test_stop.py
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.errors import Interrupted
from app.core.settings import load_settings
from cli_tools.backend import Purse, Retry
from cli_tools.closing import tell
from cli_tools.door import Door
from cli_tools.process import Stopped, logging_to, run_until_done
from cli_tools.render import Screen
from cli_tools.run_folder import RunFolder
from cli_tools.stop import STOPPED, resume_command, say_stopped
from cli_tools.studio import Options, Studio


@dataclass(frozen=True)
class Wish:
    """How the user wants it."""

    wait: bool = True
    interactive: bool = False
    approve_all: bool = False
    fresh: bool = False
    door: Door | None = None
    retry: Retry | None = None
    purse: Purse = field(default_factory=Purse)


def make_ads(screen: Screen, folders: list[RunFolder], wish: Wish) -> int:
    """Make the ads of these folders and tell the result. Returns the exit code."""
    settings = load_settings()
    options = Options(
        wait_for_lock=wish.wait,
        interactive=wish.interactive,
        approve_all=wish.approve_all,
        fresh=wish.fresh,
        door=wish.door,
        retry=wish.retry,
        purse=wish.purse,
    )
    studio = Studio(screen, settings, options)
    try:
        with logging_to(settings, verbose=screen.verbose, console=screen.ui):
            ads = run_until_done(studio.make(folders), lambda: say_stopped(screen, folders))
    except Stopped:
        return STOPPED
    except Interrupted as error:
        screen.stopped(error.message, f"Go on with: {resume_command(folders)}")
        return error.exit_code
    return tell(screen, ads)
