"""hero-split and framed-photo: a picture beside (in tall and square frames: under) the copy.

hero-split stands a cut-out on the floor in the key light; framed-photo mats the picture in a card.
"""

from __future__ import annotations

from dataclasses import replace

from app.providers.local_video.layouts.copy_block import Placement, copy_block
from app.providers.local_video.layouts.parts import (
    bokeh,
    card,
    card_box,
    disc,
    ground,
    seated,
    standing,
)
from app.providers.local_video.scene_spec import Box, Layer
from app.providers.local_video.stage import Stage
from app.schemas.unified_pipeline import ReferenceType

_MAIN: tuple[ReferenceType, ...] = ("product", "character", "environment", "logo")
_FRAMED: tuple[ReferenceType, ...] = ("environment", "product", "character", "logo")


def areas(stage: Stage, share: float = 0.53, aspect: float = 1.0) -> tuple[Box, Box]:
    """Return (picture box, copy box): side by side in wide frames, copy over picture in the others.

    A picture much taller than wide (`aspect` < 0.8) stands beside the copy in square frames too.
    """
    safe, gap = stage.safe, 36 * stage.unit
    if stage.shape == "square" and aspect < 0.8:
        left, top = safe.x + safe.w * 0.56 + gap * 0.5, safe.y + safe.h * 0.06
        picture = Box(left, top, safe.right - left, min(stage.height * 0.86, safe.bottom) - top)
        return picture, Box(safe.x, safe.y, safe.w * 0.56, safe.h)
    if stage.shape == "wide":
        left = safe.x + safe.w * (1 - share) + gap
        height = stage.height * 0.71
        picture = Box(left, stage.height * 0.845 - height, safe.right - left, height)
        return picture, Box(safe.x, safe.y, safe.w * (1 - share), safe.h)
    copy_height = safe.h * (0.36 if stage.shape == "tall" else 0.40)
    top = safe.y + copy_height + gap
    bottom = min(stage.height * (0.83 if stage.shape == "tall" else 0.885), safe.bottom)
    inset = safe.w * 0.04
    return Box(safe.x + inset, top, safe.w - 2 * inset, bottom - top), Box(safe.x, safe.y, safe.w, copy_height)


def hero_split(stage: Stage) -> list[Layer]:
    """Return product and copy; a picture that can't be cut out gets its card instead."""
    index = stage.find(*_MAIN)
    if index is None or not stage.assets[index].is_cutout:
        return framed_photo(stage)
    aspect = stage.assets[index].aspect
    picture, words = areas(stage, aspect=aspect)
    beside = words.h == stage.safe.h
    picture, fill = seated(stage, index, picture)
    copy, used = copy_block(stage, Placement(words, stand=0.48 if beside else 0.25, start=0.12))
    light = (fill.cx / stage.width, min(0.5, fill.cy / stage.height))
    layers = [ground(stage, light, min(0.93, picture.bottom / stage.height - 0.055), 0.05)]
    layers += disc(stage, fill, used)
    layers += bokeh(stage, used.inset(-30 * stage.unit, -30 * stage.unit))
    return [*layers, *standing(stage, index, picture), *copy]


def framed_photo(stage: Stage) -> list[Layer]:
    """Return a matted card beside the copy; a listed cut-out stands before a card that shows its place."""
    index = stage.find(*_FRAMED)
    if index is None:
        return []
    picture, words = areas(stage, 0.54)
    if stage.shape == "wide":
        picture = Box(picture.x, stage.safe.y, picture.w, stage.safe.h)
    frame = card_box(stage, picture, stage.assets[index].aspect)
    if stage.shape == "wide":
        frame = Box(round((stage.safe.right - frame.w) / 2) * 2, frame.y, frame.w, frame.h)
    copy, used = copy_block(stage, Placement(words, stand=0.5 if stage.shape == "wide" else 0.3, start=0.15))
    layers = [ground(stage, (frame.cx / stage.width, 0.4), None, 0.1)]
    layers += bokeh(stage, used.inset(-30 * stage.unit, -30 * stage.unit))
    thing = stage.find("product", "character")
    return [*layers, *card(stage, index, frame), *_before(stage, (index, thing), frame), *copy]


def _before(stage: Stage, pair: tuple[int, int | None], frame: Box) -> list[Layer]:
    """Return the cut-out of `pair` (card, thing) that stands over the card's lower edge; a photo gets a small card."""
    shown, thing = pair
    if thing is None or thing == shown:
        return []
    if not stage.assets[thing].is_cutout:
        small = Box(frame.right - frame.w * 0.36, frame.bottom - frame.h * 0.44, frame.w * 0.4, frame.h * 0.4)
        layers = card(stage, thing, card_box(stage, small, stage.assets[thing].aspect), 0.15)
        return [replace(layer, name=f"second-{layer.name}") for layer in layers]
    top = frame.bottom - frame.h * 0.70
    box = Box(frame.x + frame.w * 0.40, top, frame.w * 0.56, frame.bottom + frame.h * 0.02 - top)
    return [layer for layer in standing(stage, thing, box, 0.1) if layer.name != "mirror"]
