"""Image intake and analysis policy: the original is kept, the copy is clean, measured facts win."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from app.core.errors import InvalidInput, NotFound, Transient
from app.schemas.providers import BriefInput, CallContext, Result, VisionInput
from app.schemas.unified_pipeline import ReferenceImageAnalysis
from app.services.media.image_processor import ImageProcessor, quality_notes
from app.storage.local import LocalStorage
from tests.fixtures.pictures import encoded, noise, subject_on

_CTX = CallContext(generation_id="g", step="references")
_BRIEF = BriefInput(prompt="A red bottle")


class _Vision:
    """Answers what it was told to and remembers what it was asked."""

    def __init__(self, answer: ReferenceImageAnalysis | Exception) -> None:
        self.answer = answer
        self.asked: list[VisionInput] = []

    async def analyse(self, data: VisionInput, ctx: CallContext) -> Result[ReferenceImageAnalysis]:
        self.asked.append(data)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Result(value=self.answer, provider="fake", model="fake")


def _processor(
    folder: Path, answer: ReferenceImageAnalysis | Exception | None = None
) -> tuple[ImageProcessor, LocalStorage, _Vision]:
    storage, vision = LocalStorage(folder), _Vision(answer or ReferenceImageAnalysis())
    return ImageProcessor(storage, vision), storage, vision


def _photo() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "maker of the camera"
    return encoded(noise(200, 100), "JPEG", exif=exif)


@pytest.mark.parametrize("from_file", [True, False])
async def test_ingest_keeps_the_original_byte_for_byte_beside_a_clean_copy(tmp_path: Path, from_file: bool) -> None:
    processor, storage, _ = _processor(tmp_path / "store")
    data = _photo()
    source: Path | bytes = data
    if from_file:
        source = tmp_path / "cup.jpg"
        source.write_bytes(data)
    stored = await processor.ingest(source, reference_type="product", owner_prefix="uploads/u1", name="cup.jpg")
    assert await storage.read_bytes(stored.original_key) == data
    assert stored.original_digest == hashlib.sha256(data).hexdigest()
    copy = await storage.read_bytes(stored.key)
    assert hashlib.sha256(copy).hexdigest() == stored.digest
    assert b"maker of the camera" not in copy
    assert (stored.width, stored.height, stored.content_type) == (100, 200, "image/jpeg")
    assert stored.key.startswith("uploads/u1/product-")
    assert stored.key != stored.original_key


async def test_same_bytes_same_keys_and_type_in_the_key(tmp_path: Path) -> None:
    processor, storage, _ = _processor(tmp_path)
    first = await processor.ingest(_photo(), reference_type="product", owner_prefix="u", name="a")
    again = await processor.ingest(_photo(), reference_type="product", owner_prefix="u", name="b")
    logo = await processor.ingest(_photo(), reference_type="logo", owner_prefix="u", name="c")
    assert first == again
    assert logo.key != first.key
    assert len([key async for key in storage.keys("u/")]) == 4


async def test_refusals_store_nothing(tmp_path: Path) -> None:
    processor, storage, _ = _processor(tmp_path / "store")
    bad: list[Path | bytes] = [b"words", tmp_path / "missing.png", tmp_path]
    huge = tmp_path / "huge.png"
    with huge.open("wb") as stream:
        stream.truncate(11 * 1024 * 1024)
    for source in [*bad, huge]:
        with pytest.raises(InvalidInput, match=r"^cup\.png "):
            await processor.ingest(source, reference_type="product", owner_prefix="u", name="cup.png")
    assert [key async for key in storage.keys("")] == []


@pytest.mark.ac("AC-2.2")
async def test_measured_facts_replace_what_the_model_says_of_them(tmp_path: Path) -> None:
    said = ReferenceImageAnalysis(
        product_features="a red bottle with a cork",
        style="photorealistic",
        colors=["#00ff00"],
        width=1,
        analyst="some model",
    )
    processor, storage, vision = _processor(tmp_path, said)
    await storage.put_bytes("u/p.png", encoded(subject_on((250, 250, 250), (200, 40, 30))), "image/png")
    found = await processor.analyse("u/p.png", "product", _BRIEF, _CTX)
    assert (found.product_features, found.style, found.analyst) == (said.product_features, said.style, "some model")
    assert (found.width, found.height, found.plain_background, found.has_alpha) == (320, 320, True, False)
    assert "#00ff00" not in found.colors
    assert vision.asked == [VisionInput(image_key="u/p.png", expected_type="product", brief=_BRIEF)]


async def test_analyse_passes_errors_on(tmp_path: Path) -> None:
    processor, storage, vision = _processor(tmp_path, Transient("busy", provider="fake"))
    with pytest.raises(NotFound):
        await processor.analyse("u/none.png", "product", _BRIEF, _CTX)
    assert vision.asked == []
    await storage.put_bytes("u/p.png", encoded(noise()), "image/png")
    with pytest.raises(Transient):
        await processor.analyse("u/p.png", "product", _BRIEF, _CTX)


def test_quality_notes() -> None:
    assert quality_notes(ReferenceImageAnalysis(width=1200, height=900, sharpness=200.0)) == []
    notes = quality_notes(ReferenceImageAnalysis(width=300, height=900, sharpness=2.0))
    assert len(notes) == 2
    assert "300 × 900" in notes[0]
    assert "blurred" in notes[1]
    assert quality_notes(ReferenceImageAnalysis()) == []
