"""The copy of a scene as one block: kicker with its rule, headline, support, list, capsule and address.

Everything is scaled down together until the block fits its box, so nothing overflows or overlaps.
Used by the layouts. Tests: tests/test_providers/test_local_video/test_layouts.py
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.providers.local_video.color import RGB
from app.providers.local_video.scene_spec import Box, Cue, Layer, ShapeArt, TextArt
from app.providers.local_video.stage import Stage
from app.providers.local_video.typeset import Fitted, Style, cap_height, fit, metrics

PARTS = ("kicker", "headline", "support", "cta", "url")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how a block is set: its box, alignment (0 left/top, 0.5 middle, 1), type scale, first moment."""

    box: Box
    align: float = 0.0
    stand: float = 0.5
    scale: float = 1.0
    start: float = 0.15
    parts: Sequence[str] = PARTS
    lines: int = 3
    headline: float = 1.0
    """Factor on the headline alone."""


@dataclass(frozen=True, slots=True)
class _Piece:
    part: str
    fitted: Fitted
    color: RGB
    gap: float
    """Space above it in pixels."""

    @property
    def height(self) -> float:
        if self.part == "cta":
            return self.fitted.size * 2.15
        return self.fitted.height + (self.fitted.size * 1.1 + 3 if self.part == "kicker" else 0)


def copy_block(stage: Stage, place: Placement) -> tuple[list[Layer], Box]:
    """Return the block's layers and the area that it fills."""
    pieces = _pieces(stage, place)
    total = sum(p.height + p.gap for p in pieces)
    y = place.box.y + (place.box.h - total) * place.stand
    top, widest = y, 0.0
    layers: list[Layer] = []
    start = place.start
    for piece in pieces:
        y += piece.gap
        layers += _piece_layers(stage, place, piece, y, start)
        widest = max(widest, _width(piece))
        start += stage.step({"kicker": 0.10, "headline": 0.28}.get(piece.part, 0.16))
        y += piece.height
    left = place.box.x + (place.box.w - widest) * place.align
    return layers, Box(left, top, widest, y - top)


def _width(piece: _Piece) -> float:
    return piece.fitted.width + (piece.fitted.size * 2.4 if piece.part == "cta" else 0)


def _pieces(stage: Stage, place: Placement) -> list[_Piece]:
    """Return the parts that have words, at the largest common scale at which they fit."""
    scale = place.scale
    for _ in range(60):
        pieces = _sized(stage, place, scale)
        if sum(p.height + p.gap for p in pieces) <= place.box.h:
            break
        scale *= 0.94
    return pieces


def _sized(stage: Stage, place: Placement, scale: float) -> list[_Piece]:
    copy, look, unit = stage.copy, stage.look, stage.unit * scale
    table: dict[str, tuple[str | None, Style, float, int, RGB, float]] = {
        "kicker": (copy.kicker, stage.style("label"), 19 * unit, 1, look.accent_text, 0),
        "headline": (
            copy.headline,
            stage.style("headline"),
            100 * unit * look.pair.scale * place.headline,
            place.lines,
            look.ink,
            16,
        ),
        "support": (copy.support, stage.style("body"), 33 * unit, 3, look.muted, 22),
        "cta": (copy.cta, stage.style("strong"), 28 * unit, 1, look.on_accent, 34),
        "url": (copy.url, stage.style("url"), 24 * unit, 1, look.ink, 20),
    }
    pieces: list[_Piece] = []
    for part in place.parts:
        text, style, size, lines, tone, gap = table[part]
        room = place.box.w - (size * 2.4 if part == "cta" else 0)
        fitted = fit(text or "", style, (room, place.box.h), size, lines)
        if part == "kicker" and not fitted.lines:
            fitted = replace(fitted, size=size * 0.55, pitch=0.0)
            pieces.append(_Piece(part, fitted, tone, 0))
        elif fitted.lines:
            pieces.append(_Piece(part, fitted, tone, gap * unit if pieces else 0))
    return pieces


def _piece_layers(stage: Stage, place: Placement, piece: _Piece, y: float, start: float) -> list[Layer]:
    if piece.part == "cta":
        return capsule(stage, place, piece.fitted, y, start)
    if piece.part == "kicker":
        return _kicker(stage, place, piece, y, start)
    text = Setting(piece.part, piece.fitted, place.box, y, piece.color, place.align, start)
    return lines_rising(stage, text) if piece.part == "headline" else lines_fading(stage, text)


@dataclass(frozen=True, slots=True)
class Setting:
    """A fitted text placed: top edge `y`, aligned inside `box`, first seen at `start` seconds."""

    name: str
    fitted: Fitted
    box: Box
    y: float
    color: RGB
    align: float
    start: float


