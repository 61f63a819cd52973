"""A scene that a content policy refuses, through the whole pipeline against the fake vendors: once more, plainly."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from app.core.errors import AdMintError, OverCap, SafetyRefused
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.schemas.unified_pipeline import VideoResult
from app.services.unified_pipeline.second_take import PLAINER, said
from tests.fixtures.fakes import TOKEN, Fakes, rule
from tests.fixtures.paid_ad import CLIP, PAID
from tests.fixtures.pipeline import OpenPipeline, Pipeline

PLAIN = "alone on a plain|empty, tidy place"


@pytest.fixture(autouse=True)
def buys_from_the_fakes(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"REPLICATE_BASE_URL": fakes.url, "REPLICATE_API_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)


async def made(pipeline: Pipeline, **config: Any) -> tuple[Any, Any]:
    """Make an ad of two bought clips; return its row and its money, however it ended."""
    started = await pipeline.start(**{**PAID, **config})
    with contextlib.suppress(AdMintError):
        await pipeline.finish(started.generation_id)
    costs = await pipeline.container.money.costs(ME, started.generation_id)
    return await pipeline.row(started.generation_id), costs


def clips_of(row: Any, status: str) -> list[Any]:
    return [clip for clip in row.video_clips if clip["status"] == status]


async def test_it_is_filmed_in_plainer_words_without_people_and_that_is_said(
    open_pipeline: OpenPipeline, fakes: Fakes
) -> None:
    fakes.script(rule("failed_e005", nth=1))
    async with open_pipeline() as pipeline:
        row, costs = await made(pipeline)
        [noted] = [clip for clip in clips_of(row, "complete") if PLAINER in clip["notes"]]
        told = [event for event in await pipeline.events(row.session_id) if event.type == "video_complete"]
    assert row.status == "completed"
    assert len(clips_of(row, "complete")) == 2
    assert {event.payload.clip_id for event in told if PLAINER in event.payload.notes} == {noted["scene_id"]}
    refused, *others = fakes.log().paid
    assert (refused["status"], [one["status"] for one in others]) == ("failed", ["succeeded"] * 2)
    [plainer] = [one["prompt"] for one in others if "alone on a plain" in one["prompt"]]
    assert "PRODUCT FEATURES: " in plainer
    assert "CHARACTER APPEARANCE" not in plainer
    assert "CHARACTER APPEARANCE" in refused["prompt"]
    assert sorted(call.state for call in costs.calls) == ["failed", "paid", "paid"]
    assert (costs.spent_usd, costs.reserved_usd) == (2 * CLIP, 0)


async def test_refused_again_it_fails_alone_and_says_what_to_do(open_pipeline: OpenPipeline, fakes: Fakes) -> None:
    fakes.script(rule("failed_e005", nth=1), rule("failed_e005", prompt=PLAIN))
    async with open_pipeline() as pipeline:
        row, costs = await made(pipeline)
    [failed] = clips_of(row, "failed")
    assert failed["error_code"] == SafetyRefused.code
    assert failed["error_message"] == (
        "The content policy refused this scene, and once more in plainer words. Change the scene, then retry it."
    )
    assert len(clips_of(row, "complete")) == 1
    assert len(fakes.log().paid) == 3, "never a third try"
    assert (row.substage, costs.spent_usd) == ("needs_retry", CLIP)


def test_where_the_second_try_does_not_fit_the_cap_the_first_refusal_is_told() -> None:
    first = VideoResult(scene_id=1, status="failed", error_code=SafetyRefused.code, error_message="It was refused.")
    capped = first.model_copy(update={"error_code": OverCap.code, "error_message": "It costs $0.40."})
    told = said(first, capped)
    assert (told.error_code, told.error_message) == (
        SafetyRefused.code,
        "It was refused. A second try in plainer words did not fit your cap.",
    )
