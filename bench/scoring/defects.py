"""The faults a clip can have, each at four doses from slight to severe, and the changes that are no fault at all.

A defect or control takes a `Clip` and returns another; everything random is seeded. Called by run.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]


@dataclass(frozen=True)
class Clip:
    """Pictures (height, width, 3) in BGR, their rate, the subject's centre (shares), and how they are written."""

    frames: list[Frame]
    fps: float
    subject: tuple[float, float] = (0.5, 0.5)
    crf: int = 16
    crushed: int = 0
    """A first encoding at this crf, decoded and written again; 0 for none."""
    other: tuple[Frame, ...] = ()
    """Pictures of a different scene of the same size, for swaps and morphs."""

    def with_frames(self, frames: list[Frame]) -> Clip:
        return replace(self, frames=frames)


Defect = Callable[[Clip, int, np.random.Generator], Clip]


def each(clip: Clip, change: Callable[[Frame, float], Frame]) -> Clip:
    """Apply `change(frame, seconds)` to every picture."""
    return clip.with_frames([change(frame, index / clip.fps) for index, frame in enumerate(clip.frames)])


def clipped(values: NDArray[Any]) -> Frame:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def gained(frame: Frame, gain: float) -> Frame:
    return clipped(frame.astype(np.float32) * gain)


def px(clip: Clip, at_1280: float) -> float:
    """A length given for a 1280 wide picture, in this clip's pixels."""
    return at_1280 * clip.frames[0].shape[1] / 1280


