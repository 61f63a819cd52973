"""Making a request legal for the renderer: frame sizes it takes, layouts that can work, what it has to say about it.

Called by adapter.LocalVideoModel.plan; pure. Tests: tests/test_providers/test_local_video/test_planning.py
"""

from __future__ import annotations

from app.core.errors import InvalidInput
from app.providers.local_video.fonts import undrawable
from app.schemas.providers import VideoPlan, VideoRequest
from app.schemas.unified_pipeline import Layout, ReferenceType, Scene

MODEL = "planar-1"
_RATIOS = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1)}
_SMALLEST, _LARGEST = 96, 3840
_PICTURES: tuple[ReferenceType, ...] = ("product", "character", "environment")


def plan_request(request: VideoRequest) -> VideoPlan:
    """Return the plan. Raises InvalidInput for a frame this renderer will not stretch to."""
    _check_frame(request)
    downgrades: list[str] = []
    scene = _workable(request, downgrades)
    lost = undrawable(" ".join(_words(scene)))
    if lost:
        downgrades.append(f"left out characters no bundled typeface can draw: {lost}")
    legal = request.model_copy(update={"scene": scene})
    return VideoPlan(
        request=legal,
        model=MODEL,
        render_duration_s=scene.duration,
        trim_to_s=scene.duration,
        downgrades=downgrades,
    )


def _check_frame(request: VideoRequest) -> None:
    width, height = request.width, request.height
    if not any(width * b == height * a for a, b in _RATIOS.values()):
        raise InvalidInput(
            f"The renderer draws {', '.join(_RATIOS)}; {width}x{height} is none of these.",
            hint="Pick one of these aspect ratios, for example 1280x720.",
        )
    if width % 2 or height % 2 or min(width, height) < _SMALLEST or max(width, height) > _LARGEST:
        raise InvalidInput(
            f"A frame of {width}x{height} can't be encoded.",
            hint=f"Use even sides between {_SMALLEST} and {_LARGEST} pixels.",
        )
    if round(request.scene.duration * request.fps) < 1:
        raise InvalidInput("The scene is shorter than one frame.", hint="Give it at least a second.")


def _words(scene: Scene) -> list[str]:
    copy = scene.copy_text
    return [w for w in (copy.kicker, copy.headline, copy.support, *copy.items, copy.cta, copy.url) if w]


def _workable(request: VideoRequest, downgrades: list[str]) -> Scene:
    """Return the scene with a layout that its references and words can fill."""
    scene = request.scene
    given = {reference.type for reference in request.references}
    listed = [kind for kind in scene.references if kind in given]
    for kind in scene.references:
        if kind not in given:
            downgrades.append(f"there is no {kind} picture to show")
    layout = _layout_for(scene, listed)
    if layout != scene.layout:
        downgrades.append(f"the layout {scene.layout} became {layout}: {_reason(scene.layout)}")
    return scene.model_copy(update={"layout": layout, "references": listed})


def _layout_for(scene: Scene, listed: list[ReferenceType]) -> Layout:
    pictured = any(kind in _PICTURES for kind in listed)
    copy = scene.copy_text
    if scene.layout == "hero-split" and not {"product", "character"} & set(listed):
        return "full-bleed" if "environment" in listed else "titlecard"
    if scene.layout in {"full-bleed", "framed-photo"} and not pictured:
        return "titlecard"
    if scene.layout == "stack-list" and not copy.items:
        return "hero-split" if {"product", "character"} & set(listed) else "titlecard"
    if scene.layout == "type-beats" and not (copy.items or copy.headline):
        return "titlecard"
    return scene.layout


def _reason(layout: Layout) -> str:
    if layout in {"hero-split", "full-bleed", "framed-photo"}:
        return "no picture to fill it"
    return "no lines to fill it"
