"""Words to intent: rules, then models if there are any, else a question back (AC-5.9).

What is not clearly an approval never is one: approving may spend money. Called by the doors' gates: the CLI and the
socket. Tests: tests/test_services/test_conversation_handler.py
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from app.core.errors import ProviderError
from app.ports.intent import Intent, IntentGuess, IntentModel
from app.schemas.base import Model
from app.services.pipeline.intent_data import Reason, load_intent_data
from app.services.pipeline.intent_rules import IntentRules, Verdict

__all__ = ["ConversationHandler", "Intent", "ParsedIntent"]

_log = logging.getLogger(__name__)
_WEAK = 0.6


class ParsedIntent(Model):
    """What the user wants.

    `text` is the feedback to pass on and `scene_id` the scene it speaks of (1-based). `confidence` is 0-1; `source`
    says who decided; `question` is what to ask back: always there for `unclear`, also for an `edit` or `refine` that
    names a scene and nothing to change, empty otherwise.
    """

    intent: Intent
    text: str = ""
    scene_id: int | None = None
    confidence: float = Field(1.0, ge=0, le=1)
    source: Literal["rules", "encoder", "model", "ask"] = "rules"
    question: str = ""


class ConversationHandler:
    """Reads the user's answers at the gates.

    Args:
        models: Second opinions, asked in this order when the rules are not sure.
    """

    def __init__(self, models: Sequence[IntentModel] = ()) -> None:
        self._data = load_intent_data()
        self._rules = IntentRules(self._data)
        self._models = tuple(models)

    def parse_intent(self, message: str, stage: str, *, scene_count: int | None = None) -> ParsedIntent:
        """Return the intent of one message at the gate of `stage`, by the rules alone.

        Args:
            message: What the user typed.
            stage: `story` or `scenes`.
            scene_count: How many scenes there are, so that "the last scene" has a number.
        """
        verdict = self._rules.read(message, stage, scene_count)
        return self._settled(verdict, message, stage, scene_count)

    async def understand(
        self, message: str, stage: str, *, scene_count: int | None = None, also: Sequence[IntentModel] = ()
    ) -> ParsedIntent:
        """Like parse_intent, but ask the models about what the rules leave open. Never raises for a model.

        Args:
            message, stage, scene_count: As `parse_intent`.
            also: Models to ask after the handler's own.
        """
        verdict = self._rules.read(message, stage, scene_count)
        if verdict.intent is None or not verdict.firm:
            for model in (*self._models, *also):
                guess = await _guess(model, message, stage, scene_count)
                if guess is not None and self._counts(guess, model, verdict, message):
                    return self._by_model(guess, model, (message, stage, scene_count))
        return self._settled(verdict, message, stage, scene_count)

    def _counts(self, guess: IntentGuess, model: IntentModel, verdict: Verdict, message: str) -> bool:
        """Say whether a guess decides. For an approval: only plain words of the message itself, quoted exactly."""
        if guess.intent == "approve":
            quoted = bool(guess.quote.strip()) and guess.quote in message
            return model.may_approve and quoted and verdict.intent is None and not self._rules.vetoes(message)
        limit = self._data.models.min_confidence.get(guess.intent, 1.0)
        if verdict.intent is not None:
            limit = max(limit, self._data.models.over_weak_rule)
        if guess.intent == "edit" or (guess.intent == "unclear" and verdict.intent is None):
            return False
        return guess.confidence >= limit

    def _by_model(self, guess: IntentGuess, model: IntentModel, asked: tuple[str, str, int | None]) -> ParsedIntent:
        message, stage, scene_count = asked
        parsed = self._settled(Verdict(guess.intent), message, stage, scene_count)
        return parsed.model_copy(update={"confidence": guess.confidence, "source": model.source})

    def _settled(self, verdict: Verdict, message: str, stage: str, scene_count: int | None) -> ParsedIntent:
        text, scene = message.strip(), verdict.scene
        if verdict.intent in (None, "unclear"):
            confidence = 0.0 if verdict.intent is None else 1.0
            unnamed = verdict.reason == "scene_change" and scene is None
            return ParsedIntent(
                intent="unclear",
                text=text,
                scene_id=scene,
                confidence=confidence,
                source="ask",
                question=self._question("which_scene" if unnamed else verdict.reason, stage).format(scene=scene),
            )
        if verdict.intent == "edit" and scene is not None and scene_count is not None and not 1 <= scene <= scene_count:
            question = self._question("no_scene", stage).format(scene=scene, count=scene_count)
            return ParsedIntent(intent="unclear", text=text, scene_id=scene, source="ask", question=question)
        if verdict.intent in ("approve", "regenerate", "cancel"):
            return ParsedIntent(intent=verdict.intent)
        asks = verdict.reason == "scene_change" and scene is not None
        return ParsedIntent(
            intent=verdict.intent,
            text=text,
            scene_id=scene,
            confidence=1.0 if verdict.firm else _WEAK,
            question=self._question("scene_change", stage).format(scene=scene) if asks else "",
        )

    def _question(self, reason: Reason, stage: str) -> str:
        asked = self._data.ask_back[reason]
        return asked.story if stage == "story" else asked.scenes


async def _guess(model: IntentModel, message: str, stage: str, scene_count: int | None) -> IntentGuess | None:
    """Return what the model says, null when it can't answer: an answer at a gate must not be lost for that."""
    try:
        return await model.classify(message, stage, scene_count)
    except ProviderError as error:
        _log.warning("intent model failed", extra={"model": model.source, "error": error.code})
        return None
