"""The text port by a language model: renders the role's YAML prompt, asks, and maps the typed answer.

Chosen by providers/registry.py as text provider ``openai``; any endpoint that speaks the protocol will do.
Tests: tests/test_providers/test_openai_text/
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from app.core.errors import ConfigError
from app.ports.intent import IntentGuess
from app.providers.openai_chat.endpoint import Endpoint
from app.providers.openai_chat.question import Question, most_usd, result
from app.providers.openai_text.mapping import cohesion_of, critique_of, index_of, reading_of, scene_of, story_of
from app.schemas.answers import (
    BriefAnswer,
    CohesionAnswer,
    CritiqueAnswer,
    IntentAnswer,
    SceneAnswer,
    StoryAnswer,
)
from app.schemas.prompts import PromptId, PromptLibrary
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
    TaskName,
)
from app.schemas.story import Critique, Story
from app.schemas.unified_pipeline import Scene

if TYPE_CHECKING:
    from app.providers.registry import ProviderDeps

A = TypeVar("A", bound=BaseModel)
V = TypeVar("V")
ROLES: dict[TaskName, tuple[PromptId, type[BaseModel]]] = {
    "brief.reader": ("brief_reader", BriefAnswer),
    "story.director": ("story_director", StoryAnswer),
    "story.critic": ("story_critic", CritiqueAnswer),
    "scene.writer": ("scene_writer", SceneAnswer),
    "scene.critic": ("scene_critic", CritiqueAnswer),
    "scene.cohesor": ("scene_cohesor", CohesionAnswer),
    "chat.intent": ("conversation_intent", IntentAnswer),
}
"""Each task's prompt and the schema of its answer."""


class OpenAITextModel:
    """All text roles. Ports: text.TextModel, text.ReadsIntent, priced.Priced."""

    def __init__(self, endpoint: Endpoint, prompts: PromptLibrary) -> None:
        self._endpoint = endpoint
        self._prompts = prompts

    async def read_brief(self, data: BriefInput, ctx: CallContext) -> Result[BriefReading]:
        """See ports.text.TextModel."""
        question = self._question("brief.reader", data, BriefAnswer, ctx.seed)
        return await self._asked(question, lambda answer: reading_of(answer, data))

    async def direct_story(self, data: DirectorInput, ctx: CallContext) -> Result[Story]:
        """See ports.text.TextModel."""
        count = len(data.scene_durations)

        def fault(answer: StoryAnswer) -> str:
            return "" if len(answer.scenes) == count else f"Write exactly {count} scenes, not {len(answer.scenes)}."

        question = self._question("story.director", data, StoryAnswer, data.seed, fault)
        return await self._asked(question, lambda answer: story_of(answer, data, self._endpoint.model))

    async def criticise_story(self, data: StoryCriticInput, ctx: CallContext) -> Result[Critique]:
        """See ports.text.TextModel."""
        return await self._asked(self._question("story.critic", data, CritiqueAnswer, ctx.seed), critique_of)

    async def write_scene(self, data: SceneWriterInput, ctx: CallContext) -> Result[Scene]:
        """See ports.text.TextModel. Raises Rejected for an unknown id."""
        index_of(data)
        question = self._question("scene.writer", data, SceneAnswer, data.seed)
        return await self._asked(question, lambda answer: scene_of(answer, data))

    async def criticise_scene(self, data: SceneCriticInput, ctx: CallContext) -> Result[Critique]:
        """See ports.text.TextModel."""
        return await self._asked(self._question("scene.critic", data, CritiqueAnswer, ctx.seed), critique_of)

    async def cohere(self, data: CohesorInput, ctx: CallContext) -> Result[Cohesion]:
        """See ports.text.TextModel."""
        known = {scene.id for scene in data.scenes}

        def fault(answer: CohesionAnswer) -> str:
            foreign = sorted({repair.scene_id for repair in answer.repairs} - known)
            return f"There is no scene {foreign[0]}; repair only scenes {sorted(known)}." if foreign else ""

        question = self._question("scene.cohesor", data, CohesionAnswer, ctx.seed, fault)
        return await self._asked(question, lambda answer: cohesion_of(answer, data))

    async def read_intent(self, data: IntentInput, ctx: CallContext) -> Result[IntentGuess]:
        """See ports.text.ReadsIntent."""
        question = self._question("chat.intent", data, IntentAnswer, ctx.seed)
        return await self._asked(question, lambda said: IntentGuess(intent=said.intent, confidence=said.confidence))

    def estimate(self, task: TaskName, data: BaseModel) -> Decimal:
        """See ports.priced.Priced. `data` is the task's input."""
        if task not in ROLES:
            raise ConfigError(f"The text provider has no task {task!r}.", hint=f"Its tasks: {', '.join(ROLES)}.")
        return most_usd(self._endpoint.rate, self._question(task, data, ROLES[task][1], 0))

    async def check(self) -> None:
        """See ports.priced.Priced."""
        await self._endpoint.check()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()

    def _question(
        self, task: TaskName, data: BaseModel, answer: type[A], seed: int, fault: Callable[[A], str] = lambda _: ""
    ) -> Question[A]:
        prompt = self._prompts.get(ROLES[task][0]).render(**_values(data))
        return Question(task, prompt, answer, fault, seed=seed)

    async def _asked(self, question: Question[A], to_value: Callable[[A], V]) -> Result[V]:
        answer, tally = await self._endpoint.ask(question)
        return result(self._endpoint.model, question, tally, to_value(answer))


def _values(data: BaseModel) -> dict[str, Any]:
    """A prompt's variables: every field of the task's input but the seed; a brief stands as a whole."""
    if isinstance(data, BriefInput):
        return {"brief": data}
    return {name: getattr(data, name) for name in type(data).model_fields if name != "seed"}


def build(deps: ProviderDeps) -> OpenAITextModel:
    """Return the adapter; called by providers/registry.py."""
    return OpenAITextModel(Endpoint(deps.settings, deps.models.text), deps.prompts)
