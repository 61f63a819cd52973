"""The vision port by a model that can look at pictures: the image goes along as bytes, never as an address.

Chosen by providers/registry.py as vision provider ``openai``. What is measured (size, palette, sharpness) is put in by
services/media/image_processor.py and wins. Tests: tests/test_providers/test_openai_vision.py
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pydantic import BaseModel

from app.core.errors import ConfigError
from app.ports.storage import Storage
from app.providers.openai_chat.endpoint import Endpoint
from app.providers.openai_chat.question import Question, most_usd, result
from app.schemas.answers import VisionAnswer
from app.schemas.prompts import PromptLibrary
from app.schemas.providers import CallContext, Result, TaskName, VisionInput
from app.schemas.unified_pipeline import ReferenceImageAnalysis

if TYPE_CHECKING:
    from app.providers.registry import ProviderDeps

TASK: TaskName = "vision.analyst"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_SURE = 0.7
_TYPES = {".png": "image/png", ".webp": "image/webp"}


class OpenAIVisionModel:
    """Ports: vision.VisionModel, priced.Priced."""

    def __init__(self, endpoint: Endpoint, prompts: PromptLibrary, storage: Storage) -> None:
        self._endpoint = endpoint
        self._prompts = prompts
        self._storage = storage

    async def analyse(self, data: VisionInput, ctx: CallContext) -> Result[ReferenceImageAnalysis]:
        """See ports.vision.VisionModel. Raises NotFound when the image is not stored."""
        content = await self._storage.read_bytes(data.image_key)
        question = self._question(data, content, ctx.seed)
        answer, tally = await self._endpoint.ask(question)
        return result(self._endpoint.model, question, tally, _analysis(answer, self._endpoint.model))

    def estimate(self, task: TaskName, data: BaseModel) -> Decimal:
        """See ports.priced.Priced. `data` is a VisionInput."""
        if task != TASK or not isinstance(data, VisionInput):
            raise ConfigError(f"The vision provider has no task {task!r}.", hint=f"Its task: {TASK}.")
        return most_usd(self._endpoint.rate, self._question(data, b"", 0))

    async def check(self) -> None:
        """See ports.priced.Priced."""
        await self._endpoint.check()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()

    def _question(self, data: VisionInput, content: bytes, seed: int) -> Question[VisionAnswer]:
        prompt = self._prompts.get("vision_analyst").render(expected_type=data.expected_type, brief=data.brief)
        media_type = _TYPES.get(PurePosixPath(data.image_key).suffix, "image/jpeg")
        return Question(TASK, prompt, VisionAnswer, image=(content, media_type), seed=seed)


def _analysis(answer: VisionAnswer, model: str) -> ReferenceImageAnalysis:
    """The answer as the pipeline keeps it: null stays null, a label only when the model is sure, only hex colours."""
    return ReferenceImageAnalysis(
        character_description=_said(answer.character_description),
        product_features=_said(answer.product_features),
        colors=[colour.lower() for colour in answer.colors if _HEX.fullmatch(colour)],
        accent_colors=[colour.lower() for colour in answer.accent_colors if _HEX.fullmatch(colour)],
        style=answer.style,
        environment=_said(answer.environment),
        label=_said(answer.label) if answer.confidence >= _SURE else None,
        confidence=answer.confidence,
        plain_background=answer.plain_background,
        analyst=model,
    )


def _said(text: str | None) -> str | None:
    return text.strip() or None if text else None


def build(deps: ProviderDeps) -> OpenAIVisionModel:
    """Return the adapter; called by providers/registry.py."""
    return OpenAIVisionModel(Endpoint(deps.settings, deps.models.vision), deps.prompts, deps.storage)
