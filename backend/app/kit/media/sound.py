"""Sound as float32 arrays of shape (samples, 2) at 48 kHz: read, write, place on one timeline, encode once.

Used by stitching and by composers. Tests: tests/test_kit/test_media_sound.py
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from app.core.errors import InvalidInput
from app.kit.media.facts import open_media

Sound = NDArray[np.float32]
"""Shape (samples, 2), -1 to 1, at `RATE`."""
RATE = 48_000
EDGE_FADE_S = 0.008
_DUCKED = 0.5
_DUCK_RAMP_S = 0.15
_AUDIBLE = 10 ** (-50 / 20)
_CEILING = 10 ** (-1.5 / 20)


def silence(samples: int) -> Sound:
    """Return `samples` of nothing."""
    return np.zeros((samples, 2), np.float32)


def read_sound(path: Path) -> tuple[Sound, float]:
    """Decode the first audio stream to 48 kHz stereo; also return when it starts against the video, in seconds.

    Raises:
        InvalidInput: no readable media file, or no sound in it.
        MediaError: it does not decode.
    """
    with open_media(path) as container:
        if not container.streams.audio:
            raise InvalidInput(f"{path.name} has no sound in it.", hint="Give a file with an audio track.")
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=RATE)
        parts: list[Sound] = []
        start: float | None = None
        for frame in container.decode(stream):
            if start is None:
                start = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else 0.0
            parts += [_array(resampled) for resampled in resampler.resample(frame)]
        parts += [_array(resampled) for resampled in resampler.resample(None)]
    return (np.concatenate(parts) if parts else silence(0)), start or 0.0


def _array(frame: av.AudioFrame) -> Sound:
    return frame.to_ndarray().reshape(-1, 2).astype(np.float32, copy=False)


def write_wav(path: Path, sound: Sound, *, seed: int = 0) -> None:
    """Write 16-bit PCM with triangular dither (seeded, so the same sound gives the same bytes)."""
    dither = np.random.default_rng(seed).random((2, *sound.shape), np.float32)
    steps = np.round(sound * 32767.0 + dither[0] - dither[1])
    pcm = np.clip(steps, -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.tobytes())


def fitted(sound: Sound, samples: int) -> Sound:
    """Return exactly `samples`: longer sound is cut with a short fade, shorter sound is followed by silence.

    Sound that fits is returned as it is, not copied.
    """
    if len(sound) >= samples:
        return faded(sound[:samples].copy()) if len(sound) > samples else sound
    return np.concatenate([sound, silence(samples - len(sound))])


def faded(sound: Sound, seconds: float = EDGE_FADE_S) -> Sound:
    """Fade both ends in place, so that a cut never clicks."""
    length = min(round(seconds * RATE), len(sound) // 2)
    if length:
        ramp = (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, length, dtype=np.float32)))[:, None]
        sound[:length] *= ramp
        sound[-length:] *= ramp[::-1]
    return sound


def is_audible(sound: Sound) -> bool:
    """True when its level (RMS) is above -50 dBFS."""
    flat = sound.reshape(-1)
    return bool(len(flat)) and float(np.dot(flat, flat)) / len(flat) > _AUDIBLE**2


def placed(sound: Sound, start: float, samples: int) -> Sound:
    """Return `samples` long sound that begins `start` seconds in (negative: its head is dropped), edges faded."""
    offset = round(start * RATE)
    body = sound[-offset:] if offset < 0 else sound
    room = samples - max(0, offset)
    if room <= 0 or not len(body):
        return silence(samples)
    slot = silence(samples)
    piece = faded(body[:room].copy())
    slot[max(0, offset) : max(0, offset) + len(piece)] = piece
    return slot


def mixed(bed: Sound, pieces: list[tuple[int, Sound]]) -> Sound:
    """Lay pieces (first sample, sound) over a bed of the wanted length; the bed ducks by 6 dB under audible ones.

    The sum is turned down as a whole where it would pass -1.5 dBFS.
    """
    total = bed.copy()
    audible = [(at, piece) for at, piece in pieces if is_audible(piece)]
    if audible:
        total *= _ducking(len(bed), audible)[:, None]
    for at, piece in audible:
        room = min(len(piece), len(total) - at)
        total[at : at + room] += piece[:room]
    peak = max(float(total.max(initial=0.0)), -float(total.min(initial=0.0)))
    if peak > _CEILING:
        total *= np.float32(_CEILING / peak)
    return total


def _ducking(samples: int, pieces: list[tuple[int, Sound]]) -> NDArray[np.float32]:
    gain = np.ones(samples, np.float32)
    for at, piece in pieces:
        gain[at : at + len(piece)] = _DUCKED
    ramp = round(_DUCK_RAMP_S * RATE)
    padded = np.pad(gain, (ramp // 2, ramp - ramp // 2), mode="edge")
    sums = np.cumsum(padded, dtype=np.float64)
    return ((sums[ramp:] - sums[:-ramp]) / ramp).astype(np.float32)


def encode_aac(stream: AudioStream, sound: Sound) -> Iterator[av.Packet[AudioStream]]:
    """Encode the whole sound with one continuous clock; yields packets in order."""
    step = stream.codec_context.frame_size or 1024
    for first in range(0, len(sound), step):
        block = np.ascontiguousarray(sound[first : first + step].T)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate = RATE
        frame.pts = first
        frame.time_base = Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)
