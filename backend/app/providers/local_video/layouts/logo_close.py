"""logo-close: the end card. The real logo if there is one, else the wordmark; the ask, the address; then stillness."""

from __future__ import annotations

from app.providers.local_video.layouts.copy_block import Placement, Setting, copy_block, lines_rising, rule_layer
from app.providers.local_video.layouts.hero_split import areas
from app.providers.local_video.layouts.parts import (
    card_box,
    chip,
    disc,
    ground,
    logo_art,
    picture,
    seated,
    snapped,
)
from app.providers.local_video.scene_spec import Box, Cue, Layer
from app.providers.local_video.stage import Stage
from app.providers.local_video.typeset import fit


def logo_close(stage: Stage) -> list[Layer]:
    """Return the card: centred when it stands alone, left-aligned beside a listed picture."""
    index = stage.find("product", "character")
    logo = stage.find("logo")
    if index is None:
        return [ground(stage, (0.5, 0.42), None, 0.0), *_card(stage, stage.safe, 0.5, logo)]
    spot, words = areas(stage, 0.46, stage.assets[index].aspect)
    fill = card_box(stage, spot, stage.assets[index].aspect)
    if stage.assets[index].is_cutout:
        spot, fill = seated(stage, index, spot)
    layers = [ground(stage, (fill.cx / stage.width, 0.45), min(0.93, spot.bottom / stage.height - 0.055), 0.0)]
    if stage.assets[index].is_cutout:
        layers += disc(stage, fill, words)
    layers += [_stilled(layer, stage) for layer in picture(stage, index, spot)]
    return [*layers, *_card(stage, words, 0.0, logo)]


def _stilled(layer: Layer, stage: Stage) -> Layer:
    """Return the layer without its slow moves: an end card holds still."""
    cues = tuple(c for c in layer.cues if c.prop not in {"zoom", "pan_x", "pan_y", "sweep"} and c.end < stage.seconds)
    return Layer(layer.name, layer.role, layer.art, layer.box, cues, layer.clip, layer.pivot)


def _card(stage: Stage, box: Box, align: float, logo: int | None) -> list[Layer]:
    unit = stage.unit
    mark_height = 0.0
    mark: list[Layer] = []
    brand = stage.request.brand or stage.copy.kicker or ""
    limit = box.w * (0.9 if not align or stage.shape == "tall" else 0.62)
    if logo is not None:
        aspect = stage.assets[logo].aspect
        mark_height = min(150 * unit, limit / aspect, box.h * 0.3)
    elif brand:
        fitted = fit(brand, stage.style("headline"), (box.w, box.h * 0.3), 112 * unit * stage.look.pair.scale, 2)
        mark_height = fitted.height
    gap = 40 * unit if mark_height else 0.0
    parts = ("headline", "support", "cta", "url")
    rest = Box(box.x, box.y + mark_height + gap, box.w, box.h - mark_height - gap)
    place = Placement(
        rest, align, 0.5, 1.3 if stage.shape == "tall" else 1.1, 0.35, parts, 2, headline=0.56 if mark_height else 1.0
    )
    copy, used = copy_block(stage, place)
    top = used.y - gap - mark_height
    if logo is not None:
        width = mark_height * stage.assets[logo].aspect
        mark = _logo(stage, logo, snapped(Box(box.x + (box.w - width) * align, top, width, mark_height)))
    elif brand:
        mark = lines_rising(stage, Setting("wordmark", fitted, box, top, stage.look.ink, align, 0.1))
        width = 64 * unit
        under = Box(box.x + (box.w - width) * align, used.y - gap * 0.55, width, 4 * unit)
        mark.append(rule_layer(stage, "rule", under, 0.3))
    return [*mark, *copy]


def _logo(stage: Stage, index: int, box: Box) -> list[Layer]:
    lay = stage.pace(0.9)
    enter = (Cue("alpha", 0.1, 0.1 + lay * 0.7, 0, 1, "sine-in-out"), Cue("scale", 0.1, 0.1 + lay, 0.94, 1.0, "spring"))
    return [*chip(stage, index, box, enter), Layer("logo", "mark", logo_art(stage, index), box, enter)]
