"""The look of an ad, derived once from palette, tone and ad seed, so that all its clips share it.

A look is colours (one background family, one accent, tinted neutrals), a font pair and a temper. Every text
colour keeps 4.5:1 against every colour its backdrop can show. Data: config/art/looks.yaml.
Called by render.py. Tests: tests/test_providers/test_local_video/test_look.py
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from app.kit.ids import seed_from
from app.kit.yaml_source import quick_yaml
from app.providers.local_video import color
from app.providers.local_video.color import LCH, RGB
from app.schemas.providers import VideoRequest

_DATA = Path(__file__).parents[2] / "config" / "art" / "looks.yaml"
_GREY = 0.025
"""OKLCH chroma below which a colour counts as neutral."""

Theme = Literal["dark", "light", "vivid"]


@dataclass(frozen=True, slots=True)
class Pair:
    """The faces of an ad; see looks.yaml."""

    display: str
    accent: str
    body: str
    strong: str
    label: str
    scale: float
    leading: float
    tracking: float
    caps: bool


@dataclass(frozen=True, slots=True)
class Look:
    """Colours are sRGB in 0-1. `deep`, `base`, `pool` are the backdrop from edge to key light."""

    theme: Theme
    backdrop: str
    deep: RGB
    base: RGB
    pool: RGB
    ink: RGB
    muted: RGB
    accent: RGB
    accent_text: RGB
    on_accent: RGB
    flash: RGB
    night: RGB
    """What overexpose and dip go to: the same on every theme, so that neighbours meet."""
    pair: Pair
    energy: float
    bokeh: bool
    seed: int

    @property
    def label_tracking(self) -> float:
        """Tracking of kickers: wide for sans, less for mono, which is wide already."""
        return 0.08 if "mono" in self.pair.label else 0.16

    @property
    def grounds(self) -> list[RGB]:
        """The extremes of colour a generated backdrop can show behind text."""
        return [self.deep, self.base, self.pool]


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = quick_yaml(_DATA.read_text())
    return data


def derive_look(request: VideoRequest, theme: Theme | None = None) -> Look:
    """Return the look of the ad this request belongs to; only palette, tone and ad_seed are read.

    `theme` forces one: the same ad by night (over photos) or by day (under a dark logo).
    """
    rng = random.Random(seed_from("look", request.ad_seed, request.tone))
    tone = _data()["tones"][request.tone]
    palette = [color.to_lch(color.from_hex(c)) for c in request.palette] or _spare_palette(rng)
    drawn = _theme(rng, tone["themes"], palette)
    theme = theme or drawn
    lead, accent = _lead_and_accent(palette, rng)
    deep, base, pool = _GROUNDS[theme](lead, float(tone["richness"]))
    grounds = [deep, base, pool]
    fill = _accent_fill(accent, theme)
    on_accent = _on(fill, lead)
    fill = color.readable(fill, [on_accent], 5.0)
    return Look(
        theme=theme,
        backdrop=rng.choice(tone["backdrops"]),
        deep=deep,
        base=base,
        pool=pool,
        ink=color.readable(_ink(lead, theme, 0.97, 0.22), grounds, 5.5),
        muted=color.readable(_ink(lead, theme, 0.84, 0.38), grounds, 4.8),
        accent=fill,
        accent_text=color.readable(fill, grounds, 4.6),
        on_accent=on_accent,
        flash=color.from_lch((0.965, min(0.014, lead[1] * 0.2), lead[2])),
        night=color.from_lch((0.10, min(0.018, lead[1] * 0.2), lead[2])),
        pair=Pair(**_data()["pairs"][rng.choice(tone["pairs"])]),
        energy=float(tone["energy"]),
        bokeh=rng.random() < float(tone["bokeh"]),
        seed=rng.randrange(2**31),
    )


def _spare_palette(rng: random.Random) -> list[LCH]:
    return [color.to_lch(color.from_hex(c)) for c in rng.choice(_data()["palettes"])]


def _theme(rng: random.Random, themes: list[Theme], palette: list[LCH]) -> Theme:
    """Pick a theme; a very dark or very light lead colour (the product) gets the ground it stands out from."""
    wanted = rng.choice(themes)
    light, chroma, _ = palette[0]
    if chroma < 0.06 and light < 0.35 and "light" in themes:
        return "light"
    if chroma < 0.06 and light > 0.88 and "dark" in themes:
        return "dark"
    return wanted


def _lead_and_accent(palette: list[LCH], rng: random.Random) -> tuple[LCH, LCH]:
    """Return the colour that tints the background and the one that draws the eye."""
    coloured = [c for c in palette if c[1] >= _GREY * 1.6]
    if not coloured:
        spare = _spare_palette(rng)
        return (palette[0][0], 0.012, spare[0][2]), spare[1]
    lead = coloured[0]
    others = [c for c in coloured[1:] if _apart(c[2], lead[2]) > 28]
    return lead, max(others, key=lambda c: c[1]) if others else max(coloured, key=lambda c: c[1])


def _apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def _dark_ground(lead: LCH, rich: float) -> tuple[RGB, RGB, RGB]:
    chroma, hue = lead[1] * rich, lead[2]
    return (
        color.from_lch((0.155, min(0.035, chroma * 0.35), hue)),
        color.from_lch((0.245, min(0.065, chroma * 0.6), hue)),
        color.from_lch((0.46, min(0.115, chroma * 0.95), hue)),
    )


def _light_ground(lead: LCH, rich: float) -> tuple[RGB, RGB, RGB]:
    chroma, hue = lead[1] * rich, lead[2]
    return (
        color.from_lch((0.79, min(0.085, chroma * 0.65), hue)),
        color.from_lch((0.895, min(0.055, chroma * 0.48), hue)),
        color.from_lch((0.975, min(0.018, chroma * 0.18), hue)),
    )


def _vivid_ground(lead: LCH, rich: float) -> tuple[RGB, RGB, RGB]:
    chroma, hue = max(0.09, lead[1] * rich), lead[2]
    return (
        color.from_lch((0.34, min(0.12, chroma * 0.8), hue)),
        color.from_lch((0.42, min(0.15, chroma), hue)),
        color.from_lch((0.52, min(0.17, chroma * 1.1), hue)),
    )


_GROUNDS = {"dark": _dark_ground, "light": _light_ground, "vivid": _vivid_ground}


def _ink(lead: LCH, theme: Theme, on_dark: float, on_light: float) -> RGB:
    if theme != "light":
        return color.from_lch((on_dark, min(0.022, lead[1] * 0.25), lead[2]))
    return color.from_lch((on_light, min(0.06, lead[1] * 0.6), lead[2]))


def _accent_fill(accent: LCH, theme: Theme) -> RGB:
    light = min(max(accent[0], 0.48), 0.64) if theme == "light" else min(max(accent[0], 0.72), 0.86)
    return color.from_lch((light, min(max(accent[1], 0.10), 0.19), accent[2]))


def _on(fill: RGB, lead: LCH) -> RGB:
    """Return the ink for text on `fill`: near-white if it reads, else near-black, both tinted."""
    pale = color.from_lch((0.985, 0.008, lead[2]))
    dark = color.from_lch((0.20, 0.03, lead[2]))
    return max((pale, dark), key=lambda ink: color.contrast(ink, fill))
