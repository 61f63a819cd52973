"""Scores come from one low-priority child; a child that dies costs only what it had not told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from app.ports.scoring import Score, ScoreRequest
from app.providers.scoring_embedded.adapter import EmbeddedScorer
from tests.fixtures.media import ClipSpec, write_clip

COUNT_LOADS = """
import os, sys
from app.providers.scoring_embedded import backbone
from app.providers.scoring_embedded.job import score_files

told, before = [], os.nice(0)
score_files({"requests": [{"video": sys.argv[1]}, {"video": sys.argv[1]}, {"video": "/absent.mp4"}]}, told.append)
print(backbone.backbone.cache_info().misses, len(told), os.nice(0) > before)
"""


def test_one_process_loads_the_model_once_for_all_its_files(tmp_path: Path) -> None:
    path = str(write_clip(tmp_path / "clip.mp4", ClipSpec(rate=Fraction(20), frames=8)))
    command = [sys.executable, "-c", COUNT_LOADS, path]  # the job lowers its own priority for good
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=True)
    assert done.stdout.split() == ["1", "3", "True"]


def worker_process() -> int:
    """The one child that scores; others may be servers that tests share."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    [found] = [child for child in children if b"app.kit.worker" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return int(found)


async def test_a_killed_child_leaves_a_reason_and_keeps_what_was_told(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", ClipSpec(rate=Fraction(20), frames=12))
    heard: list[int] = []

    def kill_after_the_first(place: int, score: Score) -> None:
        heard.append(place)
        if place == 0:
            os.kill(worker_process(), signal.SIGKILL)

    requests = [ScoreRequest(video=path) for _ in range(6)]
    scores = await EmbeddedScorer().score_all(requests, kill_after_the_first)
    assert heard == list(range(6))
    assert scores[0].overall is not None
    assert scores[-1].overall is None
    assert scores[-1].reason