def flicker_fast(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    size = (0.03, 0.06, 0.10, 0.15)[dose]
    return each(clip, lambda frame, _: gained(frame, 1 + size * rng.uniform(-1, 1)))


def flicker_slow(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    size = (0.08, 0.14, 0.20, 0.30)[dose]
    return each(clip, lambda frame, at: gained(frame, 1 + size * math.sin(2 * math.pi * at)))


def moved(frame: Frame, x: float, y: float) -> Frame:
    height, width = frame.shape[:2]
    matrix = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return cv2.warpAffine(frame, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def jitter(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    size = px(clip, (1.5, 3, 5, 8)[dose])
    return each(clip, lambda frame, _: moved(frame, *rng.uniform(-size, size, 2)))


def drops(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    share, frames = (0.15, 0.30, 0.45, 0.60)[dose], [clip.frames[0]]
    for frame in clip.frames[1:]:
        frames.append(frames[-1] if rng.random() < share else frame)
    return clip.with_frames(frames)


def shuffle(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    window, order = (2, 4, 8, len(clip.frames))[dose], list[int]()
    for start in range(0, len(clip.frames), window):
        part = list(range(start, min(start + window, len(clip.frames))))
        order += part[::-1] if window == 2 else [part[i] for i in rng.permutation(len(part))]
    return clip.with_frames([clip.frames[index] for index in order])


def freeze(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    last = int(len(clip.frames) * (0.6, 0.4, 0.2, 0.0)[dose])
    return clip.with_frames([clip.frames[min(index, last)] for index in range(len(clip.frames))])


def swap(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    """From the middle on, a centred part of the picture comes from another scene."""
    share, half = (0.4, 0.6, 0.8, 1.0)[dose], len(clip.frames) // 2
    height, width = clip.frames[0].shape[:2]
    rows = slice(int(height * (1 - share) / 2), math.ceil(height * (1 + share) / 2))
    columns = slice(int(width * (1 - share) / 2), math.ceil(width * (1 + share) / 2))
    frames = [frame.copy() for frame in clip.frames]
    for index in range(half, len(frames)):
        frames[index][rows, columns] = clip.other[index % len(clip.other)][rows, columns]
    return clip.with_frames(frames)


def morph(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    """The scene slowly becomes another one, fully at the highest dose."""
    most, count = (0.4, 0.6, 0.8, 1.0)[dose], len(clip.frames)
    frames = []
    for index, frame in enumerate(clip.frames):
        share = most * float(np.clip((index / count - 0.25) / 0.5, 0, 1))
        frames.append(cv2.addWeighted(frame, 1 - share, clip.other[index % len(clip.other)], share, 0))
    return clip.with_frames(frames)


def _wobbled(clip: Clip, size: float, period: float, rng: np.random.Generator) -> Clip:
    height, width = clip.frames[0].shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    phase = rng.uniform(0, 2 * math.pi, 4)

    def bent(frame: Frame, at: float) -> Frame:
        turn = 2 * math.pi * at / period
        x = size * np.sin(2 * math.pi * rows / height * 2 + phase[0] + turn) * np.cos(4 * columns / width + phase[1])
        y = size * np.sin(2 * math.pi * columns / width * 2.5 + phase[2] - turn) * np.cos(5 * rows / height + phase[3])
        at_x, at_y = np.float32(columns + x), np.float32(rows + y)
        return cv2.remap(frame, at_x, at_y, cv2.INTER_LINEAR, None, cv2.BORDER_REFLECT)

    return each(clip, bent)


def wobble_fast(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    return _wobbled(clip, px(clip, (1.5, 3, 5, 8)[dose]), 0.4, rng)


def wobble_slow(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    return _wobbled(clip, px(clip, (3, 5, 8, 12)[dose]), 1.5, rng)


def blur(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    size = (0.8, 1.4, 2.2, 3.5)[dose]
    return each(clip, lambda frame, _: cv2.GaussianBlur(frame, (0, 0), size))


def noise(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    size = (5, 10, 17, 25)[dose]
    return each(clip, lambda frame, _: clipped(frame + rng.normal(0, size, frame.shape)))


def starved(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    return replace(clip, crf=(35, 40, 45, 51)[dose])


def crushed(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    return replace(clip, crushed=(35, 40, 45, 51)[dose])


def dark(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    return each(clip, lambda frame, _: gained(frame, (0.6, 0.45, 0.3, 0.2)[dose]))


def overexposed(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    return each(clip, lambda frame, _: gained(frame, (1.3, 1.6, 2.0, 2.5)[dose]))


def low_contrast(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    share = (0.7, 0.5, 0.35, 0.2)[dose]
    return each(clip, lambda frame, _: clipped(frame.mean() + share * (frame.astype(np.float32) - frame.mean())))


def desaturated(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    share = (0.6, 0.4, 0.2, 0.0)[dose]

    def faded(frame: Frame, _: float) -> Frame:
        grey = cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        return cv2.addWeighted(frame, share, grey, 1 - share, 0)

    return each(clip, faded)


def window(frame: Frame, left: float, top: float, share: float) -> Frame:
    """A part of the picture at full size; `left`, `top` and `share` are shares of the whole."""
    height, width = frame.shape[:2]
    x, y = int(np.clip(left, 0, 1 - share) * width), int(np.clip(top, 0, 1 - share) * height)
    part = frame[y : y + round(share * height), x : x + round(share * width)]
    return cv2.resize(part, (width, height), interpolation=cv2.INTER_LANCZOS4)


def cut_off(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    """Framed ever tighter, with the subject's centre ever closer to the side that leaves more of the picture."""
    share = (0.8, 0.7, 0.6, 0.5)[dose]
    inset, (x, y) = share * (0.25, 0.15, 0.07, 0.0)[dose], clip.subject
    left = x + inset - share if x >= 0.5 else x - inset
    return each(clip, lambda frame, _: window(frame, left, y - share / 2, share))


def bars(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    share = (0.04, 0.08, 0.12, 0.18)[dose]

    def barred(frame: Frame, _: float) -> Frame:
        out, depth = frame.copy(), round(share * frame.shape[0])
        out[:depth] = out[-depth:] = 0
        return out

    return each(clip, barred)


def tilt(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    angle = (4, 7, 10, 14)[dose]
    height, width = clip.frames[0].shape[:2]
    turn = math.radians(angle)
    zoom = math.cos(turn) + max(width / height, height / width) * math.sin(turn)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, zoom)
    return each(clip, lambda frame, _: cv2.warpAffine(frame, matrix, (width, height), flags=cv2.INTER_CUBIC))


def zoom_pump(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    """The picture breathes: it grows and shrinks again, 2.5 times a second."""
    size = (0.006, 0.012, 0.02, 0.04)[dose]
    return each(clip, lambda frame, at: zoomed(frame, 1 + size * (1 + math.sin(5 * math.pi * at))))


def colour_drift(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    """White turns warm over the length of the clip."""
    size, length = (0.12, 0.2, 0.32, 0.5)[dose], len(clip.frames) / clip.fps

    def turned(frame: Frame, at: float) -> Frame:
        share = size * at / length
        return clipped(frame.astype(np.float32) * np.array([1 - share, 1, 1 + share / 2], np.float32))

    return each(clip, turned)


def oversharpened(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    amount = (0.8, 1.5, 2.5, 4.0)[dose]

    def sharpened(frame: Frame, _: float) -> Frame:
        return cv2.addWeighted(frame, 1 + amount, cv2.GaussianBlur(frame, (0, 0), 1.5), -amount, 0)

    return each(clip, sharpened)


def pop(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    """Every 0.7 s a round piece of another scene appears somewhere for a quarter of a second."""
    height, width = clip.frames[0].shape[:2]
    radius, frames = (0.05, 0.08, 0.12, 0.18)[dose] * width, []
    rows, columns = np.mgrid[:height, :width]
    x = y = 0.0
    for index, frame in enumerate(clip.frames):
        beat = index / clip.fps % 0.7
        if beat < 1 / clip.fps:
            x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height
        inside = (np.hypot(columns - x, rows - y) < radius) & (0.3 <= beat < 0.55)
        frames.append(np.where(inside[..., None], clip.other[index % len(clip.other)], frame))
    return clip.with_frames(frames)


def glitch(clip: Clip, dose: int, rng: np.random.Generator) -> Clip:
    """Every 0.4 s, for three pictures, blocks of 32 pixels show what belongs elsewhere, as after a lost packet."""
    share, side = (0.03, 0.07, 0.15, 0.3)[dose], 32
    height, width = (length // side for length in clip.frames[0].shape[:2])
    frames = [frame.copy() for frame in clip.frames]
    for start in range(4, len(frames), max(4, round(0.4 * clip.fps))):
        to = rng.permutation(height * width)[: max(1, round(share * height * width))]
        source = rng.permutation(height * width)[: len(to)]
        for frame in frames[start : start + 3]:
            blocks = frame[: height * side, : width * side].reshape(height, side, width, side, 3).swapaxes(1, 2)
            blocks[to // width, to % width] = blocks[source // width, source % width]
    return clip.with_frames(frames)


DEFECTS: dict[str, tuple[Defect, str]] = {
    "flicker_fast": (flicker_fast, "coherence"),
    "flicker_slow": (flicker_slow, "coherence"),
    "jitter": (jitter, "motion"),
    "drops": (drops, "motion"),
    "shuffle": (shuffle, "motion"),
    "freeze": (freeze, "motion"),
    "swap": (swap, "coherence"),
    "morph": (morph, "coherence"),
    "wobble_fast": (wobble_fast, "coherence"),
    "wobble_slow": (wobble_slow, "coherence"),
    "blur": (blur, "visual_appeal"),
    "noise": (noise, "visual_appeal"),
    "starved": (starved, "visual_appeal"),
    "crushed": (crushed, "visual_appeal"),
    "dark": (dark, "visual_appeal"),
    "overexposed": (overexposed, "visual_appeal"),
    "low_contrast": (low_contrast, "visual_appeal"),
    "desaturated": (desaturated, "visual_appeal"),
    "cut_off": (cut_off, "composition"),
    "bars": (bars, "composition"),
    "tilt": (tilt, "composition"),
    "zoom_pump": (zoom_pump, "motion"),
    "colour_drift": (colour_drift, "coherence"),
    "oversharpened": (oversharpened, "visual_appeal"),
    "pop": (pop, "coherence"),
    "glitch": (glitch, "coherence"),
}
"""Name to the defect and the sub-score that must notice it."""


def fade(clip: Clip, opening: bool) -> Clip:
    length = 0.5 if opening else len(clip.frames) / clip.fps - 0.5

    def faded(frame: Frame, at: float) -> Frame:
        return gained(frame, min(1.0, at / 0.5) if opening else min(1.0, 1 - (at - length) / 0.5))

    return each(clip, faded)


def ken_burns(clip: Clip) -> Clip:
    still, count = clip.frames[len(clip.frames) // 2], len(clip.frames)
    return clip.with_frames([zoomed(still, 1 + 0.12 * index / count) for index in range(count)])


def zoomed(frame: Frame, scale: float, x: float = 0.0) -> Frame:
    height, width = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 0, scale)
    matrix[0, 2] += x * width
    return cv2.warpAffine(frame, matrix, (width, height), flags=cv2.INTER_CUBIC)


def card(clip: Clip, at_end: bool) -> Clip:
    height, width = clip.frames[0].shape[:2]
    plain = np.full((height, width, 3), (52, 38, 30), np.uint8)
    scale = width / 640
    cv2.putText(
        plain, "Brightwell", (int(width * 0.25), int(height * 0.55)), cv2.FONT_HERSHEY_DUPLEX, 2 * scale,
        (240, 240, 240), max(1, round(3 * scale)), cv2.LINE_AA,
    )  # fmt: skip
    cards = [plain] * round(0.6 * clip.fps)
    return clip.with_frames([*clip.frames, *cards] if at_end else [*cards, *clip.frames])


def warmed(frame: Frame, _: float) -> Frame:
    return clipped(frame.astype(np.float32) * np.array([0.92, 1.0, 1.06], np.float32))


def sized(clip: Clip, scale: float, how: int) -> Clip:
    height, width = clip.frames[0].shape[:2]
    size = (round(width * scale) // 2 * 2, round(height * scale) // 2 * 2)
    return each(clip, lambda frame, _: cv2.resize(frame, size, interpolation=how))


CONTROLS: dict[str, Callable[[Clip], Clip]] = {
    "mirrored": lambda clip: each(clip, lambda frame, _: frame[:, ::-1].copy()),
    "cropped_5": lambda clip: each(clip, lambda frame, _: window(frame, 0.025, 0.025, 0.95)),
    "crf_23": lambda clip: replace(clip, crf=23),
    "panned": lambda clip: each(clip, lambda frame, at: zoomed(frame, 1.1, 0.03 * min(at, 2.5) - 0.04)),
    "zoomed": lambda clip: each(clip, lambda frame, at: zoomed(frame, 1 + 0.05 * at)),
    "warmed": lambda clip: each(clip, warmed),
    "half_size": lambda clip: sized(clip, 0.5, cv2.INTER_AREA),
    "ken_burns": ken_burns,
    "fade_in": lambda clip: fade(clip, opening=True),
    "fade_out": lambda clip: fade(clip, opening=False),
    "title_card": lambda clip: card(clip, at_end=False),
    "end_card": lambda clip: card(clip, at_end=True),
}
"""Changes that an honest scorer hardly notices."""
