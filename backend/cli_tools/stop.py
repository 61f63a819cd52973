"""What the user is told after a stop, and the command that goes on. Light imports: a stop may come during start-up.

Called by commands/generate.py, making.py and closing.py. Tests: tests/test_cli/test_stop.py
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from cli_tools.render import Screen
from cli_tools.run_folder import FINAL, FINISHED, RunFolder, quoted, shown_path

STOPPED = 130
"""Exit code of a run the user stopped."""


def resume_command(folders: Sequence[RunFolder]) -> str:
    """Return the exact command that goes on with these ads."""
    return " ".join(["admint resume", *(f"--output {quoted(folder.path)}" for folder in folders)])


def say_stopped(screen: Screen, folders: Sequence[RunFolder]) -> None:
    """Tell the user that nothing is lost, and note it in the folders."""
    left = [folder for folder in folders if folder.state != FINISHED]
    if folders and not left:
        films = ", ".join(shown_path(folder.path / FINAL) for folder in folders)
        screen.stopped("Stopped waiting for the scores. The film is finished.", f"It is {films}.")
        return
    screen.stopped("Stopped. Nothing is lost.", f"Go on with: {resume_command(left or folders)}")
    for folder in left:
        folder.update(state="stopped")


def stop_at_once(screen: Screen, folders: Sequence[RunFolder]) -> None:
    """From now on Ctrl-C says how to go on and leaves, until the event loop takes over.

    Raised as KeyboardInterrupt it could be lost in an import, and the ad would be made all the same.
    """

    def leave(_number: int, _frame: object) -> None:
        say_stopped(screen, folders)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(STOPPED)

    signal.signal(signal.SIGINT, leave)
