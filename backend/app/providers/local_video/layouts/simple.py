"""Copy beside (or under) a picture: the one plain layout that every other falls back on."""

from __future__ import annotations

from app.providers.local_video.scene_spec import BackdropArt, Box, Cue, ImageArt, Layer, ShadowArt
from app.providers.local_video.stage import Stage, styles, text_layers
from app.providers.local_video.typeset import fit


def build_simple(stage: Stage) -> list[Layer]:
    """Return backdrop, subject and copy."""
    safe, tall = stage.safe, stage.shape != "wide"
    subject = stage.find("product", "character", "logo", "environment")
    light = (0.5, 0.4) if tall else (0.7, 0.45)
    layers = [
        Layer(
            "backdrop",
            "backdrop",
            BackdropArt(light, (light[0] - 0.06, light[1]), 0.78),
            stage.frame,
            (Cue("mix", 0, stage.seconds, 0, 1, "sine-in-out"),),
        )
    ]
    copy_box = safe
    if subject is not None:
        half = (
            Box(safe.x, safe.y, safe.w, safe.h * 0.5)
            if tall
            else Box(safe.x + safe.w * 0.5, safe.y, safe.w * 0.5, safe.h)
        )
        copy_box = (
            Box(safe.x, half.bottom + 20 * stage.unit, safe.w, safe.h * 0.5 - 20 * stage.unit)
            if tall
            else Box(safe.x, safe.y, safe.w * 0.44, safe.h)
        )
        layers += _subject(stage, subject, half)
    return layers + _copy(stage, copy_box)


def _subject(stage: Stage, index: int, box: Box) -> list[Layer]:
    asset = stage.assets[index]
    push = Cue("scale", 0, stage.seconds, 1.0, 1.035, "sine-in-out")
    if not asset.is_cutout:
        zoom = Cue("zoom", 0, stage.seconds, 1.0, 1.04, "sine-in-out")
        width = min(box.w, box.h * asset.aspect)
        fitted = Box(box.cx - width / 2, box.cy - width / asset.aspect / 2, width, width / asset.aspect)
        return [Layer("subject", "subject", ImageArt(index, "photo", 10 * stage.unit), fitted, (zoom,))]
    appear = Cue("alpha", 0.1, 0.1 + stage.pace(0.6), 0, 1, "cubic-out")
    sweep = Cue("sweep", stage.seconds * 0.4, stage.seconds * 0.4 + 1.0, 0, 1, "sine-in-out")
    return [
        Layer("shadow", "decor", ShadowArt(index), box, (appear,)),
        Layer("subject", "subject", ImageArt(index, "cutout"), box, (appear, push, sweep), None, (0.5, 1.0)),
    ]


def _copy(stage: Stage, box: Box) -> list[Layer]:
    copy, look, unit, style = stage.copy, stage.look, stage.unit, styles(stage.look)
    parts = [
        ("kicker", copy.kicker or "", style["label"], 20 * unit, look.accent_text, 1),
        ("headline", copy.headline, style["headline"], 84 * unit * look.pair.scale, look.ink, 3),
        ("support", copy.support or " / ".join(copy.items), style["body"], 28 * unit, look.muted, 3),
        ("cta", copy.cta or "", style["strong"], 32 * unit, look.accent_text, 2),
        ("url", copy.url or "", style["url"], 26 * unit, look.muted, 1),
    ]
    share = {"kicker": 0.08, "headline": 0.5, "support": 0.2, "cta": 0.12, "url": 0.08}
    blocks = [
        (name, fit(text, st, (box.w, box.h * share[name]), size, lines), color)
        for name, text, st, size, color, lines in parts
        if text
    ]
    gap = 14 * unit
    total = sum(f.height for _, f, _ in blocks) + gap * max(0, len(blocks) - 1)
    y = box.cy - total / 2
    layers: list[Layer] = []
    for order, (name, fitted, color) in enumerate(blocks):
        layers += text_layers(stage, name, fitted, (box.x, y), color, 0.15 + 0.12 * order)
        y += fitted.height + gap
    return layers
