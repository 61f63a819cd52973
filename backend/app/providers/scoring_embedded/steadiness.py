"""Turns the records of motion.py into signals: flicker, shake, wobble, repeats, frozen stretches, cuts.

One idea carries most of it: a healthy change goes somewhere, a fault goes back and forth. `back_and_forth` is the
path walked minus the way gained. Called by measure.py.
Tests: tests/test_providers/test_scoring_embedded/test_steadiness.py
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.providers.scoring_embedded.fading import Fade
from app.providers.scoring_embedded.motion import Beat, Motion, Pair

Series = NDArray[np.float64]
_WINDOW_S = 1.0
_FROZEN_RUN_S = 0.4
_STILL = 0.06
_HOLD_S = 0.25
_CALM = 0.3
_UNEXPLAINED = 0.65
_CARD_S = 0.25
_BODY_LEAST = 0.4
DRIFT_S = 8.0
_POP_LEAST, _POP_TIMES = 6.0, 5.0


def steadiness(motion: Motion, cuts: list[int]) -> dict[str, float]:
    """Return the time signals of one file; `cuts` are indices of pairs that cross a cut."""
    pairs = motion.pairs
    crossed = set(cuts)
    kept = [pair for index, pair in enumerate(pairs) if index not in crossed]
    times = np.array([pair.time for pair in kept])
    light = np.array([[pair.gain] for pair in kept])
    camera = np.array([[pair.global_x, pair.global_y, pair.zoom, pair.roll] for pair in kept])
    at = [pairs[cut].time for cut in cuts]
    whole = [beat for beat in motion.beats if not any(beat.time - beat.step < cut <= beat.time for cut in at)]
    speed = np.array([pair.fastest / max(pair.step, 1e-3) for pair in kept])
    errors = np.array([misfit.error for misfit in motion.misfits] or [0.0])
    apart = np.array([misfit.change for misfit in motion.misfits] or [0.0])
    return {
        "temporal_flickering": (255 - float(np.mean([pair.flicker for pair in pairs]))) / 255,
        "motion_smoothness_dis": (255 - float(errors.mean())) / 255,
        "light_flicker": back_and_forth(light, times),
        "camera_shake": back_and_forth(camera, times),
        "wobble": wobble(trusted(whole)),
        "colour_drift": colour_drift(whole, at),
        "dissolve": dissolve(motion.fades, at),
        "pops": pops(kept),
        "repeats": repeats(kept),
        "frozen": frozen(kept),
        "misfit": float(np.median(errors / (apart + 1.0))),
        "misfit_worst": float(np.quantile(errors / (apart + 1.0), 0.9)),
        "residual": float(np.median([pair.residual for pair in kept])),
        "residual_share": float(np.median([pair.residual / (pair.change + 1.0) for pair in kept])),
        "dynamic_degree_dis": float(np.mean(speed)),
        "change": float(np.mean([pair.change for pair in kept])),
    }


def back_and_forth(steps: Series, times: Series, window: float = _WINDOW_S) -> float:
    """Path minus net way, a second, averaged over windows; `steps` has one row a pair."""
    if len(steps) < 2:
        return 0.0
    found, start = [], times[0]
    while True:
        inside = (times >= start - 1e-6) & (times < start + window)
        if inside.sum() >= 2:
            part = steps[inside]
            span = max(times[inside][-1] - times[inside][0], 0.2)
            found.append((np.linalg.norm(part, axis=1).sum() - np.linalg.norm(part.sum(axis=0))) / span)
        start += window / 2
        if start + window / 2 >= times[-1]:
            break
    return float(np.mean(found)) if found else 0.0


def trusted(beats: list[Beat]) -> list[Beat]:
    """Return the beats that are motion: displacement explains most of the change."""
    return [beat for beat in beats if beat.unexplained <= _UNEXPLAINED]


def wobble(beats: list[Beat]) -> float:
    """Back and forth of structure that should stand still: over the calmer textured cells, in widths a second."""
    if len(beats) < 3:
        return 0.0
    fields = np.array([beat.field for beat in beats], np.float64)
    texture = np.mean([beat.texture for beat in beats], axis=0)
    textured = texture > max(0.8, 0.3 * float(np.median(texture)))
    if textured.sum() < 6:
        return 0.0
    steps = fields[:, textured]
    span = sum(beat.step for beat in beats)
    path = np.linalg.norm(steps, axis=2).sum(axis=0)
    net = np.linalg.norm(steps.sum(axis=0), axis=1)
    return float(np.quantile(path - net, _CALM) / span)


def colour_drift(beats: list[Beat], cuts: list[float]) -> float:
    """How far the colour of the same things goes inside a shot, as a logarithm of one channel over another.

    A fade goes nowhere. Counted over DRIFT_S at a time, so that a long shot may turn with the sun.
    """
    shots = np.searchsorted(cuts, [beat.time for beat in beats], side="right")
    found = [0.0]
    for shot in np.unique(shots):
        kept = [beat for beat, number in zip(beats, shots, strict=True) if number == shot]
        way = np.cumsum([(0.0, 0.0), *(beat.tint for beat in kept)], axis=0)
        length = max(1, round(DRIFT_S / float(np.mean([beat.step for beat in kept]))))
        for start in range(0, len(kept), length):
            found.append(float(np.linalg.norm(way[start : start + length + 1] - way[start], axis=1).max()))
    return max(found)


def dissolve(fades: list[Fade], cuts: list[float]) -> float:
    """Share of the picture that fades into another one: mean over the half of the time that does so most."""
    shares = sorted(fade.share for fade in fades if not any(fade.time - fade.span < cut <= fade.time for cut in cuts))
    return float(np.mean(shares[len(shares) // 2 :])) if shares else 0.0


def pops(pairs: list[Pair]) -> float:
    """Share of the picture, a second, that appears, vanishes or jumps at once: unexplained change in one step only."""
    if len(pairs) < 3:
        return 0.0
    cells = np.array([pair.cells for pair in pairs])
    beside = np.maximum(cells[:-2], cells[2:])
    shares = (cells[1:-1] > _POP_LEAST + _POP_TIMES * beside).mean(axis=(1, 2))
    return float(shares.sum()) / sum(pair.step for pair in pairs)


def repeats(pairs: list[Pair]) -> float:
    """Share of time lost to short holds in the middle of motion: repeated pictures, or gaps in the timestamps."""
    change = np.array([pair.change for pair in pairs])
    step = np.array([pair.step for pair in pairs])
    lost = float(np.maximum(0, step - 1.5 * float(np.median(step))).sum())
    at = np.cumsum(step)
    for index, value in enumerate(change):
        before = change[(at < at[index]) & (at >= at[index] - _HOLD_S)]
        after = change[(at > at[index]) & (at <= at[index] + _HOLD_S)]
        around = min(before.max(initial=0.0), after.max(initial=0.0))
        if around > 4 * _STILL and value < max(_STILL, 0.15 * around):
            lost += step[index]
    return lost / float(step.sum())


def frozen(pairs: list[Pair]) -> float:
    """Share of time in which nothing at all moves, counted in runs of at least 0.4 s."""
    total = run = stuck = 0.0
    for pair in pairs:
        total += pair.step
        if pair.change < _STILL:
            run += pair.step
            continue
        stuck += run if run >= _FROZEN_RUN_S else 0.0
        run = 0.0
    stuck += run if run >= _FROZEN_RUN_S else 0.0
    return stuck / total if total else 0.0


def find_cuts(pairs: list[Pair]) -> list[int]:
    """Indices of pairs across which the picture is replaced: much more change than around them, beyond any flow."""
    residual = np.array([pair.residual for pair in pairs])
    found = []
    for index, pair in enumerate(pairs):
        near = residual[max(0, index - 6) : index + 7]
        usual = float(np.median(near))
        if pair.residual > 6 + 3.5 * usual and pair.histogram > 0.015:
            found.append(index)
    return found


def body(pairs: list[Pair]) -> tuple[float, float]:
    """First and last second of a clip without its cards: still stretches at either end, behind a hard cut."""
    start, end = pairs[0].time - pairs[0].step, pairs[-1].time
    cuts = set(find_cuts(pairs))
    first = next((index for index, pair in enumerate(pairs) if pair.change >= _STILL), len(pairs))
    last = next((index for index in range(len(pairs) - 1, -1, -1) if pairs[index].change >= _STILL), -1)
    opens = pairs[first].time if first in cuts and pairs[first].time - start >= _CARD_S else start
    closes = pairs[last].time - pairs[last].step if last in cuts and end - pairs[last].time >= _CARD_S else end
    return (opens, closes) if closes - opens >= _BODY_LEAST * (end - start) else (start, end)
