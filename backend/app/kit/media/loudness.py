"""Loudness and true peak of a sound, after ITU-R BS.1770-5 (gated, K-weighted; 4 times oversampled peak).

The K-weighting is the standard's two biquads, applied by FFT: their exact response, in one pass, without scipy.
Used by composers and delivery checks. Tests: tests/test_kit/test_media_loudness.py (against libavfilter's ebur128)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.kit.media.sound import RATE, Sound

_SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585])
_HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
"""(b, a) of the two K-weighting stages at 48 kHz, BS.1770-5 tables 1 and 2."""
_BLOCK = round(0.4 * RATE)
_HOP = _BLOCK // 4
_OFFSET = -0.691
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_TAPS = 24
_OVERSAMPLING = 4


def fast_length(samples: int) -> int:
    """Return the smallest 2^a·3^b·5^c not below `samples`: lengths an FFT is quick at."""
    best = 1 << (samples - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            two = three << max(0, (-(-samples // three) - 1).bit_length())
            best = min(best, two)
            three *= 3
        five *= 5
    return best


def k_weighted(sound: Sound) -> Sound:
    """Return the K-weighted sound (same shape)."""
    length = fast_length(len(sound) + RATE // 4)
    turns = np.exp(-2j * np.pi * np.arange(length // 2 + 1) / length)
    response = _response(_SHELF, turns) * _response(_HIGH_PASS, turns)
    spectrum = np.fft.rfft(sound.T, length) * response.astype(np.complex64)
    return np.fft.irfft(spectrum, length)[:, : len(sound)].T.astype(np.float32)


def _response(filter_: tuple[list[float], list[float]], turns: NDArray[np.complex128]) -> NDArray[np.complex128]:
    b, a = filter_
    top: NDArray[np.complex128] = b[0] + turns * (b[1] + turns * b[2])
    return top / (a[0] + turns * (a[1] + turns * a[2]))


def block_loudness(sound: Sound) -> NDArray[np.float64]:
    """Return the momentary loudness (LUFS) of 400 ms blocks, one every 100 ms; -inf where silent."""
    if len(sound) < _BLOCK:
        return np.empty(0)
    weighted = k_weighted(sound)
    power = np.square(weighted[:, 0]) + np.square(weighted[:, 1])
    sums = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
    first = np.arange(0, len(sound) - _BLOCK + 1, _HOP)
    mean = np.maximum(0.0, sums[first + _BLOCK] - sums[first]) / _BLOCK
    with np.errstate(divide="ignore"):
        loudness: NDArray[np.float64] = _OFFSET + 10 * np.log10(mean)
    return loudness


def integrated_loudness(sound: Sound) -> float:
    """Return the gated loudness in LUFS; -inf for silence or less than 400 ms."""
    blocks = block_loudness(sound)
    loud = blocks[blocks > _ABSOLUTE_GATE]
    if not len(loud):
        return float("-inf")
    kept = loud[loud > _mean_loudness(loud) + _RELATIVE_GATE]
    return _mean_loudness(kept)


def _mean_loudness(blocks: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(10 ** (blocks / 10))))


def true_peak(sound: Sound) -> float:
    """Return the highest value between and on the samples, in dBTP; -inf for silence.

    Only places near the sample peak are interpolated: elsewhere a peak can't be the highest.
    """
    peak = float(np.abs(sound).max(initial=0.0))
    if peak == 0.0:
        return float("-inf")
    padded = np.pad(sound, ((_TAPS, _TAPS), (0, 0)))
    kernels = _interpolators()
    highest = peak
    for channel in padded.T:
        near = np.flatnonzero(np.abs(channel[_TAPS:-_TAPS]) > 0.7 * peak) + _TAPS
        window = np.arange(-_TAPS // 2 + 1, _TAPS // 2 + 1)
        for start in range(0, len(near), 65_536):
            around = channel[near[start : start + 65_536, None] + window]
            highest = max(highest, float(np.abs(around @ kernels).max(initial=0.0)))
    return float(20 * np.log10(highest))


def _interpolators() -> NDArray[np.float32]:
    """Return shape (taps, 3): windowed-sinc filters a quarter, a half and three quarters of a sample later."""
    place = np.arange(-_TAPS // 2 + 1, _TAPS // 2 + 1)[:, None] - np.arange(1, _OVERSAMPLING) / _OVERSAMPLING
    window = np.cos(np.pi * place / (_TAPS + 2)) ** 2
    kernel = np.sinc(place) * window
    taps: NDArray[np.float32] = (kernel / kernel.sum(axis=0)).astype(np.float32)
    return taps
