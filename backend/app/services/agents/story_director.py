"""The Story Director writes an ad's story, and rewrites it by critique and feedback (spec "Multi-Agent LLM System").

Called by unified_pipeline/story_stage.py. Tests: tests/test_services/test_agents.py
"""

from __future__ import annotations

from app.ports.text import TextModel
from app.schemas.providers import CallContext, DirectorInput
from app.schemas.story import Story
from app.services.agents.contracts import check_story


class StoryDirector:
    """Role over a text model; the model computes or prompts, the role keeps the contract."""

    def __init__(self, text: TextModel) -> None:
        self._text = text

    async def write(self, data: DirectorInput, ctx: CallContext) -> Story:
        """Return a story with exactly the planned scenes. Raises ProviderError, BadOutput."""
        result = await self._text.direct_story(data, ctx)
        return check_story(result.value, data.scene_durations)
