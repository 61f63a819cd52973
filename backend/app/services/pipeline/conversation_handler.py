"""Words to intent, by rule (AC-5.9). What is not clearly an approval never is one: approving may spend money.

Called by the CLI's gates. Tests: tests/test_services/test_conversation_handler.py
"""

from __future__ import annotations

import re
from importlib import resources
from typing import Literal

import yaml
from pydantic import Field

from app.schemas.base import Model

Intent = Literal["approve", "regenerate", "refine", "edit", "cancel", "unclear"]


class IntentRules(Model):
    """The word lists behind the rules: config/copy/intents.yaml."""

    approve: list[str]
    regenerate: list[str]
    cancel: list[str]
    refine_min_words: int = Field(ge=1)


class ParsedIntent(Model):
    """What the user wants; `text` is the feedback to pass on, `scene_id` the scene it speaks of."""

    intent: Intent
    text: str = ""
    scene_id: int | None = None


class ConversationHandler:
    """Rule-based intent parsing."""

    def __init__(self) -> None:
        raw = resources.files("app").joinpath("config/copy/intents.yaml").read_text(encoding="utf-8")
        self._rules = IntentRules.model_validate(yaml.safe_load(raw))

    def parse_intent(self, message: str, stage: str) -> ParsedIntent:
        """Return the intent of one message at the gate of `stage`."""
        plain = " ".join(re.sub(r"[^\w\s']", " ", message.lower()).split())
        scene_id = _scene_id(plain) if stage == "scenes" else None
        if plain in self._rules.approve:
            return ParsedIntent(intent="approve")
        if plain in self._rules.cancel:
            return ParsedIntent(intent="cancel")
        if plain in self._rules.regenerate:
            return ParsedIntent(intent="regenerate")
        if scene_id is not None:
            return ParsedIntent(intent="edit", text=message.strip(), scene_id=scene_id)
        if len(plain.split()) >= self._rules.refine_min_words:
            return ParsedIntent(intent="refine", text=message.strip())
        return ParsedIntent(intent="unclear", text=message.strip())


def _scene_id(plain: str) -> int | None:
    found = re.search(r"\bscene (\d{1,2})\b", plain)
    return int(found.group(1)) if found else None
