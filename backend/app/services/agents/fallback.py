"""Text and vision that go on with AdMint's own when the chosen provider fails, if the configuration says so.

Nothing is hidden: a story says who wrote it and why, an image who described it. A refusal by policy, an unclear brief,
a cap and an unclear charge stop as ever. Nothing is checked before the run: what fails then is no reason to stop.
Wrapped around an adapter by app/open_models.py when `models.fallback` is `local`. Tests:
tests/test_services/test_fallback.py
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.core.errors import BriefUnclear, ConfigError, ProviderError, SafetyRefused
from app.ports.intent import IntentGuess
from app.ports.text import ReadsIntent, TextModel
from app.ports.vision import VisionModel
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
    VisionInput,
)
from app.schemas.story import Critique, Story
from app.schemas.unified_pipeline import ReferenceImageAnalysis, Scene

log = logging.getLogger(__name__)
R = TypeVar("R")
M = TypeVar("M")
_NOTE = "{model} did not write this: {reason} AdMint's own copywriter did."


async def _either(first: M, second: M, ask: Callable[[M], Awaitable[Result[R]]]) -> tuple[Result[R], str]:
    """Return an answer, and why the first model did not give it (empty where it did)."""
    try:
        return await ask(first), ""
    except (BriefUnclear, SafetyRefused):
        raise
    except (ProviderError, ConfigError) as error:
        log.warning("fallback", extra={"code": error.code, "reason": error.message})
        return await ask(second), error.message


class TextWithFallback:
    """TextModel over two. `label` is what the first is called in a story's notes."""

    def __init__(self, first: TextModel, second: TextModel, label: str) -> None:
        self._models = (first, second)
        self._label = label

    async def read_brief(self, data: BriefInput, ctx: CallContext) -> Result[BriefReading]:
        """See ports.text.TextModel."""
        return (await _either(*self._models, lambda model: model.read_brief(data, ctx)))[0]

    async def direct_story(self, data: DirectorInput, ctx: CallContext) -> Result[Story]:
        """See ports.text.TextModel. The story says when the first model did not write it."""
        result, reason = await _either(*self._models, lambda model: model.direct_story(data, ctx))
        if not reason:
            return result
        notes = [_NOTE.format(model=self._label, reason=reason), *result.value.notes]
        return result.model_copy(update={"value": result.value.model_copy(update={"notes": notes})})

    async def criticise_story(self, data: StoryCriticInput, ctx: CallContext) -> Result[Critique]:
        """See ports.text.TextModel."""
        return (await _either(*self._models, lambda model: model.criticise_story(data, ctx)))[0]

    async def write_scene(self, data: SceneWriterInput, ctx: CallContext) -> Result[Scene]:
        """See ports.text.TextModel."""
        return (await _either(*self._models, lambda model: model.write_scene(data, ctx)))[0]

    async def criticise_scene(self, data: SceneCriticInput, ctx: CallContext) -> Result[Critique]:
        """See ports.text.TextModel."""
        return (await _either(*self._models, lambda model: model.criticise_scene(data, ctx)))[0]

    async def cohere(self, data: CohesorInput, ctx: CallContext) -> Result[Cohesion]:
        """See ports.text.TextModel."""
        return (await _either(*self._models, lambda model: model.cohere(data, ctx)))[0]

    async def read_intent(self, data: IntentInput, ctx: CallContext) -> Result[IntentGuess]:
        """See ports.text.ReadsIntent. The rules decide where it can't."""
        first = self._models[0]
        if not isinstance(first, ReadsIntent):
            raise ProviderError("This text provider reads no intents.", hint="Say it in other words.")
        return await first.read_intent(data, ctx)


class VisionWithFallback:
    """VisionModel over two; an analysis names its analyst, so `label` is not needed."""

    def __init__(self, first: VisionModel, second: VisionModel, label: str) -> None:
        self._models = (first, second)

    async def analyse(self, data: VisionInput, ctx: CallContext) -> Result[ReferenceImageAnalysis]:
        """See ports.vision.VisionModel."""
        return (await _either(*self._models, lambda model: model.analyse(data, ctx)))[0]
