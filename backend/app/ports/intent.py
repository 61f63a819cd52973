"""Intent models: second opinions on what an answer at a gate means, asked when the rules are not sure.

Called by services/pipeline/conversation_handler.py. Adapters: app/providers/local_intent.
Suite: tests/test_contracts/test_intent.py.
"""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import Field

from app.schemas.base import Model

Intent = Literal["approve", "regenerate", "refine", "edit", "cancel", "unclear"]


class IntentGuess(Model):
    """What a model takes a message for; `unclear` with confidence 0 when it can't say.

    `quote` is needed for an approval only: the words of the message, copied exactly, that give it.
    """

    intent: Intent
    confidence: float = Field(ge=0, le=1)
    quote: str = ""


class IntentModel(Protocol):
    """Reads one message. It has no side effects and never sees more than the message."""

    @property
    def source(self) -> Literal["encoder", "model"]:
        """What kind of model this is, as results name it."""

    @property
    def may_approve(self) -> bool:
        """Whether its word may count as an approval; a sentence encoder's never does."""

    async def classify(self, message: str, stage: str, scene_count: int | None) -> IntentGuess:
        """Return the likeliest intent of `message` at the gate of `stage`. Raises ProviderError."""
