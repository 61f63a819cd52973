"""The layout catalogue: each turns a stage into layers. What is shown is decided here, never how it is drawn.

Called by render.py through `build`. Tests: tests/test_providers/test_local_video/test_layouts.py
"""

from __future__ import annotations

from app.providers.local_video.layouts.simple import build_simple
from app.providers.local_video.scene_spec import Joint, SceneSpec
from app.providers.local_video.stage import Stage


def build(stage: Stage) -> SceneSpec:
    """Return the whole clip of a stage."""
    request = stage.request
    return SceneSpec(
        width=request.width,
        height=request.height,
        fps=request.fps,
        frames=round(request.scene.duration * request.fps),
        layers=tuple(build_simple(stage)),
        head=Joint(request.scene.transition_in, 0.0),
        tail=Joint(request.scene.transition_out, 0.0),
    )
