"""What we make plays in a real browser: frontend/e2e/plays.mjs serves a file and watches a <video> play it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

FRONTEND = Path(__file__).resolve().parents[3] / "frontend"
SECONDS, FPS, RATE, BLOCK = 1, 30, 48_000, 1024


def play(file: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and report of the player."""
    done = subprocess.run(
        ["node", "e2e/plays.mjs", str(file)], cwd=FRONTEND, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.stdout, f"the player said nothing: {done.stderr}"
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def tiny_mp4(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of grey steps and a tone: H.264 with AAC."""
    path = tmp_path_factory.mktemp("plays") / "tiny.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as file:
        video = file.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        audio = file.add_stream("aac", rate=RATE, layout="mono")
        for number in range(SECONDS * FPS):
            picture = np.full((180, 320, 3), number * 8, np.uint8)
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(video.encode())
        for number in range(SECONDS * RATE // BLOCK):
            tone = np.sin(np.arange(number * BLOCK, (number + 1) * BLOCK) / 20, dtype=np.float32)[None]
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE, number * BLOCK
            file.mux(audio.encode(frame))
        file.mux(audio.encode())
    return path


def test_a_video_plays_with_picture_and_sound(tiny_mp4: Path) -> None:
    code, seen = play(tiny_mp4)
    assert (code, seen["ok"], seen["consoleErrors"]) == (0, True, [])
    assert (seen["width"], seen["height"]) == (320, 180)
    assert seen["duration"] == pytest.approx(SECONDS, abs=0.1)
    assert seen["currentTime"] > 0
    assert seen["decodedFrames"] > 0
    assert seen["decodedAudioBytes"] > 0


def test_a_broken_video_is_reported(tiny_mp4: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(tiny_mp4.read_bytes()[:3000])
    code, seen = play(broken)
    assert (code, seen["ok"]) == (1, False)
    assert seen["error"]
