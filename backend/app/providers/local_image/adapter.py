"""The image port by drawing: packshots, settings, stand-ins and wordmarks. No model, no network, same seed same bytes.

Built by app/container.py through providers/registry.py. It never draws a person: a character reference becomes a
still life, and says so nowhere in words of its own (the reference stage writes the alt text).
Tests: tests/test_providers/test_local_image/test_adapter.py, tests/test_providers/test_local_image/
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.errors import Rejected
from app.kit.imaging.colour import Floats
from app.kit.worker import Report, run_job
from app.ports.storage import Storage
from app.providers.local_image.packshot import packshot, still_life, wordmark
from app.providers.local_image.palettes import Roles, roles_of
from app.providers.local_image.raster import to_bytes
from app.providers.local_image.setting import choose_setting, setting
from app.schemas.providers import CallContext, ImageRequest, Result
from app.schemas.unified_pipeline import FRAME_SIZES

PROVIDER = "local"
MODEL = "drawn"
SIDE = 1024
_SMALLEST = 256
"""Px of the side of the smallest picture: below it, an object's lettering can't be read."""


class _Deps(Protocol):
    @property
    def storage(self) -> Storage: ...

    @property
    def work_dir(self) -> Path: ...


class LocalImageModel:
    """ImageModel port. Drawing takes a second or two, in a process of its own.

    Args:
        storage: Where pictures are kept.
        side: Side of square pictures in px; settings are scaled alike, and all of them by the request's `scale`.
        work_dir: Where half-made pictures lie; null: the system's temporary folder.
    """

    queue = "media"

    def __init__(self, storage: Storage, side: int = SIDE, work_dir: Path | None = None) -> None:
        self._storage = storage
        self._side = side
        self._work_dir = work_dir

    async def generate(self, data: ImageRequest, output_key: str, ctx: CallContext) -> Result[str]:
        """See ports.image.ImageModel. Raises Rejected for a logo without a brand that can be set in type."""
        with tempfile.TemporaryDirectory(dir=self._work_dir, prefix="draw-") as folder:
            picture = Path(folder) / "picture.png"
            side = min(self._side, max(_SMALLEST, round(self._side * data.scale)))
            payload = {"request": data.model_dump(mode="json"), "side": side, "output": str(picture)}
            await run_job("app.providers.local_image.adapter:draw_job", payload)
            await self._storage.put_file(output_key, picture, "image/png")
        return Result(value=output_key, provider=PROVIDER, model=MODEL)


def build(deps: _Deps) -> LocalImageModel:
    """Return the adapter; called by providers/registry.py."""
    return LocalImageModel(deps.storage, work_dir=deps.work_dir)


def draw_job(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Worker entry: draw ``request`` (an ImageRequest as JSON) at ``side`` pixels into the PNG file ``output``."""
    picture = _draw(ImageRequest.model_validate(payload["request"]), int(payload["side"]))
    Image.fromarray(picture).save(payload["output"], "PNG", compress_level=4)
    report({"done": 1})
    return {"height": picture.shape[0], "width": picture.shape[1]}


def _draw(data: ImageRequest, side: int) -> NDArray[np.uint8]:
    story = data.story
    roles = roles_of(data.palette, story.kind, story.tone, data.ad_seed, story.product or "")
    if data.type == "environment":
        return to_bytes(_setting(data, roles, side))
    if data.type == "character":
        return to_bytes(still_life(roles, data.seed, side))
    if data.type == "logo":
        return to_bytes(_logo(story.brand, roles, data.seed, side))
    product = story.product if story.certainty > 0 else None
    return to_bytes(packshot(product, story.kind, story.brand, roles, data.seed, side))


def _setting(data: ImageRequest, roles: Roles, side: int) -> Floats:
    wide, high = FRAME_SIZES[data.aspect_ratio]
    size = round(wide * side / SIDE), round(high * side / SIDE)
    name = choose_setting(data.story.kind, data.story.certainty, data.seed)
    return setting(name, roles, data.story.tone, size, data.seed)


def _logo(brand: str | None, roles: Roles, seed: int, side: int) -> Floats:
    drawn = wordmark(brand, roles, seed, side) if brand else None
    if drawn is None:
        raise Rejected(
            "There is no brand name that can be set in type, so no wordmark was drawn.",
            hint="Name the brand, or upload the logo.",
            provider=PROVIDER,
            model=MODEL,
        )
    return drawn
