"""The clean clips of the bench: camera shots out of public packages (footage.yaml), and scenes rendered by AdMint.

HELD_OUT_SOURCES were named before anything of them was measured; `skyline` shares its film with `crossroads`.
HELD_OUT_DEFECTS were kept from the marks of scorer 1.2 only: thresholds of their signals were set in view of them.
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
from footage import fetch, place

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LONGEST = 640
HELD_OUT_SOURCES = ("opossum", "selfie", "skyline", "shoe_product", "coffee_words")
HELD_OUT_DEFECTS = ("zoom_pump", "glitch")
ADS = {
    "bottle": ("Create a 30-second ad for eco-friendly water bottle", "30"),
    "app": ("A 20-second ad for a playful budgeting app called Pennywise", "20"),
    "coffee": ("A 20-second ad for Ember, a small-batch coffee roastery", "20"),
    "shoe": ("A 20-second ad for a lightweight trail running shoe", "20"),
}


@dataclass(frozen=True)
class Source:
    """Where a clean clip comes from: a film of footage.yaml, or `ad/scene`.

    `subject` is its centre as shares, seen by a person; `other` is where swapped pictures come from.
    """

    film: str
    first: int
    last: int
    subject: tuple[float, float]
    other: str


SOURCES: dict[str, Source] = {
    "railing": Source("bikes", 137, 187, (0.42, 0.5), "wall"),
    "wall": Source("bikes", 187, 242, (0.62, 0.5), "crossroads"),
    "bunny": Source("bigbuckbunny", 20, 70, (0.5, 0.5), "laughing"),
    "crossroads": Source("city", 30, 80, (0.5, 0.5), "golden_boat"),
    "balance": Source("laboratory", 0, 100, (0.45, 0.42), "park"),
    "park": Source("park", 95, 150, (0.45, 0.68), "balance"),
    "golden_boat": Source("goldengate", 296, 350, (0.38, 0.35), "railing"),
    "laughing": Source("woman", 240, 290, (0.7, 0.5), "bunny"),
    "bottle_product": Source("bottle/2", 10, 64, (0.71, 0.5), "app_question"),
    "bottle_framed": Source("bottle/3", 10, 64, (0.71, 0.5), "app_question"),
    "app_question": Source("app/1", 10, 64, (0.3, 0.6), "bottle_product"),
    "app_framed": Source("app/3", 10, 64, (0.71, 0.5), "bottle_product"),
    "opossum": Source("snow", 886, 940, (0.62, 0.45), "selfie"),
    "selfie": Source("door", 10, 64, (0.46, 0.45), "opossum"),
    "skyline": Source("city", 156, 206, (0.55, 0.45), "laughing"),
    "shoe_product": Source("shoe/2", 10, 64, (0.71, 0.5), "coffee_words"),
    "coffee_words": Source("coffee/1", 10, 64, (0.3, 0.6), "shoe_product"),
}


def prepare(folder: Path) -> None:
    """Fetch the footage and render the ads into `folder`, unless they are there."""
    fetch(folder / "footage")
    for name, (prompt, seconds) in ADS.items():
        made = folder / f"{name}-ad"
        if (made / "final.mp4").exists():
            continue
        print(f"  rendering the {name} ad ...", flush=True)
        admint = Path(sys.executable).with_name("admint")
        command = [admint, "generate", "--auto", "--quiet", "--force", "--seed", "7", "--prompt", prompt]
        home = {**os.environ, "ADMINT_HOME": str(folder / "home")}
        subprocess.run([*command, "--duration", seconds, "--output", made], check=True, env=home)


def file_of(folder: Path, name: str) -> Path:
    """Return the film that a source is cut from."""
    ad, _, scene = SOURCES[name].film.partition("/")
    return folder / f"{ad}-ad" / "clips" / f"scene-{scene}.mp4" if scene else place(folder / "footage", ad)


def load(folder: Path, name: str, partner: bool = True) -> Clip:
    """Return a source as a Clip, its longer side at most LONGEST, with its partner's pictures for swaps."""
    source = SOURCES[name]
    frames: list[Frame] = []
    with av.open(str(file_of(folder, name))) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 25)
        for index, frame in enumerate(container.decode(stream)):
            if source.first <= index < source.last:
                frames.append(fitted(frame.to_ndarray(format="bgr24")))
    clip = Clip(frames, rate, subject=source.subject)
    if not partner:
        return clip
    others = load(folder, source.other, partner=False).frames
    return replace(clip, other=tuple(filling(frame, frames[0].shape[1::-1]) for frame in others[len(others) // 3 :]))


def fitted(frame: Frame) -> Frame:
    """Bring large pictures to LONGEST; smaller ones stay as they are."""
    scale = LONGEST / max(frame.shape[:2])
    size = (round(frame.shape[1] * scale) // 2 * 2, round(frame.shape[0] * scale) // 2 * 2)
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA) if scale < 1 else frame


def filling(frame: Frame, size: tuple[int, int]) -> Frame:
    """Return the middle of a picture, as large as fits, at `size` (width, height)."""
    (height, width), shape = frame.shape[:2], size[0] / size[1]
    across, down = min(width, round(height * shape)), min(height, round(width / shape))
    left, top = (width - across) // 2, (height - down) // 2
    return cv2.resize(frame[top : top + down, left : left + across], size, interpolation=cv2.INTER_AREA)
