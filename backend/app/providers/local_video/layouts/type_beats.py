"""type-beats: words that fill the frame, cut on beats; the last one locks and holds.

The beats are the scene's items, else its headline word by word. With a picture in the scene, the lock is a split.
"""

from __future__ import annotations

from dataclasses import replace

from app.providers.local_video.color import RGB
from app.providers.local_video.layouts.copy_block import Placement, Setting, copy_block, line_boxes, rule_layer
from app.providers.local_video.layouts.hero_split import areas
from app.providers.local_video.layouts.parts import disc, ghost, ground, picture, seated
from app.providers.local_video.scene_spec import Box, Cue, Layer, ShapeArt, TextArt
from app.providers.local_video.stage import Stage
from app.providers.local_video.typeset import fit

_LOCK_AT = 0.52
"""Share of the clip after which the last beat holds."""


def beats_of(stage: Stage) -> list[str]:
    """Return the words to cut between: at most five, so that each can be read."""
    copy = stage.copy
    if copy.items:
        return list(copy.items)
    words = copy.headline.split()
    size = max(1, -(-len(words) // 4))
    return [" ".join(words[i : i + size]) for i in range(0, len(words), size)]


def type_beats(stage: Stage) -> list[Layer]:
    """Return the beats, then the lock: the headline whole (or the last item), with the picture if there is one."""
    beats = beats_of(stage)
    most = max(1, int(stage.at(_LOCK_AT) / 0.32))
    beats = beats[:most]
    step = stage.at(_LOCK_AT) / max(1, len(beats))
    layers = [ground(stage, (0.35, 0.42), None, 0.25)]
    layers += ghost(stage, stage.copy.headline or beats[0], stage.width * 0.76) if stage.find("product") is None else []
    for number, text in enumerate(beats):
        layers += _beat(stage, number, text, (number * step, (number + 1) * step))
    return [*layers, *_lock(stage, len(beats) * step)]


def _colors(stage: Stage, number: int) -> tuple[RGB, RGB] | None:
    """Return (ground, ink) of a beat that takes the whole frame in colour; None keeps the ad's ground."""
    look = stage.look
    if number % 2 == 0:
        return None
    return (look.accent, look.on_accent)


def _beat(stage: Stage, number: int, text: str, span: tuple[float, float]) -> list[Layer]:
    safe, look = stage.safe, stage.look
    painted = _colors(stage, number)
    ink = look.ink if painted is None else painted[1]
    lines = 2 if stage.shape == "wide" else 3
    fitted = fit(text, stage.style("headline"), (safe.w, safe.h * 0.8), 260 * stage.unit * look.pair.scale, lines)
    text_top = safe.cy - fitted.height / 2
    setting = Setting(f"beat-{number}", fitted, safe, text_top, ink, 0.0, span[0])
    shown = (Cue("alpha", span[0], span[0] + 1e-4, 0, 1, "cut"), Cue("alpha", span[1], span[1] + 1e-4, 1, 0, "cut"))
    punch = Cue("scale", span[0], span[0] + min(0.3, span[1] - span[0]), 1.055, 1.0, "expo-out")
    slow = Cue("x", span[0], span[1], 10 * stage.unit, -6 * stage.unit, "linear")
    layers = []
    if painted is not None:
        layers.append(Layer(f"flood-{number}", "decor", ShapeArt(painted[0]), stage.frame, shown))
    for index, box in enumerate(line_boxes(setting)):
        art = TextArt(fitted.lines[index], fitted.faces[index], fitted.size, ink, fitted.tracking)
        layers.append(Layer(f"beat-{number}-{index}", "copy", art, box, (*shown, punch, slow), None, (0.0, 0.5)))
    return layers


def _lock(stage: Stage, start: float) -> list[Layer]:
    safe = stage.safe
    index = stage.find("product", "character")
    box, scale = safe, 1.7
    layers: list[Layer] = []
    if index is not None:
        spot, box = areas(stage, 0.5, stage.assets[index].aspect)
        scale = 1.15
        if stage.assets[index].is_cutout:
            spot, fill = seated(stage, index, spot)
            layers += _later(disc(stage, fill, box), start)
        layers += _later(picture(stage, index, spot, 0.0), start)
    if stage.copy.headline:
        parts = ("kicker", "headline", "support", "cta", "url")
        copy, _ = copy_block(stage, Placement(box, stand=0.5, scale=scale, start=start, parts=parts))
        layers += copy
    else:
        last = stage.copy.items[-1]
        fitted = fit(last, stage.style("headline"), (box.w, box.h * 0.7), 150 * stage.unit, 3)
        setting = Setting("lock", fitted, box, box.cy - fitted.height / 2, stage.look.ink, 0.0, start)
        layers += [
            Layer(f"lock-{n}", "copy", _art(setting, n), each, (Cue("alpha", start, start + 1e-4, 0, 1, "cut"),))
            for n, each in enumerate(line_boxes(setting))
        ]
        width = min(fitted.width, 220 * stage.unit)
        under = Box(box.x, setting.y + fitted.height + 18 * stage.unit, width, 4 * stage.unit)
        layers.append(rule_layer(stage, "underline", under, start + 0.1))
    return [*layers]


def _art(text: Setting, line: int) -> TextArt:
    fitted = text.fitted
    return TextArt(fitted.lines[line], fitted.faces[line], fitted.size, text.color, fitted.tracking)


def _later(layers: list[Layer], seconds: float) -> list[Layer]:
    """Return the layers hidden until `seconds` and moving from then on; slow moves keep their end."""
    result = []
    for layer in layers:
        moved = [
            replace(
                c, start=c.start + seconds, end=max(c.end, c.start + seconds + 0.01) if _is_slow(c) else c.end + seconds
            )
            for c in layer.cues
        ]
        if not any(cue.prop == "alpha" for cue in moved):
            moved.append(Cue("alpha", seconds, seconds + 1e-4, 0, 1, "cut"))
        moved.append(Cue("alpha", 0, 1e-4, 0, 0, "cut"))
        result.append(replace(layer, cues=tuple(moved)))
    return result


def _is_slow(cue: Cue) -> bool:
    return cue.end - cue.start > 2
