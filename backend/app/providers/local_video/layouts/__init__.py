"""The layout catalogue: each turns a stage into layers. What is shown is decided here, never how it is drawn.

Called by render.py through `build`. Tests: tests/test_providers/test_local_video/test_layouts.py
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.providers.local_video.layouts.full_bleed import full_bleed
from app.providers.local_video.layouts.hero_split import framed_photo, hero_split
from app.providers.local_video.layouts.logo_close import logo_close
from app.providers.local_video.layouts.parts import extras, with_room
from app.providers.local_video.layouts.stack_list import stack_list
from app.providers.local_video.layouts.titlecard import titlecard
from app.providers.local_video.layouts.type_beats import type_beats
from app.providers.local_video.scene_spec import Layer, SceneSpec
from app.providers.local_video.stage import Stage
from app.providers.local_video.transitions import halves
from app.schemas.unified_pipeline import Layout, ReferenceType

_ANY: tuple[ReferenceType, ...] = ("product", "character", "environment", "logo")
_WIDE: tuple[ReferenceType, ...] = ("environment", "product", "character", "logo")
_THING: tuple[ReferenceType, ...] = ("product", "character")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A layout and its places: each shows the first of its types that the scene lists."""

    build: Callable[[Stage], list[Layer]]
    places: tuple[tuple[ReferenceType, ...], ...]


LAYOUTS: dict[Layout, _Entry] = {
    "hero-split": _Entry(hero_split, (_ANY,)),
    "full-bleed": _Entry(full_bleed, (_WIDE, _THING)),
    "framed-photo": _Entry(framed_photo, (_WIDE, _THING)),
    "type-beats": _Entry(type_beats, (_THING,)),
    "stack-list": _Entry(stack_list, (_THING,)),
    "titlecard": _Entry(titlecard, (("logo",),)),
    "logo-close": _Entry(logo_close, (_THING, ("logo",))),
}


def build(stage: Stage) -> SceneSpec:
    """Return the whole clip of a stage."""
    request = stage.request
    scene = request.scene
    entry = LAYOUTS[scene.layout]
    found = (stage.find(*types) for types in entry.places)
    used = {index for index in found if index is not None}
    stage = with_room(stage, used)
    head, tail = halves(
        (scene.transition_in, scene.transition_out), (request.clip_index, request.clip_count), stage.seconds
    )
    return SceneSpec(
        width=request.width,
        height=request.height,
        fps=request.fps,
        frames=round(scene.duration * request.fps),
        layers=(*entry.build(stage), *extras(stage, used)),
        head=head,
        tail=tail,
        flash=stage.look.flash,
        dark=stage.look.night,
    )
