"""Image making. Adapters: app/providers/*_image. Suite: tests/test_providers/test_local_image/."""

from __future__ import annotations

from typing import Protocol

from app.ports.remote import RemoteJobs
from app.schemas.providers import CallContext, ImagePlan, ImageRequest, Result


class ImageModel(Protocol):
    """Makes one image per call and stores it."""

    queue: str
    """Durable queue its work belongs to: ``media`` for local drawing, ``remote`` for paid calls."""

    async def generate(self, data: ImageRequest, output_key: str, ctx: CallContext) -> Result[str]:
        """Make the image, store it under `output_key` (PNG, RGB or RGBA) and return the key. Raises ProviderError."""


class PaidImageModel(ImageModel, RemoteJobs[ImagePlan], Protocol):
    """An image model that costs money: the pipeline plans, reserves and buys through RemoteJobs."""

    def plan(self, request: ImageRequest) -> ImagePlan:
        """Return the order for one reference image; every downgrade is said."""
