"""full-bleed: the picture fills the frame, dimmed; a headline and a hairline in the lower left.

A cut-out can't fill a frame: it is shown as a tight crop that pulls back instead.
"""

from __future__ import annotations

from app.providers.local_video.layouts.copy_block import Placement, copy_block, rule_layer
from app.providers.local_video.layouts.parts import ground, picture
from app.providers.local_video.scene_spec import Box, Cue, ImageArt, Layer, ScrimArt
from app.providers.local_video.stage import Stage
from app.schemas.unified_pipeline import ReferenceType

_MAIN: tuple[ReferenceType, ...] = ("environment", "product", "character", "logo")


def full_bleed(stage: Stage) -> list[Layer]:
    """Return the photo (environment first), its scrim and the copy; or the cut-out in close-up."""
    index = stage.find(*_MAIN)
    if index is None:
        return []
    if stage.assets[index].is_cutout:
        return _close_up(stage, index)
    safe, wide = stage.safe, stage.shape == "wide"
    thing = stage.find("product", "character")
    guest = None if thing == index else thing
    over = guest is not None and not wide
    words = Box(safe.x, safe.y + safe.h * 0.3, safe.w * (0.52 if wide else 0.94), safe.h * 0.7 - 26 * stage.unit)
    if over:
        words = Box(safe.x, safe.y, safe.w, safe.h * 0.38)
    copy, used = copy_block(stage, Placement(words, stand=0.0 if over else 1.0, scale=1.1, start=0.12))
    way = 1 if stage.rng("burns").random() < 0.5 else -1
    burns = (
        Cue("zoom", 0, stage.seconds, 1.0, 1.07, "sine-in-out"),
        Cue("pan_x", 0, stage.seconds, -0.012 * way, 0.012 * way, "sine-in-out"),
    )
    tint = stage.look.pool if stage.look.theme == "light" else stage.look.deep
    scrim = ScrimArt(tint, index, used.inset(-24 * stage.unit, -18 * stage.unit), from_top=over)
    line = Box(safe.x, safe.bottom - 2, safe.w, 2)
    return [
        Layer("photo", "backdrop", ImageArt(index, "photo"), stage.frame, burns),
        Layer("scrim", "backdrop", scrim, stage.frame),
        rule_layer(stage, "hairline", line, 0.15, 0.55),
        *([] if guest is None else _guest(stage, guest, used)),
        *copy,
    ]


def _guest(stage: Stage, index: int, words: Box) -> list[Layer]:
    """Return the product in the place: standing (or in its card) beside the words, under them in narrow frames."""
    safe, gap = stage.safe, 30 * stage.unit
    if stage.shape == "wide":
        left = max(words.right + gap, safe.x + safe.w * 0.56)
        box = Box(left, safe.bottom - safe.h * 0.78, safe.right - left, safe.h * 0.78 - 14 * stage.unit)
    else:
        top = words.bottom + gap
        box = Box(safe.x + safe.w * 0.1, top, safe.w * 0.8, safe.bottom - 14 * stage.unit - top)
    return [layer for layer in picture(stage, index, box) if layer.name != "mirror"]


def _close_up(stage: Stage, index: int) -> list[Layer]:
    """Return the product larger than the frame, pulling back for the whole scene."""
    safe, wide = stage.safe, stage.shape == "wide"
    aspect = stage.assets[index].aspect
    height = stage.height * (1.22 if wide else 0.86)
    height = min(height, stage.width * (0.62 if wide else 1.25) / aspect)
    center = (stage.width * 0.72, stage.height * 0.54) if wide else (stage.width * 0.56, stage.height * 0.68)
    box = Box(center[0] - height * aspect / 2, center[1] - height / 2, height * aspect, height)
    words = (
        Box(safe.x, safe.y, min(safe.w * 0.48, box.x - safe.x - 24 * stage.unit), safe.h)
        if wide
        else Box(safe.x, safe.y, safe.w, max(safe.h * 0.24, box.y - safe.y - 20 * stage.unit))
    )
    copy, _ = copy_block(stage, Placement(words, stand=0.62 if wide else 0.0, scale=1.1, start=0.15))
    pull = (
        Cue("scale", 0, stage.seconds, 1.13, 1.0, "cubic-out"),
        Cue("alpha", 0, stage.pace(0.5), 0, 1, "cubic-out"),
        Cue("sweep", stage.at(0.45), stage.at(0.45) + min(1.3, stage.at(0.3)), 0, 1, "sine-in-out"),
    )
    return [
        ground(stage, (center[0] / stage.width, 0.4), None, 0.07),
        Layer("subject", "subject", ImageArt(index, "cutout"), box, pull),
        *copy,
    ]
