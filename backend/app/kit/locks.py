"""An exclusive lock file that says who holds it. Released by the kernel when the holder dies.

Used by app/container.py. Tests: tests/test_kit/test_locks.py
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Any


class LockFile:
    """An flock on a file whose content describes the holder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: IO[str] | None = None

    def acquire(self, facts: dict[str, Any]) -> bool:
        """Take the lock and write `facts` plus our pid into it. False when another process holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        stream = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            return False
        self._stream = stream
        self.tell(facts)
        return True

    def tell(self, facts: dict[str, Any]) -> None:
        """Write `facts` plus our pid in place of what we wrote before. Does nothing when the lock is not ours."""
        if self._stream is None:
            return
        self._stream.seek(0)
        self._stream.truncate()
        json.dump({"pid": os.getpid(), **facts}, self._stream)
        self._stream.flush()

    def holder(self) -> dict[str, Any]:
        """Return what the holder wrote; empty when unreadable."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def release(self) -> None:
        """Give the lock back; the file stays."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
