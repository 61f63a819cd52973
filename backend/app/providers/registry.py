"""Provider names to adapters, imported only when chosen. Adding a vendor: one adapter, one row here, one face.

Called by app/container.py, app/api/routes/studio.py and `admint score`. Tests: tests/test_providers/test_registry.py
"""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.core.errors import ConfigError
from app.core.settings import Settings
from app.ports.cache import Cache
from app.ports.scoring import Scorer
from app.ports.storage import Storage
from app.providers.scoring_missing import MissingScorer
from app.schemas.prompts import PromptLibrary
from app.schemas.server import ProviderFace
from app.schemas.unified_pipeline import ModelChoice


@dataclass(frozen=True)
class ProviderDeps:
    """What adapters may need to be built. `models` is the run's choice, `prompts` what language models are asked."""

    storage: Storage
    work_dir: Path
    media_workers: int
    settings: Settings
    models: ModelChoice = field(default_factory=ModelChoice)
    prompts: PromptLibrary = field(default_factory=lambda: PromptLibrary({}))
    cache: Cache | None = None


ADAPTERS: dict[str, dict[str, str]] = {
    "text": {
        "local": "app.providers.local_text.adapter:build",
        "openai": "app.providers.openai_text.adapter:build",
    },
    "vision": {
        "local": "app.providers.local_vision.adapter:build",
        "openai": "app.providers.openai_vision.adapter:build",
    },
    "image": {
        "local": "app.providers.local_image.adapter:build",
        "replicate": "app.providers.replicate_image.adapter:build",
    },
    "video": {
        "local": "app.providers.local_video.adapter:build",
        "replicate": "app.providers.replicate_video.adapter:build",
    },
    "audio": {"local": "app.providers.local_audio.model:build"},
}

SCORERS: dict[str, str] = {
    "embedded": "app.providers.scoring_embedded.adapter:build",
    "vbench": "app.providers.scoring_vbench.adapter:build",
}
"""Scorers by name, as ADMINT_SCORER takes it: the modality `scoring`, which no pipeline stage chooses."""
NO_SCORER = "none"

FACES: dict[str, ProviderFace] = {
    "local": ProviderFace(label="Local studio", local=True, costs_money=False),
    "openai": ProviderFace(label="OpenAI-compatible model", local=False, costs_money=True),
    "replicate": ProviderFace(label="Replicate", local=False, costs_money=True),
}
"""How each provider introduces itself, by its name in `ADAPTERS`."""


def face(name: str, settings: Settings) -> ProviderFace:
    """Return how a provider introduces itself here: a language model on this very machine costs nothing."""
    from app.providers.openai_chat.prices import is_loopback

    known = FACES[name]
    if name == "openai" and settings.openai_price == "auto" and is_loopback(settings.openai_base_url):
        return known.model_copy(update={"local": True, "costs_money": False})
    return known


def build(modality: str, name: str, deps: ProviderDeps) -> Any:
    """Return the adapter `name` for `modality`. Raises ConfigError that names the legal ones."""
    known = SCORERS if modality == "scoring" else ADAPTERS[modality]
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise ConfigError(
            f"There is no {modality} provider {name!r}.",
            hint=f"Did you mean {close[0]!r}?" if close else f"Choose one of: {', '.join(sorted(known))}.",
        )
    module, _, function = known[name].partition(":")
    return getattr(importlib.import_module(module), function)(deps)


def build_scorer(name: str, deps: ProviderDeps) -> Scorer | None:
    """Return who scores videos, null for `none`.

    One that can't be loaded here is returned all the same: its every score is null and says why.

    Raises:
        ConfigError: There is no scorer of that name.
    """
    if name == NO_SCORER:
        return None
    try:
        scorer: Scorer = build("scoring", name, deps)
    except ImportError as error:
        return MissingScorer(name, f"The scorer can't be loaded here: {error}.")
    return scorer
