"""The layout catalogue: each turns a stage into layers. What is shown is decided here, never how it is drawn.

Called by render.py through `build`. Tests: tests/test_providers/test_local_video/test_layouts.py
"""

from __future__ import annotations

from collections.abc import Callable

from app.providers.local_video import color
from app.providers.local_video.layouts.full_bleed import full_bleed
from app.providers.local_video.layouts.hero_split import framed_photo, hero_split
from app.providers.local_video.layouts.logo_close import logo_close
from app.providers.local_video.layouts.stack_list import stack_list
from app.providers.local_video.layouts.titlecard import titlecard
from app.providers.local_video.layouts.type_beats import type_beats
from app.providers.local_video.scene_spec import Layer, SceneSpec
from app.providers.local_video.stage import Stage
from app.providers.local_video.transitions import halves
from app.schemas.unified_pipeline import Layout

LAYOUTS: dict[Layout, Callable[[Stage], list[Layer]]] = {
    "hero-split": hero_split,
    "full-bleed": full_bleed,
    "framed-photo": framed_photo,
    "type-beats": type_beats,
    "stack-list": stack_list,
    "titlecard": titlecard,
    "logo-close": logo_close,
}


def build(stage: Stage) -> SceneSpec:
    """Return the whole clip of a stage."""
    request = stage.request
    scene = request.scene
    head, tail = halves(
        (scene.transition_in, scene.transition_out), (request.clip_index, request.clip_count), stage.seconds
    )
    return SceneSpec(
        width=request.width,
        height=request.height,
        fps=request.fps,
        frames=round(scene.duration * request.fps),
        layers=tuple(LAYOUTS[scene.layout](stage)),
        head=head,
        tail=tail,
        flash=color.mix(color.from_lch((0.97, 0.01, 80.0)), stage.look.pool, 0.05),
        dark=color.mix((0.02, 0.02, 0.02), stage.look.deep, 0.25),
    )
