"""Vision: what an image shows, measured.

Adapters: app/providers/*_vision. Suite: tests/test_providers/test_local_vision/.
"""

from __future__ import annotations

from typing import Protocol

from app.schemas.providers import CallContext, Result, VisionInput
from app.schemas.unified_pipeline import ReferenceImageAnalysis


class VisionModel(Protocol):
    """Fills what it can tell and leaves null what it can't; never describes a person it did not see."""

    async def analyse(self, data: VisionInput, ctx: CallContext) -> Result[ReferenceImageAnalysis]:
        """Analyse one stored image. Raises ProviderError."""
