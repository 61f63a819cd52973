"""The ad's standard parts as layers: ground, subject, card, marks, decoration. Used by every layout.

Tests: tests/test_providers/test_local_video/test_layouts.py
"""

from __future__ import annotations

from dataclasses import replace

from app.providers.local_video import color
from app.providers.local_video.scene_spec import BackdropArt, Box, Cue, ImageArt, Layer, ShadowArt, ShapeArt, TextArt
from app.providers.local_video.stage import Stage
from app.providers.local_video.typeset import cap_height, draw_line, prepared


def ground(stage: Stage, light: tuple[float, float], horizon: float | None = None, drift: float = 0.08) -> Layer:
    """Return the backdrop. Its light drifts (shares of the frame) from the first frame on; 0 keeps it still."""
    way = -1 if stage.rng("light").random() < 0.5 else 1
    if not 0.25 < light[0] < 0.75:
        way = 1 if light[0] < 0.5 else -1
    goal = (light[0] + drift * way, light[1] - drift * 0.35)
    start = (light[0] - drift * way * 0.5, light[1])
    art = BackdropArt(start, goal, horizon, stage.find("environment"))
    cues = (Cue("mix", 0, stage.seconds, 0, 1, "sine-in-out"),) if drift else ()
    return Layer("ground", "backdrop", art, stage.frame, cues)


def standing(stage: Stage, index: int, box: Box, start: float = 0.0) -> list[Layer]:
    """Return a cut-out standing on the box's bottom edge: shadow, reflection, slow push, one light sweep."""
    lay = stage.pace(0.85)
    enter = Cue("alpha", start, start + lay * 0.4, 0.15, 1, "cubic-out")
    rise = Cue("y", start, start + lay, 46 * stage.unit, 0, "quartic-out")
    push = Cue("scale", 0, stage.seconds, 1.0, 1.045, "sine-in-out")
    sweep = Cue("sweep", stage.at(0.5), stage.at(0.5) + min(1.1, stage.at(0.3)), 0, 1, "sine-in-out")
    appear = Cue("alpha", start + lay * 0.1, start + lay * 0.9, 0, 1, "cubic-out")
    foot = (0.5, 1.0)
    return [
        Layer("mirror", "decor", ShadowArt(index, mirror=True), box, (appear, push), None, foot),
        Layer("shadow", "decor", ShadowArt(index), box, (appear, push), None, foot),
        Layer("subject", "subject", ImageArt(index, "cutout"), box, (enter, rise, push, sweep), None, foot),
    ]


def card(stage: Stage, index: int, box: Box, start: float = 0.0) -> list[Layer]:
    """Return a picture in a matted card with a soft shadow: the frame stays, the picture inside moves slowly."""
    unit, look = stage.unit, stage.look
    mat = min(box.w, box.h) * 0.028
    lay = stage.pace(0.9)
    enter = Cue("alpha", start, start + lay * 0.4, 0.15, 1, "cubic-out")
    slide = Cue("y", start, start + lay, 56 * unit, 0, "quartic-out")
    way = 1 if stage.rng("pan").random() < 0.5 else -1
    burns = (
        Cue("zoom", 0, stage.seconds, 1.0, 1.05, "sine-in-out"),
        Cue("pan_x", 0, stage.seconds, -0.008 * way, 0.012 * way, "sine-in-out"),
    )
    paper = color.mix(color.from_lch((0.97, 0.008, color.to_lch(look.base)[2])), look.pool, 0.06)
    shade = Box(box.x, box.y + 16 * unit, box.w, box.h)
    shadow = ShapeArt((0.02, 0.015, 0.02), 0.42, 10 * unit, feather=26 * unit)
    return [
        Layer("card-shadow", "decor", shadow, shade, (enter, slide)),
        Layer("card", "decor", ShapeArt(paper, 1.0, 7 * unit), box, (enter, slide)),
        Layer(
            "card-picture", "subject", ImageArt(index, "photo", 3 * unit), box.inset(mat, mat), (enter, slide, *burns)
        ),
    ]


def picture(stage: Stage, index: int, box: Box, start: float = 0.0) -> list[Layer]:
    """Return the reference as what it can be: a cut-out standing in the box, else a card as large as it allows."""
    asset = stage.assets[index]
    if asset.is_cutout:
        return standing(stage, index, box, start)
    return card(stage, index, card_box(stage, box, asset.aspect), start)


_WIDEST_CARD = {"wide": 1.5, "square": 1.35, "tall": 0.98}


