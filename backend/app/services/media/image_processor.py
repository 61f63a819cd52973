"""Policy of images: what is kept of an upload, under which key, and which facts measurement has the last word on.

Called by the reference stage and by whatever takes uploads (CLI, API).
Tests: tests/test_services/test_image_processor.py
"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import NamedTuple

from app.core.errors import InvalidInput
from app.kit.images import MAX_BYTES, ImageMeasures, NormalisedImage, check_image, decode_rgba, measure_image
from app.kit.images import normalise_image as normalise
from app.ports.storage import Storage
from app.ports.vision import VisionModel
from app.schemas.providers import BriefInput, CallContext, VisionInput
from app.schemas.unified_pipeline import ReferenceImageAnalysis, ReferenceType

_SUFFIX = {"image/png": "png", "image/jpeg": "jpg", "PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
_BLURRED = 12.0
_SMALL = 400


class StoredImage(NamedTuple):
    """An ingested image. `key` is the normalised copy everything works on; `original_key` the user's own bytes.

    Digests are SHA-256 (hex) of the bytes under each key; width and height are the normalised copy's pixels.
    """

    key: str
    digest: str
    content_type: str
    width: int
    height: int
    has_alpha: bool
    original_key: str
    original_digest: str


class ImageProcessor:
    """Takes images in and has them analysed."""

    def __init__(self, storage: Storage, vision: VisionModel) -> None:
        self._storage = storage
        self._vision = vision

    async def ingest(
        self, source: Path | bytes, *, reference_type: ReferenceType, owner_prefix: str, name: str
    ) -> StoredImage:
        """Check an image and store it twice: byte for byte, and normalised. Same bytes, same keys.

        Args:
            source: A local file, or its bytes.
            reference_type: What the user says it shows.
            owner_prefix: Storage key prefix of whoever owns it, without a trailing slash.
            name: How to call it in messages, usually its file name.

        Raises:
            InvalidInput: Missing, unreadable or refused by kit.images.
            StorageError: It can't be stored.
        """
        data = source if isinstance(source, bytes) else await asyncio.to_thread(_read, source, name)
        original_type, copy = await asyncio.to_thread(_prepare, data, name)
        original_digest = hashlib.sha256(data).hexdigest()
        stem = f"{owner_prefix}/{reference_type}-{original_digest[:16]}"
        stored = StoredImage(
            key=f"{stem}.{_SUFFIX[copy.content_type]}",
            digest=hashlib.sha256(copy.data).hexdigest(),
            content_type=copy.content_type,
            width=copy.width,
            height=copy.height,
            has_alpha=copy.has_alpha,
            original_key=f"{stem}.original.{_SUFFIX[original_type]}",
            original_digest=original_digest,
        )
        await self._storage.put_bytes(stored.original_key, data, f"image/{original_type.lower()}")
        await self._storage.put_bytes(stored.key, copy.data, copy.content_type)
        return stored

    async def analyse(
        self, key: str, expected_type: ReferenceType, brief: BriefInput, ctx: CallContext
    ) -> ReferenceImageAnalysis:
        """Ask the vision model about a stored image; measured facts replace what it says of them.

        Raises:
            NotFound: No such image.
            InvalidInput: It can't be used.
            ProviderError: The vision model failed.
        """
        content = await self._storage.read_bytes(key)
        measures = await asyncio.to_thread(_measure, content)
        result = await self._vision.analyse(VisionInput(image_key=key, expected_type=expected_type, brief=brief), ctx)
        return result.value.model_copy(update=_measured(measures, result.value))


def quality_notes(analysis: ReferenceImageAnalysis) -> list[str]:
    """Return what the user should know of an image's quality before scenes are made of it (FR16); empty when fine."""
    notes = []
    if analysis.width and analysis.height and min(analysis.width, analysis.height) < _SMALL:
        notes.append(f"{analysis.width} × {analysis.height} pixels: it will look soft when shown large.")
    if analysis.sharpness is not None and analysis.sharpness < _BLURRED:
        notes.append("It looks blurred; a sharper original would show better.")
    return notes


def _read(path: Path, name: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InvalidInput(
                f"{name} is {size / 2**20:.1f} MB; the limit is {MAX_BYTES // 2**20} MB.",
                hint="Save a smaller copy, for example a JPEG with a long side of 2048 pixels.",
            )
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{name} can't be read: {error.strerror}.", hint="Check the path of the image.") from error


def _prepare(data: bytes, name: str) -> tuple[str, NormalisedImage]:
    return check_image(data, name=name).format, normalise(data, name=name)


def _measure(content: bytes) -> ImageMeasures:
    return measure_image(decode_rgba(content))


def _measured(measures: ImageMeasures, said: ReferenceImageAnalysis) -> dict[str, object]:
    return {
        "width": measures.width,
        "height": measures.height,
        "has_alpha": measures.has_alpha,
        "plain_background": measures.plain_background,
        "sharpness": measures.sharpness,
        "colors": measures.palette.dominant or said.colors,
        "accent_colors": measures.palette.accents or said.accent_colors,
    }
