"""The Scene Cohesor checks all scenes against each other and repairs contradictions.

Called by unified_pipeline/scene_stage.py. Tests: tests/test_services/test_agents.py
"""

from __future__ import annotations

from app.ports.text import TextModel
from app.schemas.providers import CallContext, Cohesion, CohesorInput
from app.services.agents.contracts import check_scenes, decide


class SceneCohesor:
    """Role over a text model; `threshold` (0-10) comes from the pipeline's YAML."""

    def __init__(self, text: TextModel, threshold: float) -> None:
        self._text = text
        self._threshold = threshold

    async def unite(self, data: CohesorInput, ctx: CallContext) -> Cohesion:
        """Return the verdict and the repaired scenes: same ids, order, durations. Raises ProviderError, BadOutput."""
        result = await self._text.cohere(data, ctx)
        cohesion = result.value
        return cohesion.model_copy(
            update={
                "critique": decide(cohesion.critique, self._threshold),
                "scenes": check_scenes(data.scenes, cohesion.scenes),
            }
        )