def card_box(stage: Stage, box: Box, aspect: float) -> Box:
    """Return the largest box inside `box` near the picture's aspect, centred; tall frames crop wide pictures."""
    aspect = min(_WIDEST_CARD[stage.shape], max(0.72, aspect))
    width = min(box.w, box.h * aspect)
    return snapped(Box(box.cx - width / 2, box.cy - width / aspect / 2, width, width / aspect))


def snapped(box: Box) -> Box:
    """Return the box on even pixels."""
    x, y = round(box.x / 2) * 2, round(box.y / 2) * 2
    return Box(x, y, max(2, round(box.w / 2) * 2), max(2, round(box.h / 2) * 2))


def subject_bounds(stage: Stage, index: int, box: Box) -> Box:
    """Return the area a standing cut-out really fills inside its box."""
    aspect = stage.assets[index].aspect
    width = min(box.w, box.h * aspect)
    height = width / aspect
    return Box(box.cx - width / 2, box.bottom - height, width, height)


MARK_HEIGHT, MEDALLION, GAP = 40, 116, 20
"""Of the marks that `extras` draws, at 720 pixels."""


def with_room(stage: Stage, used: set[int]) -> Stage:
    """Return the stage with the strips kept free that `extras` will fill."""
    others = [stage.assets[i].type for i in stage.listed() if i not in used]
    top = (MARK_HEIGHT + GAP) * stage.unit if "logo" in others else 0.0
    bottom = (MEDALLION + GAP) * stage.unit if {"product", "character"} & set(others) else 0.0
    return replace(stage, top_room=top, bottom_room=bottom)


def extras(stage: Stage, used: set[int]) -> list[Layer]:
    """Return small marks for the listed references that the layout has no place for: none goes unseen.

    A logo becomes a corner mark, pictures become medallions in a row at the lower left.
    """
    layers: list[Layer] = []
    row = 0
    for index in stage.listed():
        asset = stage.assets[index]
        if index in used or asset.type == "environment":
            continue
        if asset.type == "logo":
            layers += corner_mark(stage, index)
        else:
            layers += _medallion(stage, index, row)
            row += 1
    return layers


def corner_mark(stage: Stage, index: int) -> list[Layer]:
    """Return the logo, small, in the top right corner of the safe zone."""
    safe, asset = stage.safe_zone, stage.assets[index]
    width = min(MARK_HEIGHT * stage.unit * asset.aspect, 150 * stage.unit)
    height = width / asset.aspect
    inset = chip_pad(stage, height) if needs_chip(stage, index) else 0.0
    box = snapped(Box(safe.right - width - inset * 1.3, safe.y + inset, width, height))
    enter = Cue("alpha", 0.2, 0.2 + stage.pace(0.6), 0, 1, "sine-in-out")
    return [*chip(stage, index, box, (enter,)), Layer("mark", "mark", logo_art(stage, index), box, (enter,))]


def logo_art(stage: Stage, index: int) -> ImageArt:
    """Return how a logo is drawn: as it is when cut out, else as a small picture."""
    return ImageArt(index, "logo" if stage.assets[index].is_cutout else "photo", 4 * stage.unit)


def needs_chip(stage: Stage, index: int) -> bool:
    """True for a cut-out logo that would get lost on this look's ground."""
    asset = stage.assets[index]
    return asset.is_cutout and not asset.shows_on(stage.look.theme)


def chip_pad(stage: Stage, height: float) -> float:
    """Return the room in pixels between a logo of this height and its panel's edge."""
    return max(8 * stage.unit, height * 0.22)


def chip(stage: Stage, index: int, box: Box, cues: tuple[Cue, ...]) -> list[Layer]:
    """Return a panel behind a logo that would not show on this ground, else nothing."""
    if not needs_chip(stage, index):
        return []
    pad = chip_pad(stage, box.h)
    panel = snapped(box.inset(-pad * 1.3, -pad))
    tone = stage.look.flash if stage.look.theme != "light" else stage.look.ink
    return [Layer("chip", "decor", ShapeArt(tone, 1.0, 10 * stage.unit), panel, cues)]


def _medallion(stage: Stage, index: int, row: int) -> list[Layer]:
    safe, side = stage.safe_zone, MEDALLION * stage.unit
    box = snapped(Box(safe.x + row * (side + GAP * stage.unit), safe.bottom - side, side, side))
    start = stage.at(0.2) + 0.12 * row
    enter = (
        Cue("alpha", start, start + stage.pace(0.5), 0, 1, "cubic-out"),
        Cue("x", start, start + stage.pace(0.8), -40 * stage.unit, 0, "expo-out"),
    )
    burns = Cue("zoom", 0, stage.seconds, 1.0, 1.06, "sine-in-out")
    rim = snapped(box.inset(-3 * stage.unit, -3 * stage.unit))
    return [
        Layer(f"rim-{row}", "decor", ShapeArt(stage.look.accent, 1.0, rim.w / 2), rim, enter),
        Layer(f"medallion-{row}", "mark", ImageArt(index, "photo", box.w / 2), box, (*enter, burns)),
    ]


