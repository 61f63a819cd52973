"""stack-list: three to five lines, one a cue, under hairlines; the picture beside (or under) them if listed."""

from __future__ import annotations

from app.providers.local_video.layouts.copy_block import (
    Placement,
    Setting,
    copy_block,
    lines_rising,
    rule_layer,
)
from app.providers.local_video.layouts.hero_split import areas
from app.providers.local_video.layouts.parts import bokeh, disc, ground, picture, seated
from app.providers.local_video.scene_spec import Box, Cue, Layer, ShapeArt
from app.providers.local_video.stage import Stage
from app.providers.local_video.typeset import Fitted, fit


def stack_list(stage: Stage) -> list[Layer]:
    """Return headline and list in one column beside a picture, or in two columns of a wide frame without one."""
    index = stage.find("product", "character")
    if index is None:
        layers = [ground(stage, (0.72, 0.4), None, 0.2), *bokeh(stage, stage.safe)]
        return [*layers, *(_two_columns(stage) if stage.shape == "wide" else _column(stage, stage.safe))]
    spot, column = _beside(stage, stage.assets[index].aspect)
    fill = spot
    if stage.assets[index].is_cutout:
        spot, fill = seated(stage, index, spot)
    layers = [ground(stage, (fill.cx / stage.width, 0.45), spot.bottom / stage.height - 0.05, 0.06)]
    if stage.assets[index].is_cutout:
        layers += disc(stage, fill, column)
    layers += bokeh(stage, column.inset(-20 * stage.unit, 0))
    return [*layers, *picture(stage, index, spot), *_column(stage, column)]


def _beside(stage: Stage, aspect: float) -> tuple[Box, Box]:
    """Return (picture, column)."""
    safe = stage.safe
    if stage.shape == "wide" or (stage.shape == "square" and aspect < 0.8):
        return areas(stage, 0.44, aspect)
    column = Box(safe.x, safe.y, safe.w, safe.h * 0.62)
    top = column.bottom + 30 * stage.unit
    bottom = stage.height * (0.85 if stage.shape == "tall" else 0.9)
    return Box(safe.x + safe.w * 0.1, top, safe.w * 0.8, bottom - top), column


def _two_columns(stage: Stage) -> list[Layer]:
    safe = stage.safe
    rows = Box(safe.x + safe.w * 0.5, safe.y + safe.h * 0.08, safe.w * 0.5, safe.h * 0.84)
    head, _ = copy_block(stage, _head(Box(safe.x, safe.y, safe.w * 0.42, safe.h), 0.5))
    return [*head, *_rows(stage, rows)]


def _head(box: Box, stand: float) -> Placement:
    return Placement(box, stand=stand, start=0.1, parts=("kicker", "headline", "support"))


def _column(stage: Stage, column: Box) -> list[Layer]:
    """Return headline over list, the two centred as one group."""
    most = Box(column.x, column.y, column.w, column.h * 0.42)
    _, used = copy_block(stage, _head(most, 0.0))
    gap = 30 * stage.unit if used.h else 0.0
    count = max(1, len(stage.copy.items))
    rows = min(column.h - used.h - gap, count * 112 * stage.unit)
    top = column.y + (column.h - used.h - gap - rows) / 2
    head, _ = copy_block(stage, _head(Box(column.x, top, column.w, used.h + 0.01), 0.0))
    return [*head, *_rows(stage, Box(column.x, top + used.h + gap, column.w, rows))]


def _rows(stage: Stage, box: Box) -> list[Layer]:
    """Return each line over its hairline; the cues spread over the first two thirds of the scene."""
    items = stage.copy.items
    if not items:
        return []
    height = min(box.h / len(items), 112 * stage.unit)
    indent = 34 * stage.unit
    room = (box.w - indent, height * 0.62)
    size = min(fit(item, stage.style("strong"), room, 38 * stage.unit, 2).size for item in items)
    layers: list[Layer] = []
    top = box.y + (box.h - height * len(items)) / 2
    for number, item in enumerate(items):
        start = stage.at(0.14 + 0.5 * number / max(1, len(items)))
        row = Box(box.x, top + number * height, box.w, height)
        fitted = fit(item, stage.style("strong"), room, size, 2)
        layers += _row(stage, (number, fitted), row, indent, start)
    return layers


def _row(stage: Stage, line: tuple[int, Fitted], row: Box, indent: float, start: float) -> list[Layer]:
    number, fitted = line
    look, unit = stage.look, stage.unit
    hair = rule_layer(stage, f"hair-{number}", Box(row.x, row.y, row.w, 2), start, 0.45)
    side = round(5 * unit) * 2
    square = Box(round(row.x / 2) * 2, round((row.cy - side / 2) / 2) * 2, side, side)
    pop = (
        Cue("alpha", start + 0.05, start + 0.15, 0, 1, "linear"),
        Cue("scale", start + 0.05, start + stage.pace(0.5), 0.2, 1.0, "spring"),
    )
    text_box = Box(row.x + indent, row.y, row.w - indent, row.h)
    setting = Setting(f"item-{number}", fitted, text_box, row.cy - fitted.height / 2, look.ink, 0.0, start + 0.06)
    return [
        hair,
        Layer(f"dot-{number}", "decor", ShapeArt(look.accent, 1.0, side / 2), square, pop),
        *lines_rising(stage, setting, 0.05),
    ]
