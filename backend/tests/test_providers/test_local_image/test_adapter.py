"""The local image model: one PNG per call, typed, deterministic, never a person, no wordmark without a brand."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.core.errors import Rejected
from app.providers.local_image.adapter import LocalImageModel
from app.schemas.providers import BriefInput, CallContext, ImageRequest
from app.schemas.story import CallToAction, Certainty, Copy, Story, StoryScene
from app.schemas.unified_pipeline import ReferenceType
from app.services.media.image_processor import ImageProcessor
from app.storage.local import LocalStorage

_CTX = CallContext(generation_id="g", step="references")


def _story(product: str | None = "water bottle", brand: str | None = "Hydra", certainty: Certainty = 3) -> Story:
    scene = StoryScene(id=1, beat="attention", purpose="show it", copy_text=Copy(headline="Hi"), visual="x", duration=3)
    return Story(
        title="T",
        framework="AIDA",
        narrative="n",
        product=product,
        brand=brand,
        certainty=certainty,
        kind="drinkware",
        scenes=[scene],
        cta=CallToAction(text="Go"),
        writer="test",
    )


async def _make(
    folder: Path, kind: ReferenceType, seed: int = 1, side: int = 128, **changes: object
) -> NDArray[np.uint8]:
    storage = LocalStorage(folder)
    request = ImageRequest(type=kind, prompt="p", story=_story(), seed=seed).model_copy(update=changes)
    result = await LocalImageModel(storage, side=side).generate(request, f"r/{kind}.png", _CTX)
    assert (result.value, result.provider, result.cost_usd) == (f"r/{kind}.png", "local", 0)
    image = Image.open(io.BytesIO(await storage.read_bytes(result.value)))
    assert image.format == "PNG"
    return np.asarray(image)


@pytest.mark.ac("AC-2.1")
async def test_makes_each_type(tmp_path: Path) -> None:
    for kind in ("product", "character", "logo"):
        picture = await _make(tmp_path, kind)
        assert picture.shape == (128, 128, 4)
        assert 0.01 < float(np.mean(picture[..., 3] > 128)) < 0.95
    assert (await _make(tmp_path, "environment", aspect_ratio="16:9")).shape == (90, 160, 3)
    assert (await _make(tmp_path, "environment", aspect_ratio="9:16")).shape == (160, 90, 3)


async def test_a_small_films_pictures_are_small_but_never_tiny(tmp_path: Path) -> None:
    for scale, side in ((1.0, 512), (0.75, 384), (0.1, 256)):
        assert (await _make(tmp_path, "logo", side=512, scale=scale)).shape[:2] == (side, side)


def test_the_usual_size_is_unsaid_so_that_orders_keep_their_digests() -> None:
    request = ImageRequest(type="product", prompt="p", story=_story())
    assert "scale" not in request.model_dump(mode="json")
    assert request.model_copy(update={"scale": 0.5}).model_dump(mode="json")["scale"] == 0.5


@pytest.mark.parametrize("kind", ["product", "environment", "character", "logo"])
async def test_same_request_same_pixels(tmp_path: Path, kind: ReferenceType) -> None:
    first = await _make(tmp_path, kind)
    assert np.array_equal(first, await _make(tmp_path, kind))
    others = [await _make(tmp_path, kind, seed=seed) for seed in (2, 3, 4)]
    assert any(other.shape != first.shape or not np.array_equal(other, first) for other in others)
    red = await _make(tmp_path, kind, palette=["#c8281e", "#f3b13c"])
    green = await _make(tmp_path, kind, palette=["#1e8a3c", "#3ca8b1"])
    assert not np.array_equal(red, green)


async def test_unsure_of_the_product_draws_no_product(tmp_path: Path) -> None:
    sure = await _make(tmp_path, "product")
    unsure = await _make(tmp_path, "product", story=_story(certainty=0))
    nothing = await _make(tmp_path, "product", story=_story(product=None))
    assert not np.array_equal(sure, unsure)
    assert np.array_equal(unsure, nothing)


async def test_a_character_is_a_still_life_and_vision_sees_no_person(tmp_path: Path) -> None:
    from app.providers.local_vision.adapter import LocalVisionModel

    await _make(tmp_path, "character")
    storage = LocalStorage(tmp_path)
    processor = ImageProcessor(storage, LocalVisionModel(storage))
    found = await processor.analyse("r/character.png", "character", BriefInput(prompt="a runner"), _CTX)
    assert found.character_description is None
    assert found.colors


async def test_no_wordmark_without_a_brand(tmp_path: Path) -> None:
    for brand in (None, "水筒"):
        with pytest.raises(Rejected, match="no brand name"):
            await _make(tmp_path, "logo", story=_story(brand=brand))
