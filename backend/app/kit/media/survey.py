"""What a film looks and sounds like over time, from one decode pass on small grey pictures.

Run as a job: `app.kit.worker.run_job("app.kit.media.survey:survey_job", payload)`; judged by the caller.
Tests: tests/test_kit/test_media_survey.py
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.codec.context import ThreadType
from numpy.typing import NDArray

from app.kit.media.facts import open_media, probe, video_of
from app.kit.media.loudness import integrated_loudness
from app.kit.media.sound import RATE, Sound, read_sound

Grey = NDArray[np.uint8]
LOOKS_PER_SECOND = 10
SOUND_WINDOW_S = 0.05
_WIDTH = 160
_MOVED = 3
"""Grey levels a small picture's pixel must change by to count as moved; coding noise stays below."""
_CUT = 0.5
"""A share of moved pixels between two looks that means a new shot, if the look before was calmer."""
_BLACK_LEVEL = 28
_SILENCE_DB = -120.0


@dataclass
class Survey:
    """A film sampled at most ten times a second.

    Attributes:
        duration: Seconds of picture.
        frames: Pictures stored.
        times: Seconds of each look.
        black: Share of black pixels at each look, 0-1.
        moved: Share of pixels that changed since the look before, 0-1; 0 at the first look.
        drift: The same against the picture one second earlier, or the shot's first: sees slow moves that `moved`
            can't tell from coding noise. 0 at the first look of a shot.
        levels: Level of each 50 ms of sound in dBFS (RMS, louder side); empty without sound.
        sound_duration: Seconds of sound; 0 without.
        loudness: Integrated loudness in LUFS; None when silent or absent.
    """

    duration: float
    frames: int
    times: list[float] = field(default_factory=list)
    black: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    drift: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    sound_duration: float = 0.0
    loudness: float | None = None


def survey_job(payload: dict[str, Any], report: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Worker entry: ``{"path"}`` -> the fields of `Survey`. Reports ``{"fraction"}``."""
    found = survey(Path(payload["path"]))
    report({"fraction": 1.0})
    return asdict(found)


def survey(path: Path) -> Survey:
    """Measure a film.

    Raises:
        InvalidInput: not a readable video.
        MediaError: cut off, or some part does not decode.
    """
    facts = probe(path)
    result = Survey(duration=facts.video.duration if facts.video else 0.0, frames=0)
    result.frames = facts.video.frames if facts.video else 0
    shot: deque[tuple[float, Grey]] = deque()
    for time, grey in small_greys(path, LOOKS_PER_SECOND):
        moved = moved_share(shot[-1][1], grey) if shot else 0.0
        if moved > _CUT and result.moved[-1] < _CUT / 2:
            shot.clear()
        while len(shot) > 1 and shot[1][0] <= time - 1.0 + 1e-6:
            shot.popleft()
        result.times.append(time)
        result.black.append(float(np.mean(grey < _BLACK_LEVEL)))
        result.moved.append(moved)
        result.drift.append(moved_share(shot[0][1], grey) if shot else 0.0)
        shot.append((time, grey))
    if facts.audio is not None:
        sound, _ = read_sound(path)
        loudness = integrated_loudness(sound)
        result.levels = levels(sound)
        result.sound_duration = len(sound) / RATE
        result.loudness = loudness if np.isfinite(loudness) else None
    return result


def small_greys(path: Path, per_second: float) -> Iterator[tuple[float, Grey]]:
    """Yield (seconds, grey picture 160 wide) at most `per_second` times a second; every frame is decoded."""
    with open_media(path) as container:
        stream = video_of(container, path.name)
        stream.codec_context.options = {"skip_loop_filter": "noref", "err_detect": "explode"}
        stream.codec_context.thread_type = ThreadType.AUTO
        height = max(2, round(_WIDTH * stream.codec_context.height / max(1, stream.codec_context.width)))
        due = -1.0
        for frame in container.decode(stream):
            time = float(frame.time or 0.0)
            if time + 1e-6 < due:
                continue
            due = (time if due < 0 else due) + 1 / per_second
            yield time, cv2.resize(_luma(frame), (_WIDTH, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _luma(frame: av.VideoFrame) -> Grey:
    if not frame.format.name.startswith("yuv") or frame.format.components[0].bits != 8:
        frame = frame.reformat(format="yuv420p")
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def moved_share(before: Grey, after: Grey) -> float:
    """Return the share of pixels (0-1) that changed by at least three grey levels."""
    return float(np.mean(cv2.absdiff(before, after) >= _MOVED))


def levels(sound: Sound) -> list[float]:
    """Return the RMS level in dBFS of each 50 ms window, the louder of both sides; -120 where silent."""
    step = round(SOUND_WINDOW_S * RATE)
    whole = len(sound) // step * step
    power = np.square(sound[:whole]).reshape(-1, step, 2).mean(axis=1).max(axis=1)
    return [float(level) for level in 10 * np.log10(np.maximum(power, 10 ** (_SILENCE_DB / 10)))]


def runs(flags: list[bool]) -> list[tuple[int, int]]:
    """Return (first, one past last) of every unbroken run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
