"""The data behind the intent rules: the schema of config/copy/intents.yaml, read once.

Called by intent_rules.py and conversation_handler.py. Tests: tests/test_services/test_conversation_handler.py
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from app.kit.yaml_source import quick_yaml
from app.ports.intent import Intent
from app.schemas.base import Model
from app.services.pipeline.scene_mentions import SceneWords

Reason = Literal[
    "default", "praise", "dislike", "hold", "question", "doubt", "cancel", "which_scene", "no_scene", "scene_change"
]


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


WordList = Annotated[list[str], BeforeValidator(_split)]


class Question(Model):
    """What is asked back at each gate."""

    story: str
    scenes: str


class ModelLimits(Model):
    """What a model's guess must reach to count."""

    min_confidence: dict[Intent, float]
    over_weak_rule: float = Field(ge=0, le=1)


class IntentData(Model):
    """See the comments in the file itself."""

    phrases: dict[str, list[str]]
    carries: dict[str, list[str]]
    max_words: int = Field(ge=1)
    punctuation: str
    short_forms: dict[str, str]
    smileys: list[str]
    trailing_doubt: str
    veto: list[str]
    injection: list[str]
    questions: list[str]
    requests: list[str]
    signals: list[str]
    complaints: list[str]
    verbs: WordList
    comparatives: WordList
    faults: WordList
    not_a_thing: str
    asides: list[str]
    approving_start: str
    clause_ends: str
    vague_scene: str
    quoted: str
    refine_min_words: int = Field(ge=1)
    scenes: SceneWords
    new_ad: list[str]
    ask_back: dict[Reason, Question]
    models: ModelLimits


@lru_cache(maxsize=1)
def load_intent_data() -> IntentData:
    """Return the checked data."""
    raw = resources.files("app").joinpath("config/copy/intents.yaml").read_text(encoding="utf-8")
    return IntentData.model_validate(quick_yaml(raw))
