"""Who works in the data folder right now, told without taking the lock.

Called by studio.py before it waits, and by commands/doctor.py. Tests: tests/test_cli/test_doctor.py
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

from app.core.settings import Settings
from app.kit.locks import LockFile
from cli_tools.render import Screen


def holder(settings: Settings) -> dict[str, Any] | None:
    """Return what the process that holds the lock says of itself, null when nobody does."""
    path = settings.home_path / "engine.lock"
    return (LockFile(path).holder() or {"pid": "?"}) if _is_held(path) else None


def _is_held(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def say_who_works(screen: Screen, settings: Settings, *, wait: bool) -> None:
    """Tell the user why nothing seems to happen when another process works here."""
    found = holder(settings) if settings.is_sqlite and wait else None
    if found is not None:
        screen.say(
            f"Another AdMint {found.get('kind', 'process')} is working here (pid {found.get('pid', '?')}); "
            "waiting for it to finish. Use --no-wait to stop instead."
        )
