"""One file in, its raw measures out: the pure core of the embedded scorer, run inside a worker process.

Called by job.py (and by the bench). Tests: tests/test_providers/test_scoring_embedded/test_measure.py
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from app.core.errors import MediaError
from app.providers.scoring_embedded.backbone import Floats, Look, backbone
from app.providers.scoring_embedded.frames import Picture, Pictures, Plane
from app.providers.scoring_embedded.looks import composition, consistency, cosine, mean_vector
from app.providers.scoring_embedded.motion import MotionMeter
from app.providers.scoring_embedded.planes import shrink
from app.providers.scoring_embedded.steadiness import body, find_cuts, steadiness
from app.providers.scoring_embedded.stills import stills

KEYS_A_SECOND, KEYS_LEAST, KEYS_MOST = 0.7, 4, 16
WATCHED_S = 60.0
"""A longer file is measured in seconds spread evenly over it, this many in all."""
_POOR_IN_DETAIL = 0.5
_BEST_COUNTS = frozenset({"brightest", "contrast", "sharp_fine", "sharp_coarse"})


@dataclass(frozen=True)
class Options:
    """`static`: nothing is meant to move. `edited`: cuts are meant. `references`: pictures to compare with."""

    static: bool = False
    edited: bool = False
    references: tuple[Path, ...] = ()


@dataclass
class Measured:
    """Raw signals of one file (units in scoring.yaml), unit vectors of subject and background, and what made them."""

    signals: dict[str, float]
    subject: list[float]
    background: list[float]
    backbone: str
    duration: float
    references: list[float] = field(default_factory=list)


@dataclass
class _Key:
    time: float
    signals: dict[str, float]
    small: Plane


def measure(path: Path, options: Options) -> Measured:
    """Decode `path` once and measure it. Raises MediaError when it can't be scored."""
    cv2.setNumThreads(1)
    meter, keys = MotionMeter(), list[_Key]()
    end = 0.0
    with Pictures(path) as pictures:
        due = _key_times(pictures.duration)
        for picture in pictures:
            end = picture.time + pictures.interval
            if not watched(picture.time, pictures.duration):
                meter.skip()
                continue
            meter.add(picture)
            if due and picture.time >= due[0] - pictures.interval / 2:
                keys.append(_key(picture))
                due = [time for time in due if time > picture.time + pictures.interval / 2]
    if not keys or not meter.motion.pairs:
        raise MediaError("The video has nothing to measure.", hint="Check that the file plays.")
    return _joined(meter, keys, options, end)


def _key_times(duration: float) -> list[float]:
    if duration <= 0:  # a stream that doesn't say how long it is
        return [index / KEYS_A_SECOND for index in range(KEYS_MOST)]
    count = int(np.clip(round(duration * KEYS_A_SECOND), KEYS_LEAST, KEYS_MOST))
    return [duration * (index + 0.5) / count for index in range(count)]


def watched(time: float, duration: float) -> bool:
    """Whether the second at `time` is one of the measured ones."""
    if duration <= WATCHED_S:
        return True
    share = WATCHED_S / duration
    return int((int(time) + 1) * share) > int(int(time) * share)


def _key(picture: Picture) -> _Key:
    return _Key(picture.time, stills(picture), shrink(picture.bgr, 448))


def _joined(meter: MotionMeter, keys: list[_Key], options: Options, end: float) -> Measured:
    start, close = body(meter.motion.pairs)
    motion = meter.motion.between(start, close)
    cuts = find_cuts(motion.pairs)
    telling = _telling([key for key in keys if start - 1e-3 <= key.time <= close + 1e-3] or keys)
    eye = backbone()
    looks = [eye.look(key.small) for key in telling]
    signals = {
        **steadiness(motion, cuts),
        **_usual(telling),
        **_composed(looks),
        **_consistent(looks, [key.time for key in telling], [motion.pairs[cut].time for cut in cuts], options),
        "cuts": float(len(cuts)),
        "unexpected_cuts": 0.0 if options.edited else float(len(cuts)),
    }
    subject, background = (mean_vector([getattr(look, name) for look in looks]) for name in ("subject", "background"))
    return Measured(
        signals={name: value for name, value in signals.items() if np.isfinite(value)},
        subject=[round(float(value), 5) for value in subject],
        background=[round(float(value), 5) for value in background],
        backbone=eye.kind,
        duration=end,
        references=[similar_to(path, subject) for path in options.references],
    )


def _telling(keys: list[_Key]) -> list[_Key]:
    """Leave out pictures of a fade or a blank card: they say nothing about consistency or exposure."""
    spread = [key.signals["spread"] for key in keys]
    usual = float(np.median(spread))
    kept = [key for key, value in zip(keys, spread, strict=True) if value >= _POOR_IN_DETAIL * usual]
    return kept or keys


def _usual(keys: list[_Key]) -> dict[str, float]:
    """The median of each signal over the key pictures; of light and sharpness the best, which motion can't spoil."""
    return {
        name: float((np.max if name in _BEST_COUNTS else np.median)([key.signals[name] for key in keys]))
        for name in keys[0].signals
    }


def _composed(looks: list[Look]) -> dict[str, float]:
    found = [composition(look.saliency) for look in looks]
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def _consistent(looks: list[Look], times: list[float], cuts: list[float], options: Options) -> dict[str, float]:
    """Consistency inside each shot, weighted by its key pictures; one shot unless the film is edited."""
    shots: list[list[Look]] = [[]]
    ends = [*cuts, float("inf")] if options.edited else [float("inf")]
    for look, time in zip(looks, times, strict=True):
        while time >= ends[len(shots) - 1]:
            shots.append([])
        shots[-1].append(look)
    filled = [shot for shot in shots if shot]
    found = [consistency(shot) for shot in filled]
    weights = [len(shot) for shot in filled]
    return {name: float(np.average([one[name] for one in found], weights=weights)) for name in found[0]}


def similar_to(path: Path, subject: Floats) -> float:
    """Cosine of a picture's subject and `subject`. Raises MediaError when the picture can't be read."""
    data = np.frombuffer(path.read_bytes(), np.uint8)
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if bgr is None:
        raise MediaError(f"The reference picture {path.name} can't be read.", hint="Use a PNG or JPEG file.")
    return cosine(backbone().look(np.asarray(bgr, np.uint8)).subject, subject)
