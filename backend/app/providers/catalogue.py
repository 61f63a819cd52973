"""Loads the catalogue of paid models, app/config/models.yaml, checked to the line.

Called by paid adapters, the container at start and `admint doctor`. Tests: tests/test_providers/test_catalogue.py
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

from app.core.errors import ConfigError, ModelGone
from app.kit.checked_yaml import read_checked
from app.kit.validation import nearest
from app.schemas.catalogue import Catalogue, ImageEntry, ModelEntry, VideoEntry

E = TypeVar("E", bound=ModelEntry)
_SHOWN = "config/models.yaml"
_ID = re.compile(r"[a-z0-9][\w.-]*/[\w.-]+")


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Return the packaged catalogue. Raises ConfigError that begins `config/models.yaml:line:`."""
    return read_catalogue(files("app").joinpath("config", "models.yaml"))


def read_catalogue(file: Traversable) -> Catalogue:
    """Return the catalogue in a file. Raises ConfigError that begins `config/models.yaml:line:`."""
    found, source = read_checked(file, _SHOWN, Catalogue)
    for kind, ids in (("images", found.images), ("videos", found.videos)):
        for model in ids:
            if not _ID.fullmatch(model):
                raise source.error((kind, model), f"'{model}' is no model id", "Write owner/name, as the vendor does.")
    return found


def image_model(model: str, vendor: str) -> ImageEntry:
    """Return the entry of an image model. Raises ConfigError for an unknown one, ModelGone for one that has ended."""
    return _found(catalogue().images, model, vendor, "image")


def video_model(model: str, vendor: str) -> VideoEntry:
    """Return the entry of a video model. Raises ConfigError for an unknown one, ModelGone for one that has ended."""
    return _found(catalogue().videos, model, vendor, "video")


def _found(entries: Mapping[str, E], model: str, vendor: str, kind: str) -> E:
    known = [name for name, entry in entries.items() if entry.vendor == vendor]
    if model not in known:
        what = f"There is no {kind} model '{model}' for the provider '{vendor}'."
        raise ConfigError(what, hint=f"{nearest(model, known)} A new model is one entry in app/config/models.yaml.")
    if entries[model].status == "gone":
        alive = [name for name in known if entries[name].status != "gone"]
        raise ModelGone(
            f"The {kind} model '{model}' has ended. {entries[model].note}".strip(),
            hint=f"Set models.{kind} to one of: {', '.join(alive)}; or providers.{kind} to local, which is free.",
            provider=vendor,
            model=model,
        )
    return entries[model]
