"""Plays a score: instruments into a dry mix and a room, then brings the sum to the wanted loudness.

`compose_job` is the worker entry used by model.py. Tests: tests/test_providers/test_local_audio/test_composer.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.kit.media.loudness import fast_length, integrated_loudness
from app.kit.media.sound import RATE, Sound, fitted, silence, write_wav
from app.providers.local_audio import instruments
from app.providers.local_audio.moods import Mood, MusicBook, music_book
from app.providers.local_audio.score import Event, Score, write_score
from app.schemas.providers import AudioRequest

Mono = NDArray[np.float32]
_PAD_ATTACK_S = 0.35
_PAD_RELEASE_S = 0.6
_LAST_FADE_S = 0.35
_GAIN = {"pad": 0.30, "pluck": 0.26, "bass": 0.42, "kick": 0.60, "snare": 0.28, "hat": 0.12, "rise": 0.16, "boom": 0.5}
_SEND = {"pad": 0.35, "pluck": 0.6, "bass": 0.02, "kick": 0.04, "snare": 0.35, "hat": 0.15, "rise": 0.5, "boom": 0.15}


def compose_job(payload: dict[str, Any], report: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Worker entry: ``{"request": AudioRequest, "output": path}`` -> ``{"samples"}``; the WAV is whole by then."""
    request = AudioRequest.model_validate(payload["request"])
    sound = compose(request)
    output = Path(payload["output"])
    write_wav(output, sound, seed=request.seed)
    with output.open("rb") as handle:
        os.fsync(handle.fileno())
    report({"fraction": 1.0})
    return {"samples": len(sound)}


def compose(request: AudioRequest) -> Sound:
    """Return the bed: exactly round(duration * 48000) samples, stereo, at the book's loudness."""
    book = music_book()
    mood = book.moods[request.mood]
    score = write_score(request, mood, book)
    samples = round(request.duration_s * RATE)
    player = _Player(mood, samples, np.random.default_rng([request.seed, 1]))
    for event in score.events:
        player.play(event)
    return _mastered(_rung_out(player.mix(), score), book)


