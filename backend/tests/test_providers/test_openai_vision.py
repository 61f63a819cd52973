"""Vision over real HTTP: the picture goes as bytes, unknown stays null, what is measured wins."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ConfigError, NotFound
from app.providers.openai_chat.endpoint import Endpoint
from app.providers.openai_vision.adapter import OpenAIVisionModel
from app.schemas.providers import VisionInput
from app.services.media.image_processor import ImageProcessor
from app.storage.local import LocalStorage
from tests.fixtures.fakes import Fakes
from tests.fixtures.language_model import BRIEF, CALL, KEY, MODEL, PROMPTS, asked, settings_for
from tests.fixtures.pictures import encoded, subject_on

SEEN: dict[str, Any] = {
    "character_description": "About thirty, dark hair tied back, slim, green jacket",
    "product_features": "Cylinder, steel, matte, dark green, label 'TARN' across the middle",
    "colors": ["#2F6F4F", "teal", "#f4efe6"],
    "accent_colors": [],
    "style": "photorealistic",
    "environment": "Indoors, soft light from the left",
    "label": "steel bottle",
    "confidence": 0.9,
    "plain_background": True,
}
NOTHING: dict[str, Any] = {
    **dict.fromkeys(SEEN),
    "colors": [],
    "accent_colors": [],
    "confidence": 0.1,
    "label": "a cat",
}


async def looked(fakes: Fakes, home: Path, answer: dict[str, Any]) -> Any:
    """Analyse a picture of a red bottle as the reference stage does."""
    fakes.answer(VisionAnswer=answer)
    storage = LocalStorage(home / "media")
    await storage.put_bytes("a/b.png", encoded(subject_on((255, 255, 255), (200, 20, 20), "bottle")), "image/png")
    model = OpenAIVisionModel(Endpoint(settings_for(fakes, home), MODEL), PROMPTS, storage)
    try:
        return await ImageProcessor(storage, model).analyse("a/b.png", "product", BRIEF, CALL)
    finally:
        await model.aclose()


@pytest.mark.ac("AC-2.2")
async def test_every_field_of_the_analysis_is_filled(fakes: Fakes, tmp_path: Path) -> None:
    seen = await looked(fakes, tmp_path, SEEN)
    assert seen.character_description == SEEN["character_description"]
    assert seen.product_features == SEEN["product_features"]
    assert (seen.style, seen.environment, seen.label) == ("photorealistic", SEEN["environment"], "steel bottle")
    assert (seen.analyst, seen.confidence) == ("gpt-6-luna", 0.9)
    assert (seen.width, seen.height) == (320, 320)
    assert int(seen.colors[0][1:3], 16) > 150  # measured: it is red, whatever the model says
    assert int(seen.colors[0][3:5], 16) < 80


@pytest.mark.ac("AC-2.2")
async def test_the_picture_goes_along_as_bytes_and_nobody_is_to_be_named(fakes: Fakes, tmp_path: Path) -> None:
    await looked(fakes, tmp_path, SEEN)
    (body,) = asked(fakes)
    parts = body["messages"][-1]["content"]
    (picture,) = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    assert picture.startswith("data:image/png;base64,")
    assert "Never say or guess who a person is" in str(body["messages"][0]["content"])
    assert KEY not in str(body)


@pytest.mark.ac("AC-2.2")
async def test_what_cannot_be_seen_is_null(fakes: Fakes, tmp_path: Path) -> None:
    seen = await looked(fakes, tmp_path, NOTHING)
    assert (seen.character_description, seen.product_features, seen.style, seen.environment) == (None,) * 4
    assert seen.label is None  # not above the safe threshold
    assert seen.colors  # measured


async def test_a_look_is_priced_with_its_picture_before_it_is_paid(fakes: Fakes, tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "media")
    model = OpenAIVisionModel(Endpoint(settings_for(fakes, tmp_path), MODEL), PROMPTS, storage)
    await storage.put_bytes("a/b.png", encoded(subject_on((255, 255, 255), (200, 20, 20))), "image/png")
    data = VisionInput(image_key="a/b.png", expected_type="product", brief=BRIEF)
    paid = (await model.analyse(data, CALL)).cost_usd
    await model.check()
    assert Decimal(0) < paid < model.estimate("vision.analyst", data)
    with pytest.raises(ConfigError, match="no task 'scene"):
        model.estimate("scene.writer", data)
    with pytest.raises(NotFound):
        await model.analyse(data.model_copy(update={"image_key": "a/none.png"}), CALL)
    await model.aclose()
