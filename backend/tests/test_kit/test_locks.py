"""The lock is exclusive, says who holds it, and is free again when the holder dies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.kit.locks import LockFile

HOLD = """
import sys, time
from pathlib import Path
from app.kit.locks import LockFile
lock = LockFile(Path(sys.argv[1]))
assert lock.acquire({"kind": "run"})
print("held", flush=True)
time.sleep(60)
"""


def test_the_second_holder_is_refused_and_can_read_who_holds_it(tmp_path: Path) -> None:
    first, second = LockFile(tmp_path / "a" / "x.lock"), LockFile(tmp_path / "a" / "x.lock")
    assert first.acquire({"kind": "run"})
    assert not second.acquire({"kind": "server"})
    assert second.holder() == {"pid": os.getpid(), "kind": "run"}
    first.release()
    assert second.acquire({"kind": "server"})
    assert second.holder()["kind"] == "server"
    second.release()


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        lock = LockFile(path)
        assert not lock.acquire({})
        assert lock.holder()["pid"] == process.pid
        process.kill()
        process.wait()
        assert lock.acquire({})
        lock.release()


def test_an_unreadable_lock_file_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "x.lock").write_text("{ half")
    assert LockFile(tmp_path / "x.lock").holder() == {}
    assert LockFile(tmp_path / "none.lock").holder() == {}


def test_the_holder_may_say_more_later_and_nobody_else_can(tmp_path: Path) -> None:
    lock, other = LockFile(tmp_path / "x.lock"), LockFile(tmp_path / "x.lock")
    assert lock.acquire({"kind": "server"})
    lock.tell({"kind": "server", "url": "http://127.0.0.1:8123"})
    other.tell({"kind": "thief"})
    assert other.holder() == {"pid": os.getpid(), "kind": "server", "url": "http://127.0.0.1:8123"}
    lock.release()