@dataclass
class _Player:
    """Collects notes into a dry stereo mix and a mono room send; equal notes are made once."""

    mood: Mood
    samples: int
    rng: np.random.Generator
    cache: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dry = silence(self.samples)
        self.send = np.zeros(self.samples, np.float32)

    def play(self, event: Event) -> None:
        """Add one event to the mix."""
        getattr(self, f"_play_{event.part}")(event)

    def add(self, part: str, start: float, sound: NDArray[np.float32], gain: float, pan: float = 0.0) -> None:
        """Add mono or stereo samples at `start` seconds; pan is -1 (left) to 1 (right)."""
        first = round(start * RATE)
        room = max(0, min(len(sound), self.samples - first))
        level = np.float32(gain * _GAIN[part])
        piece = sound[:room] * level
        stereo = piece if piece.ndim == 2 else piece[:, None] * np.array([1 - pan, 1 + pan], np.float32)
        self.dry[first : first + room] += stereo
        middle = (piece[:, 0] + piece[:, 1]) / 2 if piece.ndim == 2 else piece
        self.send[first : first + room] += middle * np.float32(_SEND[part])

    def once(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """Return the cached value of `key`, made on first use."""
        if key not in self.cache:
            self.cache[key] = make()
        return self.cache[key]

    def _play_pad(self, event: Event, release: float = _PAD_RELEASE_S) -> None:
        look = self.mood.pad
        loop = self.once(
            ("pad", event.notes),
            lambda: instruments.pad_loop(event.notes, look.brightness, look.width, self.rng),
        )
        length = round((event.length + release) * RATE)
        turns = -(-length // len(loop))
        held = np.tile(loop, (turns, 1))[:length]
        self.add("pad", event.start, held * instruments.edges(length, _PAD_ATTACK_S, release)[:, None], look.level)

    def _play_pluck(self, event: Event) -> None:
        look = self.mood.pluck
        note = event.notes[0]
        sound = self.once(("pluck", note), lambda: instruments.pluck(note, look.brightness, look.decay))
        self.add("pluck", event.start, sound, look.level * event.velocity, pan=0.35 * np.sin(note * 1.7))

    def _play_bass(self, event: Event) -> None:
        look = self.mood.bass
        key = ("bass", event.notes[0], round(event.length, 3))
        sound = self.once(key, lambda: instruments.bass(event.notes[0], event.length, look.brightness))
        self.add("bass", event.start, sound, look.level * event.velocity)

    def _play_kick(self, event: Event) -> None:
        sound = self.once(("kick",), lambda: instruments.kick(self.mood.drums.brightness))
        self.add("kick", event.start, sound, self.mood.drums.level * event.velocity)

    def _play_snare(self, event: Event) -> None:
        sound = self.once(("snare",), lambda: instruments.snare(self.mood.drums.brightness, self.rng))
        self.add("snare", event.start, sound, self.mood.drums.level * event.velocity, pan=0.05)

    def _play_hat(self, event: Event) -> None:
        top = 6000 + 8000 * self.mood.drums.brightness
        sound = self.once(("hat",), lambda: instruments.noise_hit(0.09, 4500, top, 0.022, self.rng))
        self.add("hat", event.start, sound, self.mood.drums.level * event.velocity, pan=-0.2)

    def _play_rise(self, event: Event) -> None:
        sound = self.once(("rise", round(event.length, 3)), lambda: instruments.rise(event.length, self.rng))
        self.add("rise", event.start, sound, event.velocity)

    def _play_accent(self, event: Event) -> None:
        boom, bell = self.once(("accent", event.notes), lambda: instruments.accent(event.notes))
        self.add("boom", event.start, boom, event.velocity)
        self.add("pluck", event.start, bell, event.velocity)

    def _play_final(self, event: Event) -> None:
        self._play_pad(event)
        self._play_bass(Event("bass", event.start, event.length, (33 + (event.notes[0] - 33) % 12,)))
        self._play_accent(Event("accent", event.start, event.length, event.notes, max(0.3, 0.8 * self.mood.accent)))
        for step, note in enumerate(event.notes[1:]):
            at = event.start + 0.045 * step
            self._play_pluck(Event("pluck", at, event.length, (note + 12 * self.mood.pluck.octave,), 0.9))

    def mix(self) -> Sound:
        """Return dry and room together."""
        response = instruments.room_response(self.rng)
        length = fast_length(self.samples + len(response))
        spectrum = np.fft.rfft(self.send, length)
        wet = np.fft.irfft(spectrum * np.fft.rfft(response.T, length), length)[:, : self.samples].T
        return self.dry + wet.astype(np.float32) * np.float32(1.6 * self.mood.room)


def _rung_out(sound: Sound, score: Score) -> Sound:
    """Let the last chord die away so that the last sample is silent."""
    start = round(score.landing * RATE)
    tail = max(1, len(sound) - start)
    fade = np.exp(-2.2 * np.linspace(0, 1, tail, dtype=np.float32) ** 1.5)
    last = min(tail, round(_LAST_FADE_S * RATE))
    fade[-last:] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, last, dtype=np.float32))
    sound[start:] *= fade[:, None]
    first = min(len(sound), round(0.01 * RATE))
    sound[:first] *= np.linspace(0, 1, first, dtype=np.float32)[:, None]
    return sound


def _mastered(sound: Sound, book: MusicBook) -> Sound:
    loudness = integrated_loudness(sound)
    if not np.isfinite(loudness):
        return sound
    loud = sound * np.float32(10 ** ((book.loudness_lufs - loudness) / 20))
    return _limited(loud, 10 ** ((book.true_peak_dbtp - 0.3) / 20))


def _limited(sound: Sound, ceiling: float) -> Sound:
    """Turn down smoothly, 8 ms ahead, wherever the level would pass `ceiling`."""
    step = round(0.002 * RATE)
    blocks = -(-len(sound) // step)
    size = np.abs(fitted(sound, blocks * step))
    peaks = np.maximum(size[:, 0], size[:, 1]).reshape(blocks, step).max(axis=1)
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    if wanted.min() >= 1.0:
        return sound
    reach = 4
    held = np.min(np.lib.stride_tricks.sliding_window_view(np.pad(wanted, reach, mode="edge"), 2 * reach + 1), axis=1)
    window = np.hanning(2 * reach + 1)[1:-1]
    smooth = np.convolve(np.pad(held, reach - 1, mode="edge"), window / window.sum(), mode="valid")
    gain = np.interp(np.arange(len(sound)), np.arange(blocks) * step + step / 2, smooth)
    return sound * gain[:, None].astype(np.float32)
