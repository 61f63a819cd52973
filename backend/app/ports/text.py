"""Text tasks: typed input, typed output.

Adapters: app/providers/*_text. Tests: tests/test_providers/test_local_text/.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from app.ports.intent import IntentGuess
from app.schemas.providers import (
    BriefInput,
    BriefReading,
    CallContext,
    Cohesion,
    CohesorInput,
    DirectorInput,
    IntentInput,
    Result,
    SceneCriticInput,
    SceneWriterInput,
    StoryCriticInput,
)
from app.schemas.story import Critique, Story
from app.schemas.unified_pipeline import Scene


class TextModel(Protocol):
    """One method a role. All raise ProviderError; none retries by itself."""

    async def read_brief(self, data: BriefInput, ctx: CallContext) -> Result[BriefReading]:
        """Say what the brief states about length, ratio, framework, tone, brand, CTA and URL."""

    async def direct_story(self, data: DirectorInput, ctx: CallContext) -> Result[Story]:
        """Write the story, or rewrite `previous` by the critique and the user's feedback."""

    async def criticise_story(self, data: StoryCriticInput, ctx: CallContext) -> Result[Critique]:
        """Score a story 0-10 and name its faults, quoting the text."""

    async def write_scene(self, data: SceneWriterInput, ctx: CallContext) -> Result[Scene]:
        """Write one scene; its id and duration are the story's."""

    async def criticise_scene(self, data: SceneCriticInput, ctx: CallContext) -> Result[Critique]:
        """Score one scene 0-10 and name its faults."""

    async def cohere(self, data: CohesorInput, ctx: CallContext) -> Result[Cohesion]:
        """Check all scenes against each other and repair contradictions."""


@runtime_checkable
class ReadsIntent(Protocol):
    """A text model that can also say what a message at an approval point asks for; it never approves."""

    async def read_intent(self, data: IntentInput, ctx: CallContext) -> Result[IntentGuess]:
        """Return the likeliest intent. Raises ProviderError."""
