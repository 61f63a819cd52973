"""The local vision model fills what it measured and leaves the rest null."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import BadOutput, NotFound
from app.providers.local_vision.adapter import LocalVisionModel
from app.schemas.providers import BriefInput, CallContext, VisionInput
from app.schemas.unified_pipeline import ReferenceImageAnalysis, ReferenceType
from app.storage.local import LocalStorage
from tests.fixtures.pictures import encoded, noise, subject_on

_CTX = CallContext(generation_id="g", step="references")


async def _analyse(folder: Path, data: bytes, kind: ReferenceType) -> ReferenceImageAnalysis:
    storage = LocalStorage(folder)
    await storage.put_bytes("a/b.png", data, "image/png")
    seen = VisionInput(image_key="a/b.png", expected_type=kind, brief=BriefInput(prompt="A red bottle"))
    result = await LocalVisionModel(storage).analyse(seen, _CTX)
    assert (result.provider, result.cost_usd, result.cost_source) == ("local", 0, "free")
    return result.value


@pytest.mark.ac("AC-2.2")
@pytest.mark.ac("AC-2.2")
async def test_product_on_a_plain_background(tmp_path: Path) -> None:
    found = await _analyse(tmp_path, encoded(subject_on((250, 250, 250), (200, 40, 30), "tall")), "product")
    assert found.product_features == "mostly red, tall shape"
    assert found.plain_background is True
    assert (found.width, found.height, found.has_alpha) == (320, 320, False)
    assert found.colors
    assert found.analyst == "local vision"


@pytest.mark.ac("AC-2.2")
async def test_nothing_is_said_of_an_object_it_cannot_tell_apart(tmp_path: Path) -> None:
    found = await _analyse(tmp_path, encoded(noise(200, 200)), "product")
    assert found.product_features is None
    assert found.plain_background is False


@pytest.mark.parametrize("kind", ["product", "character", "logo", "environment"])
async def test_never_describes_a_person_names_an_object_or_guesses_a_style(tmp_path: Path, kind: ReferenceType) -> None:
    found = await _analyse(tmp_path, encoded(subject_on((250, 250, 250), (200, 40, 30))), kind)
    assert (found.character_description, found.label, found.style, found.confidence) == (None, None, None, None)
    assert (found.product_features is not None) == (kind in {"product", "logo"})


async def test_environment_says_only_its_light(tmp_path: Path) -> None:
    found = await _analyse(tmp_path, encoded(subject_on((250, 250, 250), (200, 200, 190))), "environment")
    assert found.environment == "bright, even light"


async def test_errors_of_the_port(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match="not a PNG"):
        await _analyse(tmp_path, b"words", "product")
    missing = VisionInput(image_key="no/such.png", expected_type="product", brief=BriefInput(prompt="x"))
    with pytest.raises(NotFound):
        await LocalVisionModel(LocalStorage(tmp_path)).analyse(missing, _CTX)
