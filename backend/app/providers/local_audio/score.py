"""Turns a request into a score: beats that land on the cuts, chords, notes, rises, accents and an ending.

Pure and seeded; called by composer.py. Tests: tests/test_providers/test_local_audio/test_score.py
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from app.providers.local_audio.moods import Mood, MusicBook
from app.schemas.providers import AudioRequest

PartName = Literal["pad", "pluck", "bass", "kick", "snare", "hat", "rise", "accent", "final"]
BAR = 4
_TEMPO_SLACK = 0.08
_RING_S = 2.8
_PAD_REGISTER = 60
_RISE_S = 0.9


@dataclass(frozen=True)
class Event:
    """One thing to play: when and how long (seconds), which notes (MIDI; empty for noise), how hard (0-1)."""

    part: PartName
    start: float
    length: float
    notes: tuple[int, ...] = ()
    velocity: float = 1.0


@dataclass(frozen=True)
class Bar:
    """Up to four beats under one chord. `beats` holds their starts and the bar's end."""

    beats: tuple[float, ...]
    chord: tuple[int, ...]
    scene: int
    final: bool = False


@dataclass
class Score:
    """Everything the composer plays. `landing` is where the last chord is struck."""

    duration: float
    landing: float
    bars: list[Bar] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def write_score(request: AudioRequest, mood: Mood, book: MusicBook) -> Score:
    """Return the score of a bed; the same request gives the same score."""
    rng = np.random.default_rng(request.seed)
    cuts = sorted({round(cut, 4) for cut in request.cuts if 0.4 < cut < request.duration_s - 0.4})
    grids = _beats([0.0, *cuts, request.duration_s], request.bpm)
    tonic = mood.tonic + int(rng.integers(-2, 3))
    progression = mood.progressions[int(rng.integers(len(mood.progressions)))]
    landing = _landing(grids[-1], request.duration_s)
    score = Score(request.duration_s, landing)
    chords = [book.notes(item, tonic) for item in progression]
    ends = (book.notes(mood.cadence, tonic), book.notes(mood.final, tonic))
    score.bars = list(_bars(grids, landing, chords, ends))
    pattern = mood.pluck_patterns[int(rng.integers(len(mood.pluck_patterns)))]
    for bar in score.bars:
        score.events += _bar_events(bar, mood, pattern, len(grids), rng)
    score.events += _cut_events(cuts, score, mood)
    return score


def _beats(marks: list[float], bpm: int) -> list[list[float]]:
    """Return the beats of each scene; every cut is a first beat, so the tempo bends a little from scene to scene."""
    lengths = np.diff(marks)
    tempos = bpm * np.linspace(1 - _TEMPO_SLACK, 1 + _TEMPO_SLACK, 81)
    counts = lengths[None, :] * tempos[:, None] / 60
    bend = np.abs(counts - np.round(counts)) / np.maximum(counts, 1)
    cost = bend.sum(axis=1) + 0.2 * np.abs(tempos / bpm - 1)
    best = counts[int(np.argmin(cost))]
    return [
        [float(beat) for beat in np.linspace(first, last, max(1, round(float(count))) + 1)]
        for (first, last), count in zip(pairwise(marks), best, strict=True)
    ]


def _landing(last_scene: list[float], duration: float) -> float:
    """Return the beat of the last scene from which the final chord rings for about `_RING_S` seconds."""
    ring = min(_RING_S, 0.5 * duration)
    return min(last_scene[:-1], key=lambda beat: abs(duration - beat - ring))


def _bars(
    grids: list[list[float]], landing: float, chords: list[list[int]], ends: tuple[list[int], list[int]]
) -> Iterator[Bar]:
    turn = 0
    for scene, grid in enumerate(grids):
        playing = [beat for beat in grid if beat <= landing + 1e-6]
        beats = grid if scene < len(grids) - 1 else playing
        for first in range(0, len(beats) - 1, BAR):
            span = tuple(beats[first : first + BAR + 1])
            closing = scene == len(grids) - 1 and first + BAR >= len(beats) - 1
            chord = ends[0] if closing else chords[turn % len(chords)]
            turn += 1
            yield Bar(span, _voiced(chord), scene)
    yield Bar((landing, grids[-1][-1]), _voiced(ends[1]), len(grids) - 1, final=True)


def _voiced(chord: list[int]) -> tuple[int, ...]:
    """Return the root, then the upper notes folded into one octave around middle C, lowest first."""
    upper = sorted({_PAD_REGISTER - 5 + (note - _PAD_REGISTER + 5) % 12 for note in chord})
    return (chord[0], *upper)


def _bar_events(bar: Bar, mood: Mood, pattern: str, scenes: int, rng: np.random.Generator) -> Iterator[Event]:
    start, end = bar.beats[0], bar.beats[-1]
    if bar.final:
        yield Event("final", start, end - start, bar.chord)
        return
    yield Event("pad", start, end - start, bar.chord)
    full = bar.scene > 0 or scenes == 1
    for place, at, length in _sixteenths(bar):
        swing = float(rng.uniform(-0.06, 0.06))
        if pattern[place] != ".":
            note = _pluck_note(bar.chord, int(pattern[place])) + 12 * mood.pluck.octave
            accent = 1.0 if place == 0 else 0.78
            yield Event("pluck", at, 4 * length, (note,), accent + swing)
        if full and mood.bass_pattern[place] != ".":
            yield Event("bass", at, _until_next(mood.bass_pattern, place) * length, _bass_notes(bar, mood, place))
        if not full and place == 0:
            yield Event("bass", at, end - at, _bass_notes(bar, mood, place), 0.6)
        if full and mood.drums.level:
            yield from _drum_events(mood, place, at, swing)


def _sixteenths(bar: Bar) -> Iterator[tuple[int, float, float]]:
    """Yield (place in a full bar, start, length) of every sixteenth of a bar."""
    for number, (first, last) in enumerate(pairwise(bar.beats)):
        step = (last - first) / 4
        for quarter in range(4):
            yield number * 4 + quarter, first + quarter * step, step


def _pluck_note(chord: tuple[int, ...], index: int) -> int:
    upper = chord[1:]
    octave, place = divmod(index, len(upper))
    return upper[place] + 12 * octave


def _bass_notes(bar: Bar, mood: Mood, place: int) -> tuple[int]:
    root = 33 + (bar.chord[0] - 33) % 12
    return (root + {"r": 0, "f": 7, "o": 12}[mood.bass_pattern[place]],)


def _until_next(pattern: str, place: int) -> int:
    rest = pattern[place + 1 :]
    return next((steps for steps, mark in enumerate(rest, 1) if mark != "."), len(rest) + 1)


def _drum_events(mood: Mood, place: int, at: float, swing: float) -> Iterator[Event]:
    parts: tuple[tuple[PartName, str], ...] = (("kick", mood.kick), ("snare", mood.snare), ("hat", mood.hat))
    for part, pattern in parts:
        if pattern[place] != ".":
            yield Event(part, at, 0.3, (), (1.0 if pattern[place] == "x" else 0.55) + swing)


def _cut_events(cuts: list[float], score: Score, mood: Mood) -> Iterator[Event]:
    before = 0.0
    for cut in cuts:
        rise = min(_RISE_S, 0.6 * (cut - before))
        chord = next((bar.chord for bar in score.bars if abs(bar.beats[0] - cut) < 1e-3), score.bars[-1].chord)
        yield Event("rise", cut - rise, rise, (), mood.rise)
        yield Event("accent", cut, 1.6, chord, mood.accent)
        before = cut
