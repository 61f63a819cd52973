"""Colour arithmetic: hex and sRGB, OKLCH, WCAG contrast. Pure functions on tuples of floats in 0-1.

Used by look.py and the bakers. OKLCH after Björn Ottosson's published matrices.
Tests: tests/test_providers/test_local_video/test_color.py
"""

from __future__ import annotations

import math

RGB = tuple[float, float, float]
LCH = tuple[float, float, float]


def from_hex(text: str) -> RGB:
    """Return sRGB in 0-1 for ``#rrggbb`` (the ``#`` may be missing)."""
    digits = text.lstrip("#")
    return int(digits[0:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255


def to_hex(rgb: RGB) -> str:
    """Return ``#rrggbb`` for sRGB in 0-1."""
    return "#" + "".join(f"{round(min(1.0, max(0.0, c)) * 255):02x}" for c in rgb)


def _linear(c: float) -> float:
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def _gamma(c: float) -> float:
    return 12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055


def luminance(rgb: RGB) -> float:
    """WCAG relative luminance, 0-1."""
    r, g, b = (_linear(c) for c in rgb)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: RGB, other: RGB) -> float:
    """WCAG contrast ratio, 1-21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def to_lch(rgb: RGB) -> LCH:
    """Return OKLCH: lightness 0-1, chroma about 0-0.37, hue in degrees."""
    r, g, b = (_linear(c) for c in rgb)
    l_ = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    m_ = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    s_ = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    light = 0.2104542553 * l_ + 0.7936177850 * m_ - 0.0040720468 * s_
    a = 1.9779984951 * l_ - 2.4285922050 * m_ + 0.4505937099 * s_
    bb = 0.0259040371 * l_ + 0.7827717662 * m_ - 0.8086757660 * s_
    return light, math.hypot(a, bb), math.degrees(math.atan2(bb, a)) % 360


def _lch_to_linear(lch: LCH) -> RGB:
    light, chroma, hue = lch
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    l_ = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m_ = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s_ = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
    )


def from_lch(lch: LCH) -> RGB:
    """Return the sRGB colour of an OKLCH one; chroma is lowered until it fits the gamut."""
    light, chroma, hue = min(1.0, max(0.0, lch[0])), lch[1], lch[2]
    for _ in range(24):
        linear = _lch_to_linear((light, chroma, hue))
        if all(-1e-4 <= c <= 1 + 1e-4 for c in linear):
            break
        chroma *= 0.9
    r, g, b = (_gamma(min(1.0, max(0.0, c))) for c in linear)
    return r, g, b


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """Return `one` with `share` (0-1) of `other` mixed in, per sRGB channel."""
    r, g, b = (a + (z - a) * share for a, z in zip(one, other, strict=True))
    return r, g, b


def readable(rgb: RGB, grounds: list[RGB], ratio: float = 4.5) -> RGB:
    """Return `rgb` with its lightness moved until it has `ratio` against every ground; hue and chroma kept.

    The direction is the one with more room. Falls back to the better of near-black and near-white.
    """
    light, chroma, hue = to_lch(rgb)
    brighter = sum(luminance(g) for g in grounds) / len(grounds) < 0.18
    step = 0.01 if brighter else -0.01
    while 0.0 <= light <= 1.0:
        candidate = from_lch((light, chroma, hue))
        if all(contrast(candidate, ground) >= ratio for ground in grounds):
            return candidate
        light += step
    return (1.0, 1.0, 1.0) if brighter else (0.0, 0.0, 0.0)
