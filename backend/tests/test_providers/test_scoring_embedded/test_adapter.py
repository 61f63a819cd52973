"""Scores come from one low-priority child; a child that dies costs only what it had not told."""

from __future__ import annotations

import os
import signal
from fractions import Fraction
from pathlib import Path

from app.ports.scoring import Score, ScoreRequest
from app.providers.scoring_embedded import backbone
from app.providers.scoring_embedded.adapter import EmbeddedScorer
from app.providers.scoring_embedded.job import score_files
from tests.fixtures.media import ClipSpec, write_clip


def test_one_process_loads_the_model_once_for_all_its_files(tmp_path: Path) -> None:
    path = str(write_clip(tmp_path / "clip.mp4", ClipSpec(rate=Fraction(20), frames=8)))
    told: list[dict[str, object]] = []
    backbone.backbone.cache_clear()
    before = os.nice(0)
    pid = os.fork()
    if pid == 0:  # the job lowers its own priority for good, so it runs in a child here too
        score_files({"requests": [{"video": path}, {"video": path}, {"video": "/absent.mp4"}]}, told.append)
        loads = backbone.backbone.cache_info().misses
        os._exit(0 if loads == 1 and len(told) == 3 and os.nice(0) > before else 1)
    assert os.waitpid(pid, 0)[1] == 0


async def test_a_killed_child_leaves_a_reason_and_keeps_what_was_told(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", ClipSpec(rate=Fraction(20), frames=12))
    heard: list[int] = []

    def kill_after_the_first(place: int, score: Score) -> None:
        heard.append(place)
        if place == 0:
            for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)

    requests = [ScoreRequest(video=path) for _ in range(6)]
    scores = await EmbeddedScorer().score_all(requests, kill_after_the_first)
    assert heard == list(range(6))
    assert scores[0].overall is not None
    assert scores[-1].overall is None
    assert scores[-1].reason