def line_boxes(text: Setting) -> list[Box]:
    """Return each line's box: pen origin at its left, baseline at its bottom, on even pixels."""
    ascent, descent = metrics(text.fitted.face, text.fitted.size)
    slack = (text.fitted.pitch - ascent - descent) / 2
    boxes = []
    for index, width in enumerate(text.fitted.widths):
        top = text.y + index * text.fitted.pitch
        baseline = round((top + slack + ascent) / 2) * 2
        x = round((text.box.x + (text.box.w - width) * text.align) / 2) * 2
        boxes.append(Box(x, round(top), width, baseline - round(top)))
    return boxes


def _text_layer(text: Setting, index: int, box: Box, cues: tuple[Cue, ...]) -> Layer:
    fitted = text.fitted
    art = TextArt(fitted.lines[index], fitted.faces[index], fitted.size, text.color, fitted.tracking)
    return Layer(f"{text.name}-{index}", "copy", art, box, cues)


def lines_rising(stage: Stage, text: Setting, stagger: float = 0.09) -> list[Layer]:
    """Return lines that rise out of their own masks, one after the other."""
    layers = []
    pitch, size = text.fitted.pitch, text.fitted.size
    for index, box in enumerate(line_boxes(text)):
        begin = text.start + index * stagger
        rise = Cue("y", begin, begin + stage.pace(0.85), round(pitch * 1.1), 0.0, "quartic-out")
        shown = Cue("alpha", begin, begin + 0.01, 0.0, 1.0, "cut")
        mask = Box(box.x - size * 0.2, box.y - size * 0.1, box.w + size * 0.4, pitch + size * 0.14)
        layers.append(replace(_text_layer(text, index, box, (rise, shown)), clip=mask))
    return layers


def lines_fading(stage: Stage, text: Setting, travel: float = 12) -> list[Layer]:
    """Return lines that fade in while they settle from the left."""
    cues = (
        Cue("alpha", text.start, text.start + stage.pace(0.55), 0.0, 1.0, "sine-in-out"),
        Cue("x", text.start, text.start + stage.pace(0.7), -travel * stage.unit, 0.0, "cubic-out"),
    )
    return [_text_layer(text, index, box, cues) for index, box in enumerate(line_boxes(text))]


def _kicker(stage: Stage, place: Placement, piece: _Piece, y: float, start: float) -> list[Layer]:
    """Return the kicker under a short accent rule that draws itself."""
    width, thick = 54 * stage.unit * place.scale, max(2.0, round(1.5 * stage.unit) * 2)
    x = place.box.x + (place.box.w - width) * place.align
    rule = rule_layer(stage, "rule", Box(x, y, width, thick), start)
    offset = piece.fitted.size * 1.1 + 3
    text = Setting("kicker", piece.fitted, place.box, y + offset, piece.color, place.align, start + 0.06)
    return [rule, *lines_fading(stage, text, 20)]


def rule_layer(stage: Stage, name: str, box: Box, start: float, alpha: float = 1.0) -> Layer:
    """Return an accent rule that is drawn from the left."""
    draw = Cue("wipe", start, start + stage.pace(0.7), 0.0, 1.0, "expo-out")
    snap = Box(round(box.x / 2) * 2, round(box.y / 2) * 2, round(box.w / 2) * 2, max(2, round(box.h / 2) * 2))
    return Layer(name, "decor", ShapeArt(stage.look.accent, alpha), snap, (draw,))


def capsule(stage: Stage, place: Placement, fitted: Fitted, y: float, start: float) -> list[Layer]:
    """Return the call to action: an accent capsule that opens, then its words."""
    width, height = fitted.width + fitted.size * 2.4, fitted.size * 2.15
    x = place.box.x + (place.box.w - width) * place.align
    box = Box(round(x / 2) * 2, round(y / 2) * 2, round(width / 2) * 2, round(height / 2) * 2)
    opened = (
        Cue("scale", start, start + stage.pace(0.7), 0.86, 1.0, "spring"),
        Cue("alpha", start, start + stage.pace(0.3), 0.0, 1.0, "linear"),
    )
    art = ShapeArt(stage.look.accent, 1.0, box.h / 2)
    text = Setting("cta", fitted, box, box.y, stage.look.on_accent, 0.5, start + 0.12)
    words = lines_fading(stage, text, 0)
    middle = round((box.cy + cap_height(fitted.face, fitted.size) / 2) / 2) * 2
    words = [replace(layer, box=replace(layer.box, h=middle - layer.box.y)) for layer in words]
    return [Layer("capsule", "mark", art, box, opened), *words]
