"""A paid picture over real HTTP: what is sent, what it costs, what is stored, and what goes wrong."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from app.core.errors import BadOutput, ConfigError, Rejected, SafetyRefused
from app.ports.image import PaidImageModel
from app.schemas.providers import ImageRequest
from app.schemas.story import CallToAction, Story, StoryScene
from tests.fixtures.fakes import Fakes
from tests.fixtures.replicate import call, deps_for, ended, image_for, reference

KEY = "g/references/environment.png"
STORY = Story(
    title="Cold",
    framework="AIDA",
    narrative="A bottle.",
    scenes=[StoryScene(id=1, beat="a", purpose="p", copy_text={"headline": "Cold"}, visual="A table.", duration=3)],
    cta=CallToAction(text="Buy"),
    writer="w",
)


def _request(**more: object) -> ImageRequest:
    values = {"type": "environment", "prompt": "steel bottle. A table.", "story": STORY, "aspect_ratio": "16:9", **more}
    return ImageRequest.model_validate(values)


def test_it_is_what_the_port_asks_for(tmp_path: Path) -> None:
    model: PaidImageModel = image_for(deps_for("http://127.0.0.1:9", tmp_path))

    assert (model.name, model.queue) == ("replicate", "remote")


async def test_a_picture_is_ordered_stored_as_png_and_priced(fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path)
    model = image_for(deps)
    product = (await reference(deps)).url
    plan = model.plan(_request(reference_keys=[product]))
    await model.check(plan)

    made = await model.generate(_request(reference_keys=[product]), KEY, call())

    sent = fakes.log().requests("create")[0]["body"]["input"]
    assert (sent["aspect_ratio"], sent["resolution"], sent["output_format"]) == ("16:9", "1K", "png")
    assert plan.request is not None
    assert plan.request.prompt in sent["prompt"]
    assert len(sent["image_input"]) == 1
    assert fakes.log().requests("create")[0]["headers"]["cancel-after"] == "3m"
    assert (made.value, made.cost_usd, made.cost_source) == (KEY, model.estimate(plan), "list_price")
    assert made.cost_usd == Decimal("0.15")
    with Image.open(io.BytesIO(await deps.storage.read_bytes(KEY))) as picture:
        assert (picture.format, picture.mode) == ("PNG", "RGB")
    assert fakes.log().leaks == []


async def test_a_picture_that_is_stored_is_not_fetched_again(fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path, image="google/nano-banana-2")
    model = image_for(deps)
    job = await model.submit(model.plan(_request()), KEY, call())
    assert (await ended(model, job)).cost_usd == Decimal("0.08")

    await model.fetch(job)
    await model.fetch(job)

    assert len(fakes.log().requests("download")) == 1
    assert fakes.log().requests("create")[0]["body"]["input"]["google_search"] is False


async def test_more_images_than_the_model_takes_are_left_out_and_that_is_said(fakes: Fakes, tmp_path: Path) -> None:
    model = image_for(deps_for(fakes.url, tmp_path, image="google/nano-banana"))

    plan = model.plan(_request(reference_keys=[f"g/{number}.png" for number in range(5)]))

    assert (len(plan.reference_keys), plan.resolution) == (3, None)
    assert plan.downgrades == ["Nano Banana is shown 3 of your 5 images"]


async def test_a_refused_picture_says_why(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("failed_nsfw")

    with pytest.raises(SafetyRefused, match="NSFW"):
        await image_for(deps_for(fakes.url, tmp_path)).generate(_request(), KEY, call())


async def test_a_picture_that_can_not_be_used_is_told_with_its_cost(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script({"match": {"operation": "create"}, "do": {"output": {"corrupt": True}}})
    deps = deps_for(fakes.url, tmp_path)

    with pytest.raises(BadOutput, match="can't be used") as raised:
        await image_for(deps).generate(_request(), KEY, call())
    assert raised.value.cost_usd == Decimal("0.15")
    assert not await deps.storage.exists(KEY)


async def test_an_image_that_is_gone_is_refused_before_the_order(fakes: Fakes, tmp_path: Path) -> None:
    model = image_for(deps_for(fakes.url, tmp_path))

    with pytest.raises(Rejected, match="no longer stored"):
        await model.submit(model.plan(_request(reference_keys=["g/gone.png"])), KEY, call())
    assert fakes.log().created == 0


def test_an_unknown_model_is_refused_when_the_run_is_set_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nano-bananas"):
        image_for(deps_for("http://127.0.0.1:9", tmp_path, image="google/nano-bananas"))
