"""The vision port by measurement: colours, size, light, plain background, simple shape; null for all else.

Built by app/container.py through providers/registry.py. Never names an object and never describes a person.
Tests: tests/test_providers/test_local_vision/, tests/test_providers/test_local_vision/
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.core.errors import BadOutput, InvalidInput
from app.kit.images import ImageMeasures, cut_out, decode_rgba, measure_image
from app.ports.storage import Storage
from app.providers.local_vision.wording import colour_phrase, light_phrase, shape_phrase
from app.schemas.providers import CallContext, Result, VisionInput
from app.schemas.unified_pipeline import ReferenceImageAnalysis, ReferenceType

PROVIDER = "local"
MODEL = "measured"


class _Deps(Protocol):
    @property
    def storage(self) -> Storage: ...


class LocalVisionModel:
    """VisionModel port. CPU work runs in a thread."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def analyse(self, data: VisionInput, ctx: CallContext) -> Result[ReferenceImageAnalysis]:
        """See ports.vision.VisionModel. Raises NotFound, and BadOutput when the stored image is unreadable."""
        content = await self._storage.read_bytes(data.image_key)
        analysis = await asyncio.to_thread(_analyse, content, data.expected_type)
        return Result(value=analysis, provider=PROVIDER, model=MODEL)


def build(deps: _Deps) -> LocalVisionModel:
    """Return the adapter; called by providers/registry.py."""
    return LocalVisionModel(deps.storage)


def _analyse(content: bytes, kind: ReferenceType) -> ReferenceImageAnalysis:
    try:
        rgba = decode_rgba(content, name="the stored image")
    except InvalidInput as error:
        raise BadOutput(error.message, hint=error.hint, provider=PROVIDER, model=MODEL) from error
    measures = measure_image(rgba)
    return ReferenceImageAnalysis(
        product_features=_features(rgba, measures) if kind in {"product", "logo"} else None,
        environment=None if measures.has_alpha else light_phrase(np.ascontiguousarray(rgba[..., :3])),
        colors=measures.palette.dominant,
        accent_colors=measures.palette.accents,
        width=measures.width,
        height=measures.height,
        has_alpha=measures.has_alpha,
        plain_background=measures.plain_background,
        sharpness=measures.sharpness,
    )


def _features(rgba: NDArray[np.uint8], measures: ImageMeasures) -> str | None:
    """Return colour and shape in words, only when the subject can be told from its background."""
    if not (measures.has_alpha or measures.plain_background):
        return None
    subject = cut_out(rgba)
    shape = None if subject is None else shape_phrase(np.ascontiguousarray(subject[..., 3]))
    words = [colour_phrase(measures.palette.dominant, measures.palette.shares), shape]
    return ", ".join(word for word in words if word) or None
