"""`make demo-paid`: an ad with bought clips against the fake vendors, its bill, and nothing left running."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BACKEND = Path(__file__).parents[2]


def test_it_makes_an_ad_prints_the_bill_and_ends(tmp_path: Path) -> None:
    settings = {**os.environ, "PROMPT": "Create a 2-second ad for Verde, a water bottle", "OUT": str(tmp_path / "ad")}
    done = subprocess.run(
        ["sh", "tools/demo_paid.sh", str(Path(sys.executable).parent)],
        cwd=BACKEND,
        env=settings,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "list price" in done.stdout
    assert list((tmp_path / "ad").glob("**/*.mp4"))
