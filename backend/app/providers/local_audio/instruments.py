"""The composer's instruments: each returns float32 samples of one note, chord or hit at 48 kHz.

Pads are drawn in the frequency domain (many slightly spread harmonics with random phases) and loop without a seam.
Called by composer.py. Tests: tests/test_providers/test_local_audio/test_instruments.py
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.kit.media.sound import RATE, Sound

Mono = NDArray[np.float32]
_PAD_LOOP = 1 << 17
_PAD_SPREAD_CENTS = 14.0
_PAD_PARTIALS = 14


def hertz(note: float) -> float:
    """Return the frequency of a MIDI note."""
    return float(440.0 * 2 ** ((note - 69) / 12))


def seconds(length: float) -> NDArray[np.float32]:
    """Return the times of the samples of `length` seconds."""
    return np.arange(max(1, round(length * RATE)), dtype=np.float32) / np.float32(RATE)


def _mono(samples: NDArray[np.floating[Any]]) -> Mono:
    return samples.astype(np.float32, copy=False)


def edges(length: int, attack: float, release: float) -> Mono:
    """Return a raised-cosine envelope with the given attack and release in seconds."""
    shape = np.ones(length, np.float32)
    up, down = min(length // 2, round(attack * RATE)), min(length // 2, round(release * RATE))
    if up:
        shape[:up] = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, up, dtype=np.float32))
    if down:
        shape[-down:] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, down, dtype=np.float32))
    return shape


def pad_loop(notes: tuple[int, ...], brightness: float, width: float, rng: np.random.Generator) -> Sound:
    """Return a seamless loop of about 2.7 s (samples, 2) holding a chord, peak near 1."""
    bins = _PAD_LOOP // 2 + 1
    amount = np.zeros(bins, np.float32)
    step = RATE / _PAD_LOOP
    cutoff = 350 * 2 ** (5 * brightness)
    for note in notes:
        for partial in range(1, _PAD_PARTIALS + 1):
            frequency = hertz(note) * partial
            spread = frequency * (2 ** (_PAD_SPREAD_CENTS / 1200) - 1) + 0.4
            low, high = int((frequency - 3 * spread) / step), int((frequency + 3 * spread) / step) + 2
            if high >= bins:
                break
            place = np.arange(low, high) * step
            loud = partial**-1.15 / (1 + (frequency / cutoff) ** 2) / np.sqrt(spread)
            amount[low:high] += loud * np.exp(-0.5 * ((place - frequency) / spread) ** 2)
    phases = rng.uniform(0, 2 * np.pi, (2, bins)).astype(np.float32)
    phases[1] = phases[0] + width * (phases[1] - np.pi)
    loop = np.fft.irfft(amount * np.exp(1j * phases).astype(np.complex64), _PAD_LOOP).T
    return np.ascontiguousarray(loop / np.abs(loop).max()).astype(np.float32)


def pluck(note: int, brightness: float, decay: float) -> Mono:
    """Return one soft mallet-like note: a bright start that darkens, two octaves fall twice as fast."""
    base = hertz(note)
    fall = decay * 2 ** ((69 - note) / 24)
    time = seconds(min(2.4, 1.6 * fall + 0.15))
    turn = (2 * np.pi * base) * time
    strike = (0.4 + 2.2 * brightness) * np.exp(-time / (0.11 * fall + 0.02))
    body = np.sin(turn + strike * np.sin(2 * turn)) * np.exp(-time / (0.33 * fall))
    tine = 0.22 * brightness * np.sin(4 * turn) * np.exp(-time / (0.09 * fall))
    return _mono((body + tine) * edges(len(time), 0.004, 0.06))


def bass(note: int, length: float, brightness: float) -> Mono:
    """Return one round bass note."""
    time = seconds(max(0.12, min(length, 5.0) * 0.97))
    turn = (2 * np.pi * hertz(note)) * time
    tone = np.sin(turn) + brightness * (0.7 * np.sin(2 * turn) + 0.35 * np.sin(3 * turn)) * np.exp(-time / 0.35)
    return _mono(np.tanh(1.2 * tone) * np.exp(-time / 2.0) * edges(len(time), 0.012, 0.09))


def kick(brightness: float) -> Mono:
    """Return one soft kick: a falling sine with a little click."""
    time = seconds(0.34)
    sweep = 46 * time - 62 * 0.035 * np.exp(-time / 0.035)
    tone = np.sin(2 * np.pi * (sweep + 62 * 0.035)) * np.exp(-time / 0.11)
    click = brightness * 0.25 * np.sin(2 * np.pi * 1300 * time) * np.exp(-time / 0.004)
    return _mono((tone + click) * edges(len(time), 0.002, 0.05))


def noise_hit(length: float, low: float, high: float, decay: float, rng: np.random.Generator) -> Mono:
    """Return band-limited noise that dies away: hats, shakers, snares. `decay` is the time constant."""
    time = seconds(length)
    hiss = band(rng.standard_normal(len(time)).astype(np.float32), low, high)
    return _mono(hiss * np.exp(-time / decay) * edges(len(time), 0.0015, 0.02))


def snare(brightness: float, rng: np.random.Generator) -> Mono:
    """Return one soft clap-like snare."""
    hiss = noise_hit(0.26, 700, 2500 + 5000 * brightness, 0.055, rng)
    time = seconds(0.26)
    return _mono(0.75 * hiss + 0.3 * np.sin(2 * np.pi * 185 * time) * np.exp(-time / 0.05))


def band(samples: Mono, low: float, high: float) -> Mono:
    """Return the samples between two frequencies (soft edges), peak 1."""
    places = np.fft.rfftfreq(len(samples), 1 / RATE)
    keep = 1 / (1 + (low / np.maximum(places, 1.0)) ** 4) / (1 + (places / high) ** 4)
    shaped = np.fft.irfft(np.fft.rfft(samples) * keep.astype(np.float32), len(samples))
    return _mono(shaped / max(1e-9, float(np.abs(shaped).max())))


def rise(length: float, rng: np.random.Generator) -> Sound:
    """Return a breath of air that grows and brightens towards its last sample (the cut)."""
    time = seconds(length) / length
    hiss = rng.standard_normal((2, len(time))).astype(np.float32)
    sides = [band(side, 250, 1400) * (1 - time) + band(side, 900, 6500) * time for side in hiss]
    swell = time**2.6 * edges(len(time), 0.0, 0.03)
    return np.stack([side * swell for side in sides], axis=1).astype(np.float32)


def accent(chord: tuple[int, ...]) -> tuple[Mono, Mono]:
    """Return a cut's accent as (low boom, high bell of the chord's top notes)."""
    time = seconds(1.6)
    sweep = 41 * time - 24 * 0.09 * np.exp(-time / 0.09)
    boom = np.sin(2 * np.pi * (sweep + 24 * 0.09)) * np.exp(-time / 0.34) * edges(len(time), 0.006, 0.3)
    bell = sum(
        (np.sin(2 * np.pi * hertz(note + 12) * ratio * time) * weight * np.exp(-time / fall))
        for note in chord[-2:]
        for ratio, weight, fall in ((1.0, 0.5, 0.5), (2.0, 0.22, 0.28), (3.01, 0.1, 0.14))
    )
    return boom.astype(np.float32), (np.asarray(bell) * edges(len(time), 0.005, 0.3)).astype(np.float32)


def room_response(rng: np.random.Generator, length: float = 1.7) -> Sound:
    """Return a stereo impulse response (samples, 2) of a soft hall; the highs die first. Unit energy a side."""
    time = seconds(length)
    hiss = rng.standard_normal((2, len(time))).astype(np.float32)
    sides = []
    for side in hiss:
        dark, bright = band(side, 150, 1500), band(side, 1500, 7000)
        tail = dark * np.exp(-time / 0.42) + 0.6 * bright * np.exp(-time / 0.2)
        tail *= edges(len(time), 0.012, 0.25)
        sides.append(tail / np.sqrt(np.square(tail).sum()))
    return np.stack(sides, axis=1).astype(np.float32)
