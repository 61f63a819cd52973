"""A product picture on transparency: the very object when the catalogue has it, else an abstract branded form.

Called by adapter.py. Tests: tests/test_providers/test_local_image/test_packshot.py
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from string import Template

import cv2
import numpy as np

from app.kit.ids import seed_from
from app.kit.imaging.colour import Floats, from_lab, hex_to_lab, lab_to_hex, to_lab
from app.providers.local_image.catalogue import abstract_form, find, form_facts, icon_svg, is_paintable
from app.providers.local_image.lettering import lettering
from app.providers.local_image.palettes import Roles
from app.providers.local_image.raster import fitted, over, rasterise, relight, to_bytes

_FORMS = Path(__file__).resolve().parents[2] / "config" / "art" / "forms"
_OVERSIZE = 1.125
_SHARE = 0.9
_NEUTRAL = 20.0
_COLOURLESS = 0.25
_LILAC_HUE = 306.0
_LONGEST_LABEL = 28


def packshot(product: str | None, kind: str | None, brand: str | None, roles: Roles, seed: int, size: int) -> Floats:
    """Return `size` square HxWx4 float32 (straight alpha): one lit object, centred, nothing else.

    Args:
        product: The product phrase; null draws an abstract form.
        kind: Kind of thing, for the choice of an abstract form.
        brand: Goes on the label, if the form has one; else the product phrase does.
        roles: Colours to keep to.
        seed: Same seed, same picture.
        size: Side in px.
    """
    match = find(product, brand)
    if match is not None and match.source == "icon":
        drawn = _painted(_icon(match.name, size), roles, is_paintable(match.name))
        return relight(fitted(drawn, size, _SHARE), roles.light, roles.secondary, 0.62)
    name = match.name if match is not None else abstract_form(kind)
    drawn = _labelled(name, _form(name, roles, size), brand or product, roles, seed)
    return relight(fitted(drawn, size, _SHARE), roles.light, roles.secondary, 0.5)


def still_life(roles: Roles, seed: int, size: int) -> Floats:
    """Return `size` square HxWx4 float32: plain solids in the ad's colours, standing in where no person is given."""
    name = ("still-life", "still-life-tall")[seed_from("still", seed) % 2]
    return relight(fitted(_form(name, roles, size), size, _SHARE), roles.light, roles.secondary, 0.3)


def wordmark(brand: str, roles: Roles, seed: int, size: int) -> Floats | None:
    """Return `size` square HxWx4 float32: the brand's name alone; None when no face has its letters."""
    words = lettering(brand, (round(size * _SHARE), round(size * _SHARE / 2)), roles.ink, seed_from("wordmark", seed))
    return None if words is None else fitted(words, size, _SHARE)


def _icon(name: str, size: int) -> Floats:
    side = round(size * _OVERSIZE)
    return rasterise(
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 32 32"'
        f' width="{side}" height="{side}">{icon_svg(name)}</svg>'
    )


def _form(name: str, roles: Roles, size: int) -> Floats:
    side = round(size * _OVERSIZE)
    main = hex_to_lab(roles.accent)
    colours = {
        "main": roles.accent,
        "deep": lab_to_hex(main * np.array([0.66, 0.95, 0.95], np.float32)),
        "pale": lab_to_hex(np.array([86, main[1] * 0.35, main[2] * 0.35], np.float32)),
        "dark": lab_to_hex(main * np.array([0.42, 0.7, 0.7], np.float32)),
        "accent2": roles.secondary,
        "paper": roles.light,
        "ink": roles.ink,
        "defs": _read("defs"),
    }
    return rasterise(
        Template(_read(name)).substitute(colours).replace("<svg ", f'<svg width="{side}" height="{side}" ')
    )


def _labelled(name: str, drawn: Floats, words: str | None, roles: Roles, seed: int) -> Floats:
    facts = form_facts(name)
    if "label" not in facts or not words or len(words) > _LONGEST_LABEL:
        return drawn
    left, top, width, height = (round(v * len(drawn) / 100) for v in facts["label"])
    text = lettering(
        words, (width, height), roles.light if facts["ink"] == "paper" else roles.ink, seed_from("face", seed)
    )
    if text is None:
        return drawn
    layer = np.zeros_like(drawn)
    layer[top : top + height, left : left + width] = text
    layer[..., 3] *= drawn[..., 3]
    return over(layer, drawn)


def _painted(image: Floats, roles: Roles, paintable: bool) -> Floats:
    """Return the icon graded to the palette: greys take its tint; a made thing's main hue turns to the accent."""
    lab = to_lab(to_bytes(image[..., :3]))
    chroma: Floats = np.hypot(lab[..., 1], lab[..., 2]).astype(np.float32)
    accent = hex_to_lab(roles.accent)
    grey = np.maximum(np.clip(1.4 - chroma / _NEUTRAL, 0, 1), _lilac(lab, chroma)).astype(np.float32)[..., None]
    weight = np.where((image[..., 3] > 0.5) & (chroma > _NEUTRAL), chroma * (1 - grey[..., 0]), 0).astype(np.float32)
    colourless = float((weight > 4).sum()) < _COLOURLESS * float((image[..., 3] > 0.5).sum())
    tint = accent[1:] * np.float32(0.72 if paintable and colourless else 0.1)
    plane = (lab[..., 1:] * (1 - grey) + tint * grey).astype(np.float32)
    if paintable:
        away = np.abs((np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) - _LILAC_HUE + 180) % 360 - 180)
        counted = weight * (away < 50) if colourless else weight
        plane = _turned(plane, counted.astype(np.float32), float(np.arctan2(accent[2], accent[1])))
    light = lab[..., 0] - 12 * grey[..., 0] if paintable and colourless else lab[..., 0]
    colour = from_lab(np.dstack([light, plane]).astype(np.float32)).astype(np.float32) / np.float32(255)
    return np.dstack([colour, image[..., 3]]).astype(np.float32)


def _lilac(lab: Floats, chroma: Floats) -> Floats:
    """Return HxW 0-1: how much a pixel is the pale lilac that the icon set uses for grey."""
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    near = np.exp(-(((hue - _LILAC_HUE) / 24) ** 2)) * np.clip((38 - chroma) / 10, 0, 1)
    return np.clip(1.6 * near, 0, 1).astype(np.float32)


def _turned(plane: Floats, weight: Floats, accent_hue: float) -> Floats:
    """Rotate a and b so that the strongest hue becomes the accent's; hues far from it stay.

    `weight` is HxW: how much each pixel's hue counts, zero for greys.
    """
    hue = np.arctan2(plane[..., 1], plane[..., 0])
    if not weight.any():
        return plane
    counts, edges = np.histogram(hue, bins=36, range=(-np.pi, np.pi), weights=weight)
    main = float(edges[int(counts.argmax())] + np.pi / 36)
    away = np.abs((hue - main + np.pi) % (2 * np.pi) - np.pi)
    near = np.clip((1.25 - away) / 0.45, 0, 1) * (weight > 0)
    near = np.asarray(cv2.GaussianBlur(near.astype(np.float32), (0, 0), 2), np.float32)
    turn = (accent_hue - main + np.pi) % (2 * np.pi) - np.pi
    spun = hue + turn * near
    reach = np.hypot(plane[..., 0], plane[..., 1]) * (1 - 0.2 * near)
    return np.dstack([np.cos(spun) * reach, np.sin(spun) * reach]).astype(np.float32)


@lru_cache(maxsize=32)
def _read(name: str) -> str:
    return (_FORMS / f"{name}.svg").read_text(encoding="utf-8")
