"""Colours of an ad: a hand-made palette by kind, tone and seed, or the roles of a palette that is given.

Called by adapter.py; data in config/art/palettes.yaml.
Tests: tests/test_providers/test_local_image/test_palettes.py
"""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from app.kit.ids import seed_from
from app.kit.imaging.colour import Floats, hex_to_lab, lab_to_hex
from app.kit.yaml_source import quick_yaml

_DATA = Path(__file__).resolve().parents[2] / "config" / "art" / "palettes.yaml"
_GREY = 12.0


class Roles(NamedTuple):
    """Five ``#rrggbb`` colours by what they are for."""

    dark: str
    light: str
    accent: str
    secondary: str
    ink: str


def choose_palette(kind: str | None, tone: str, seed: int, product: str = "") -> list[str]:
    """Return five ``#rrggbb``: background dark, background light, accent, secondary, ink.

    Args:
        kind: Kind of thing (see palettes.yaml); null or unknown uses the tone alone.
        tone: A schemas.story.Tone.
        seed: Same seed, same palette.
        product: The product phrase; a word in it may call for a family of colours ("eco-friendly" for greens).
    """
    data = _data()
    said = set(product.lower().split())
    for row in data["words"]:
        if said & set(row["words"]):
            return list(data["palettes"][random.Random(seed_from("palette", product, seed)).choice(row["palettes"])])
    by_tone: list[str] = data["tones"].get(tone, data["tones"]["neutral"])
    by_kind: list[str] = data["kinds"].get(kind_group(kind), by_tone)
    names = [name for name in by_tone if name in by_kind] or by_kind
    name = random.Random(seed_from("palette", kind or "", tone, seed)).choice(names)
    return list(data["palettes"][name])


def roles_of(palette: list[str], kind: str | None, tone: str, seed: int, product: str = "") -> Roles:
    """Return the roles of a given palette (strongest first), or of a chosen one when none is given or all is grey."""
    chosen = Roles(*choose_palette(kind, tone, seed, product))
    labs = [hex_to_lab(colour) for colour in palette]
    coloured = [lab for lab in labs if _chroma(lab) >= _GREY]
    if not coloured:
        return chosen
    lead = coloured[0]
    accent = max(coloured[:4], key=_chroma)
    others = [lab for lab in coloured if _hue_apart(lab, accent) > 35]
    secondary = others[0] if others else hex_to_lab(chosen.secondary)
    return Roles(
        dark=lab_to_hex(_toned(lead, 14, 16)),
        light=lab_to_hex(_toned(lead, 94, 6)),
        accent=lab_to_hex(_toned(accent, float(np.clip(accent[0], 40, 74)), max(_chroma(accent), 30))),
        secondary=lab_to_hex(_toned(secondary, float(np.clip(secondary[0], 45, 80)), _chroma(secondary))),
        ink=lab_to_hex(_toned(lead, 10, 10)),
    )


def _toned(lab: Floats, light: float, most_chroma: float) -> Floats:
    """Return the colour at another lightness, its chroma at most `most_chroma`."""
    scale = min(1.0, most_chroma / max(_chroma(lab), 1e-3))
    return np.array([light, lab[1] * scale, lab[2] * scale], np.float32)


def _chroma(lab: Floats) -> float:
    return float(np.hypot(lab[1], lab[2]))


def _hue_apart(first: Floats, second: Floats) -> float:
    turn = np.degrees(np.arctan2(first[2], first[1]) - np.arctan2(second[2], second[1]))
    return abs(float((turn + 180) % 360 - 180))


def kind_group(kind: str | None) -> str:
    """Return the palette file's name of a kind, or an empty string for an unknown one."""
    if not kind:
        return ""
    lowered = kind.lower().strip()
    aliases: dict[str, list[str]] = _data()["aliases"]
    words = {lowered, *lowered.replace("-", " ").split()}
    whole = [group for group, names in aliases.items() if lowered == group or lowered in names]
    partly = [group for group, names in aliases.items() if words & set(names)]
    return (whole or partly or [""])[0]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = quick_yaml(_DATA.read_text(encoding="utf-8"))
    return data
