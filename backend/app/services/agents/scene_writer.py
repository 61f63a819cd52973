"""The Scene Writer turns one beat of the story into a scene that can be filmed or rendered.

Called by unified_pipeline/scene_stage.py. Tests: tests/test_services/test_agents.py
"""

from __future__ import annotations

from app.ports.text import TextModel
from app.schemas.providers import CallContext, SceneWriterInput
from app.schemas.unified_pipeline import Scene


class SceneWriter:
    """Role over a text model."""

    def __init__(self, text: TextModel) -> None:
        self._text = text

    async def write(self, data: SceneWriterInput, ctx: CallContext) -> Scene:
        """Return the scene with the story's id and duration, listing only references that exist."""
        result = await self._text.write_scene(data, ctx)
        planned = next(scene for scene in data.story.scenes if scene.id == data.scene_id)
        known = {reference.type for reference in data.references}
        listed = [kind for kind in result.value.references if kind in known]
        return result.value.model_copy(
            update={"id": planned.id, "duration": planned.duration, "beat": planned.beat, "references": listed}
        )
