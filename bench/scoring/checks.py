"""The bench's single checks: flicker against a reference, the same numbers twice, other rates and sizes.

Called by run.py.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from measuring import clip_file
from report import ours
from sources import HERE, ROOT, file_of, load
from writing import write

from app.providers.scoring_embedded.measure import Options, measure


def reference_flicker(path: Path) -> float:
    """VBench's temporal flickering as its code computes it, read by OpenCV's own decoder."""
    capture, frames = cv2.VideoCapture(str(path)), []
    while True:
        got, frame = capture.read()
        if not got:
            break
        frames.append(frame)
    errors = [float(np.mean(cv2.mean(cv2.absdiff(np.float32(a), np.float32(b)))[:3])) for a, b in pairwise(frames)]
    return (255 - statistics.fmean(errors)) / 255


def flicker_error(folder: Path, names: list[str]) -> float:
    """Largest difference to the reference over clean and flickering clips."""
    found = []
    for name in names:
        for key in ((name, "clean", 0), (name, "flicker_fast", 3)):
            path = clip_file(folder, key)
            mine = measure(path, Options()).signals["temporal_flickering"]
            found.append(abs(mine - reference_flicker(path)))
    return max(found)


def repeated(folder: Path, name: str) -> bool:
    """Whether a second measurement gives the very same numbers."""
    path = clip_file(folder, (name, "clean", 0))
    return measure(path, Options()) == measure(path, Options())


def invariance(folder: Path, names: list[str]) -> dict[str, dict[str, float]]:
    """Change of the overall score when a clip is stamped at 4/5 of its rate, or drawn at 4/3 of its size."""
    found: dict[str, dict[str, float]] = {"rate": {}, "size": {}}
    for name in names:
        clip = load(folder, name, partner=False)
        height, width = clip.frames[0].shape[:2]
        size = (round(width * 0.75) // 2 * 2, round(height * 0.75) // 2 * 2)
        smaller = [cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in clip.frames]
        base = _score(write(clip, folder / "check.mp4"))
        found["rate"][name] = _score(write(replace(clip, fps=clip.fps * 0.8), folder / "check.mp4")) - base
        found["size"][name] = _score(write(clip.with_frames(smaller), folder / "check.mp4")) - base
    return found


def _score(path: Path) -> float:
    return ours(measure(path, Options()).signals)


def cost(folder: Path) -> dict[str, Any]:
    """CPU and memory of scoring one whole rendered clip of 1280 x 720 in a fresh process."""
    video = file_of(folder, "bottle_product")
    one = {"OMP_NUM_THREADS": "1", **os.environ}
    run = subprocess.run(
        [sys.executable, HERE / "cost.py", video], check=True, capture_output=True, env=one, cwd=ROOT / "backend"
    )
    told: dict[str, Any] = json.loads(run.stdout)
    return {**told, "per_second": told["score_s"] / told["seconds"], "per_decode": told["score_s"] / told["decode_s"]}
