"""What people may choose among: each provider with its tasks, its models and whether its key is there, never the key.

Called by app/api/routes/studio.py. Tests: tests/test_api/test_studio.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args
from urllib.parse import urlsplit

from app.core.security import is_loopback
from app.core.settings import Settings
from app.providers.catalogue import catalogue
from app.providers.registry import ADAPTERS, FACES, face
from app.schemas.catalogue import ModelEntry
from app.schemas.server import ModelOffer, ProviderOffer, Task
from app.schemas.unified_pipeline import ModelChoice

_KEYS = {"openai": "openai_api_key", "replicate": "replicate_api_token"}
"""The setting that holds a provider's key."""


def offers(settings: Settings, usual: ModelChoice) -> list[ProviderOffer]:
    """Return every provider, in the registry's order; prices hold at the resolutions of `usual`."""
    return [_offer(name, settings, usual) for name in FACES]


def _offer(name: str, settings: Settings, usual: ModelChoice) -> ProviderOffer:
    own = name == "openai" and is_loopback(urlsplit(settings.openai_base_url).hostname or "")
    setting = None if own else _KEYS.get(name)
    known = "set" if setting and getattr(settings, setting) else "missing"
    return ProviderOffer(
        **face(name, settings).model_dump(),
        name=name,
        tasks=[task for task in get_args(Task) if name in ADAPTERS[task]],
        key="none" if setting is None else known,
        key_variable=None if setting is None else str(Settings.model_fields[setting].validation_alias),
        models=_models(name, usual),
    )


def _models(vendor: str, usual: ModelChoice) -> list[ModelOffer]:
    """Return the models of a vendor that have not ended."""
    known = catalogue()
    images = [_model(id_, "image", entry, usual.image_resolution) for id_, entry in _of(vendor, known.images)]
    videos = [_model(id_, "video", entry, usual.video_resolution) for id_, entry in _of(vendor, known.videos)]
    return images + videos


def _of(vendor: str, entries: Mapping[str, ModelEntry]) -> list[tuple[str, ModelEntry]]:
    return [(id_, entry) for id_, entry in entries.items() if entry.vendor == vendor and entry.status != "gone"]


def _model(id_: str, task: Literal["image", "video"], entry: ModelEntry, resolution: str) -> ModelOffer:
    usd = entry.price(resolution)
    price = next((each for each in entry.prices if each.usd == usd), entry.prices[0])
    return ModelOffer(
        id=id_,
        task=task,
        label=entry.label,
        usd=usd,
        per=price.per,
        source=f"{price.source}, {price.read_on:%Y-%m-%d}",
        note=entry.note,
    )
