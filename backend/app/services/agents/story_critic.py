"""The Story Critic scores a story 0-10 and says what to mend.

Called by unified_pipeline/story_stage.py. Tests: tests/test_services/test_agents.py
"""

from __future__ import annotations

from app.ports.text import TextModel
from app.schemas.providers import CallContext, StoryCriticInput
from app.schemas.story import Critique
from app.services.agents.contracts import decide


class StoryCritic:
    """Role over a text model; `threshold` (0-10) comes from the pipeline's YAML."""

    def __init__(self, text: TextModel, threshold: float) -> None:
        self._text = text
        self._threshold = threshold

    async def judge(self, data: StoryCriticInput, ctx: CallContext) -> Critique:
        """Return the critique with `approved` decided by the threshold. Raises ProviderError."""
        result = await self._text.criticise_story(data, ctx)
        return decide(result.value, self._threshold)
