"""The models of a run by task, name and model, each built once; paid answers go through the meter.

Called by container.py. Tests: tests/test_providers/test_registry.py, tests/test_integration/test_money.py
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.kit.clock import SystemClock
from app.ports.priced import Closing
from app.providers.registry import ProviderDeps, build, face
from app.schemas.unified_pipeline import ModelChoice, ProviderChoice
from app.services.agents.fallback import TextWithFallback, VisionWithFallback
from app.services.billing.ledger import Ledger
from app.services.billing.metered import MeteredText, MeteredVision
from app.services.unified_pipeline.config_loader import load_prompts
from app.services.unified_pipeline.stage_context import Providers

_USUAL_MODELS = ModelChoice()
_FALLBACKS: dict[str, Any] = {"text": TextWithFallback, "vision": VisionWithFallback}
_METERS: dict[str, Any] = {"text": MeteredText, "vision": MeteredVision}


class OpenModels:
    """Adapters by task, name and models, each built once; paid answers go through the meter."""

    def __init__(self, deps: ProviderDeps, ledger: Ledger) -> None:
        self._deps = replace(deps, prompts=load_prompts())
        self._ledger = ledger
        self._built: dict[tuple[str, str, str], Any] = {}
        self._opened: list[Any] = []

    def __call__(self, choice: ProviderChoice, models: ModelChoice = _USUAL_MODELS) -> Providers:
        """Return the models of a choice. Raises ConfigError."""
        return Providers(**{task: self._model(task, name, models) for task, name in choice.model_dump().items()})

    def _model(self, task: str, name: str, models: ModelChoice) -> Any:
        key = (task, name, models.model_dump_json())
        if key not in self._built:
            model = build(task, name, replace(self._deps, models=models))
            self._opened.append(model)
            if task in _METERS and face(name, self._deps.settings).costs_money:
                model = _METERS[task](model, name, self._ledger, SystemClock())
            if task in _FALLBACKS and name != "local" and models.fallback == "local":
                model = _FALLBACKS[task](model, self._model(task, "local", models), getattr(models, task))
            self._built[key] = model
        return self._built[key]

    async def aclose(self) -> None:
        """End the connections of the models that hold some."""
        for model in self._opened:
            if isinstance(model, Closing):
                await model.aclose()
