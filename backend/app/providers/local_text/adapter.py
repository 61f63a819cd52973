"""The local text provider: a rule-based copywriter behind the TextModel port. No model, no key, no network.

Chosen by providers/registry.py as text provider ``local``. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from app.providers.local_text.cohesor import Cohesor
from app.providers.local_text.data import DEFAULT_DIR, CopyData, shipped
from app.providers.local_text.facts import Facts
from app.providers.local_text.reader import BriefReader
from app.providers.local_text.scene_critic import SceneCritic
from app.providers.local_text.scene_writer import SceneWriter
from app.providers.local_text.story_critic import StoryCritic
from app.providers.local_text.story_writer import StoryWriter
from app.schemas.providers import (
    BriefInput,
    BriefReading,
    CallContext,
    Cohesion,
    CohesorInput,
    DirectorInput,
    Result,
    SceneCriticInput,
    SceneWriterInput,
    StoryCriticInput,
)
from app.schemas.story import Critique, Story
from app.schemas.unified_pipeline import Scene

MODEL = "template-copywriter-1"
T = TypeVar("T")


class LocalTextModel:
    """All six text tasks, computed. Deterministic for equal inputs.

    Args:
        folder: Folder of the copy data; the shipped one by default.
    """

    def __init__(self, folder: Path = DEFAULT_DIR) -> None:
        self._data = shipped() if folder == DEFAULT_DIR else CopyData(folder)

    async def read_brief(self, data: BriefInput, ctx: CallContext) -> Result[BriefReading]:
        """Say what the brief states; `refusal` is set when no ad can be written from it."""
        facts = BriefReader(self._data).read(data)
        reading = BriefReading(
            duration_s=facts.duration_s,
            aspect_ratio=facts.aspect_ratio,
            framework=facts.framework,
            tone=facts.tone,
            brand=facts.brand,
            cta=facts.cta,
            url=facts.url,
            product=facts.product.phrase if facts.product else None,
            language=facts.language,
            refusal=self._refusal(facts),
        )
        return _result(reading)

    def _refusal(self, facts: Facts) -> str | None:
        questions = self._data.rules.questions
        if facts.language != "en":
            return questions["language"]
        if facts.certainty == 0 and not facts.brand:
            return questions["nothing"]
        return None

    async def direct_story(self, data: DirectorInput, ctx: CallContext) -> Result[Story]:
        """Write the story, or rewrite `previous`. Raises Rejected when there is nothing to advertise."""
        return _result(StoryWriter(self._data).write(data))

    async def criticise_story(self, data: StoryCriticInput, ctx: CallContext) -> Result[Critique]:
        """Score a story 0-10 and name its faults, quoting the text."""
        return _result(StoryCritic(self._data).judge(data))

    async def write_scene(self, data: SceneWriterInput, ctx: CallContext) -> Result[Scene]:
        """Write one scene; its id and duration are the story's. Raises Rejected for an unknown id."""
        return _result(SceneWriter(self._data).write(data))

    async def criticise_scene(self, data: SceneCriticInput, ctx: CallContext) -> Result[Critique]:
        """Score one scene 0-10 and name its faults."""
        return _result(SceneCritic(self._data).judge(data))

    async def cohere(self, data: CohesorInput, ctx: CallContext) -> Result[Cohesion]:
        """Check all scenes against each other; the repaired scenes and what was changed."""
        return _result(Cohesor(self._data).unite(data))


def _result(value: T) -> Result[T]:
    return Result(value=value, provider="local", model=MODEL)


def build(_deps: object) -> LocalTextModel:
    """What the registry calls; the copywriter needs none of its dependencies."""
    return LocalTextModel()
