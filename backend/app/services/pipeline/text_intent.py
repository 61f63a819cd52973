"""A second opinion on a word at a gate from the text model of that ad, if it is one that can read messages.

It never approves: what may spend money is decided by the rules alone. Called by unified_pipeline/words.py.
Tests: tests/test_services/test_text_intent.py
"""

from __future__ import annotations

from typing import Literal, cast

from app.core.errors import ChargeUnknown, OverCap
from app.kit.ids import digest
from app.ports.intent import IntentGuess
from app.ports.text import ReadsIntent, TextModel
from app.schemas.providers import CallContext, IntentInput
from app.schemas.unified_pipeline import StageName

_MOST = 2000
"""Characters of a message that are read; what is meant is said by then."""


class TextIntent:
    """IntentModel over a text model."""

    source: Literal["model"] = "model"
    may_approve = False

    def __init__(self, text: ReadsIntent, generation_id: str) -> None:
        self._text = text
        self._generation_id = generation_id

    async def classify(self, message: str, stage: str, scene_count: int | None) -> IntentGuess:
        """See ports.intent.IntentModel. The same words at the same gate are one call in the ledger."""
        text = message[:_MOST].encode("utf-8", "replace").decode()
        asked = IntentInput(message=text, stage=cast(StageName, stage), scene_count=scene_count or 0)
        step = f"intent.{digest(asked.model_dump(mode='json'))[:16]}"
        ctx = CallContext(
            generation_id=self._generation_id, step=step, idempotency_key=f"{self._generation_id}:{step}:1"
        )
        try:
            return (await self._text.read_intent(asked, ctx)).value
        except (OverCap, ChargeUnknown):  # what may not be paid is not read: the user is asked instead
            return IntentGuess(intent="unclear", confidence=0)


def readers(text: TextModel, generation_id: str) -> list[TextIntent]:
    """Return the ad's own text model as a reader of messages; empty when it is none."""
    return [TextIntent(text, generation_id)] if isinstance(text, ReadsIntent) else []