def seated(stage: Stage, index: int, box: Box) -> tuple[Box, Box]:
    """Return (box, filled area) for a cut-out to stand in: a flat one is lifted off the bottom, nearer the eye."""
    fill = subject_bounds(stage, index, box)
    lift = round(max(0.0, min((box.h - fill.h) * 0.42, box.h * 0.2)))
    return Box(box.x, box.y - lift, box.w, box.h), Box(fill.x, fill.y - lift, fill.w, fill.h)


def disc(stage: Stage, fill: Box, words: Box) -> list[Layer]:
    """Return the large flat disc of plane looks that a subject stands before, clear of the words; else nothing."""
    look = stage.look
    if look.backdrop != "plane":
        return []
    radius = 0.5 * max(min(fill.w * 0.86, fill.h * 1.3), fill.h * 0.86)
    center = (fill.cx, fill.bottom - radius * 0.86)
    beside, above = center[0] - words.right, center[1] - words.bottom
    radius = min(radius, max(beside, above) - 14 * stage.unit)
    if radius < 0.3 * fill.w:
        return []
    box = snapped(Box(center[0] - radius, center[1] - radius, 2 * radius, 2 * radius))
    tone = color.mix(look.accent, look.base, 0.12) if look.theme != "vivid" else color.mix(look.pool, look.accent, 0.5)
    grow = Cue("scale", 0.0, stage.pace(1.0), 0.82, 1.0, "expo-out")
    enter = Cue("alpha", 0.0, stage.pace(0.4), 0, 1, "linear")
    return [Layer("disc", "decor", ShapeArt(tone, 1.0, radius), box, (grow, enter))]


def ghost(stage: Stage, letter: str, cx: float) -> list[Layer]:
    """Return a huge, faint initial that drifts across the ground: depth for scenes made of type."""
    face = stage.look.pair.display
    letter = prepared(letter[:1].upper(), stage.style("headline"))
    if not letter:
        return []
    size = stage.height * 1.15 if stage.shape == "wide" else stage.width * 1.25
    size *= 0.72 / max(0.4, cap_height(face, 1.0))
    tall, width = cap_height(face, size), draw_line(letter, face, size, 0).coverage.shape[1]
    look = stage.look
    tone = color.mix(look.base, look.pool if look.theme != "light" else look.deep, 0.38)
    box = Box(round(cx - width / 2), 0, width, round(stage.height / 2 + tall / 2))
    way = 1 if stage.rng("ghost").random() < 0.5 else -1
    drift = Cue("x", 0, stage.seconds, -0.022 * way * stage.width, 0.022 * way * stage.width, "sine-in-out")
    enter = Cue("alpha", 0, stage.pace(0.6), 0.4, 1, "linear")
    return [Layer("ghost", "decor", TextArt(letter, face, size, tone), box, (drift, enter))]


def bokeh(stage: Stage, avoid: Box) -> list[Layer]:
    """Return out-of-focus lights at three depths, away from the copy; only for looks that want them."""
    if not stage.look.bokeh:
        return []
    rng, look = stage.rng("bokeh"), stage.look
    tone = color.mix(look.pool, look.flash, 0.35 if look.theme != "light" else 0.6)
    layers: list[Layer] = []
    for number in range(14):
        depth = rng.choice((0.35, 0.65, 1.0))
        radius = (4 + 26 * depth * rng.random() ** 1.5) * stage.unit
        box = Box(rng.random() * stage.width, rng.random() * stage.height, 2 * radius, 2 * radius)
        travel = (26 + 40 * depth) * stage.unit
        path = Box(box.x - travel, box.y - travel, box.w + 2 * travel, box.h + 2 * travel)
        if path.overlaps(avoid):
            continue
        drift = (
            Cue("x", 0, stage.seconds, -travel * 0.4, travel * 0.4 * rng.choice((-1, 1)), "linear"),
            Cue("y", 0, stage.seconds, travel * 0.5, -travel * 0.5, "linear"),
        )
        art = ShapeArt(tone, 0.16 + 0.20 * rng.random(), radius, feather=radius * 0.22)
        layers.append(Layer(f"bokeh-{number}", "decor", art, snapped(box), drift))
    return layers
