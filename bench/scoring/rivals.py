"""What else there is: genvideoscope, the one CPU scorer on PyPI, and the environment that holds it.

genvideoscope gives no score but findings, so its recall is compared: the share of defective clips in which it finds
something, and the share of clean ones. Called by run.py.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from defects import DEFECTS
from measuring import clip_file
from sources import HERE, ROOT


def environment() -> Path:
    """Return the bench's own environment; make it on first use."""
    folder = ROOT / "bench" / ".venv" / "scoring"
    if not (folder / ".ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        locked = ["--no-deps", "--require-hashes", "-r", str(HERE / "requirements.txt")]
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", *locked], check=True)
        (folder / ".ready").touch()
    return folder


def genvideoscope(folder: Path, names: Sequence[str]) -> dict[str, float]:
    """Return its recall at the highest dose, and its false alarms on clean clips, both as shares."""
    severe = [clip_file(folder, (name, defect, 4)) for name in names for defect in DEFECTS]
    clean = [clip_file(folder, (name, "clean", 0)) for name in names]
    return {
        "recall_at_dose_4": sum(map(finds_something, severe)) / len(severe),
        "false_alarms": sum(map(finds_something, clean)) / len(clean),
    }


def finds_something(video: Path) -> bool:
    """Whether genvideoscope reports any finding in a file."""
    with tempfile.TemporaryDirectory() as out:
        command = [environment() / "bin" / "videoscope", "analyze", video, "--output", out, "--json-only", "--quiet"]
        subprocess.run(command, check=False, capture_output=True)
        reports = list(Path(out).rglob("*.json"))
        return any(json.loads(report.read_text()).get("findings") for report in reports)
