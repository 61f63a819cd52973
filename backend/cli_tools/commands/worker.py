"""`admint worker`: executes what API processes on the same Postgres database accept. Tests: tests/test_blackbox/"""

from __future__ import annotations

from cli_tools.border import guarded
from cli_tools.render import Screen


def run() -> int:
    """Work until told to stop. Returns the exit code."""
    screen = Screen("text")
    return guarded(screen, lambda: _work(screen))


def _work(screen: Screen) -> int:
    from app.worker import main

    screen.say("Working. Ctrl-C stops; unfinished work is found again.")
    return main()
