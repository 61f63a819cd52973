"""A disk that is full, or fills up while an ad is made: said plainly, nothing half-written, resumable afterwards."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.tiny_ad import BACKEND

FILL_WHILE_RUNNING = """
set -eu
mount -t tmpfs -o size=60m tmpfs "$HOME_DIR"
{ "$ADMINT" generate --auto --prompt "Create an ad for eco-friendly water bottle" --set duration_s=4 \
    --output "$OUT_DIR" --quiet || echo "exit $?"; } > "$OUT_DIR.log" 2>&1 &
until [ -e "$HOME_DIR/engine.db" ]; do sleep 0.02; done
dd if=/dev/zero of="$HOME_DIR/fill" bs=1M 2>/dev/null || true
wait
rm "$HOME_DIR/fill"
"$ADMINT" resume --output "$OUT_DIR" --quiet
test -s "$OUT_DIR/final.mp4"
"""
FULL_FROM_THE_START = """
mount -t tmpfs -o size=8m tmpfs "$HOME_DIR"
"$ADMINT" generate --auto --prompt "Create an ad for a kayak" --output "$OUT_DIR" --quiet
echo "exit $?" >&2
"""


def mounts_allowed() -> bool:
    tool = shutil.which("unshare")
    return tool is not None and subprocess.run([tool, "-rm", "true"], capture_output=True, check=False).returncode == 0


def in_namespace(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "home").mkdir()
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME_DIR": str(folder / "home"),
        "ADMINT_HOME": str(folder / "home"),
        "OUT_DIR": str(folder / "out"),
        "ADMINT": str(Path(sys.executable).with_name("admint")),
    }
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        cwd=BACKEND,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


pytestmark = pytest.mark.skipif(not mounts_allowed(), reason="this machine does not allow mount namespaces")


def test_a_full_disk_is_refused_before_anything_starts(tmp_path: Path) -> None:
    done = in_namespace(FULL_FROM_THE_START, tmp_path)
    assert "exit 7" in done.stderr
    assert "MB are free under" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_disk_that_fills_up_on_the_way_stops_the_run_and_resume_goes_on(tmp_path: Path) -> None:
    done = in_namespace(FILL_WHILE_RUNNING, tmp_path)
    told = (tmp_path / "out.log").read_text()
    assert done.returncode == 0, done.stderr + told
    assert "exit 7" in told
    assert "is full" in told
    assert "Traceback" not in told
