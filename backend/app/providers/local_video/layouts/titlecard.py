"""titlecard: a breather made of type: kicker, wordmark or headline, a drawn rule, one slow move, a still hold."""

from __future__ import annotations

from app.providers.local_video.layouts.copy_block import Placement, copy_block
from app.providers.local_video.layouts.parts import (
    bokeh,
    chip,
    chip_pad,
    ghost,
    ground,
    logo_art,
    needs_chip,
    snapped,
)
from app.providers.local_video.scene_spec import Box, Cue, Layer
from app.providers.local_video.stage import Stage


def titlecard(stage: Stage) -> list[Layer]:
    """Return the card. Its logo, if the scene lists one, stands over the headline at its left edge."""
    safe, unit = stage.safe, stage.unit
    logo = stage.find("logo")
    layers = [ground(stage, (0.66, 0.36), None, 0.22)]
    layers += ghost(stage, stage.request.brand or stage.copy.headline or stage.request.story_title, stage.width * 0.78)
    words = Box(safe.x, safe.y, safe.w * (0.80 if stage.shape == "wide" else 1.0), safe.h)
    mark: list[Layer] = []
    if logo is not None:
        height = min(92 * unit, safe.w * 0.5 / stage.assets[logo].aspect)
        words = Box(words.x, words.y + height + 34 * unit, words.w, words.h - height - 34 * unit)
    copy, used_box = copy_block(stage, Placement(words, stand=0.5, scale=1.2, start=0.1, headline=1.35))
    if logo is not None:
        top = used_box.y - height - 34 * unit
        left = safe.x + (chip_pad(stage, height) * 1.3 if needs_chip(stage, logo) else 0.0)
        mark = _mark(stage, logo, Box(left, top, height * stage.assets[logo].aspect, height))
    layers += bokeh(stage, used_box.inset(-30 * unit, -30 * unit))
    return [*layers, *mark, *copy]


def _mark(stage: Stage, index: int, box: Box) -> list[Layer]:
    enter = (Cue("alpha", 0.1, 0.1 + stage.pace(0.7), 0, 1, "sine-in-out"),)
    box = snapped(box)
    return [*chip(stage, index, box, enter), Layer("logo", "mark", logo_art(stage, index), box, enter)]
