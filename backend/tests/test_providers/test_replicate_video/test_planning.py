"""What a scene becomes for a paid model, and that every loss is said in words a user understands."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import InvalidInput
from app.providers.catalogue import video_model
from app.providers.replicate_video.planning import plan_clip, shown_references
from app.schemas.providers import RemoteTake, VideoPlan
from app.schemas.unified_pipeline import ModelChoice, ReferenceImage, ReferenceImageAnalysis, ReferenceType
from tests.fixtures.replicate import clip_request

SEEN = ReferenceImageAnalysis(character_description="a woman of about forty in a grey coat")


def _references(*kinds: ReferenceType) -> list[ReferenceImage]:
    return [ReferenceImage(url=f"g/{kind}.png", type=kind, analysis=SEEN) for kind in kinds]


def _plan(
    seconds: float = 6.0, size: tuple[int, int] = (1280, 720), kinds: tuple[ReferenceType, ...] = (), **models: Any
) -> VideoPlan:
    choice = ModelChoice.model_validate({"video": "google/veo-3.1", **models})
    request = clip_request(seconds, size, _references(*kinds))
    return plan_clip(request, video_model(choice.video, "replicate"), choice)


def _take(plan: VideoPlan) -> RemoteTake:
    assert plan.remote is not None
    return plan.remote


@pytest.mark.parametrize(("seconds", "length"), [(1, 4), (4, 4), (4.5, 6), (6, 6), (6.1, 8), (8, 8)])
def test_the_shortest_legal_length_that_suffices_is_ordered(seconds: float, length: int) -> None:
    plan = _plan(seconds)

    assert (plan.render_duration_s, plan.trim_to_s) == (length, seconds)
    said = [line for line in plan.downgrades if "paid for" in line]
    assert bool(said) == (length != seconds)


def test_a_scene_that_no_clip_can_fill_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidInput, match="8 s at most") as raised:
        _plan(8.5)
    assert "scene_count" in raised.value.hint


@pytest.mark.parametrize(
    ("size", "ratio", "crops"),
    [
        ((1280, 720), "16:9", False),
        ((720, 1280), "9:16", False),
        ((1080, 1080), "16:9", True),
        ((864, 1080), "9:16", True),
    ],
)
def test_the_nearest_legal_shape_is_ordered_and_cropping_is_said(
    size: tuple[int, int], ratio: str, crops: bool
) -> None:
    plan = _plan(size=size)

    assert _take(plan).aspect_ratio == ratio
    assert any("cropped" in line for line in plan.downgrades) == crops


def test_by_default_a_picture_made_of_the_references_opens_the_clip() -> None:
    plan = _plan(kinds=("product", "environment"))

    assert _take(plan).consistency == "keyframe"
    assert _take(plan).image_model == "google/nano-banana-pro"
    assert (plan.render_duration_s, plan.downgrades) == (6.0, [])


def test_references_are_shown_where_they_fit_and_their_price_in_time_is_said() -> None:
    plan = _plan(kinds=("product", "character", "environment"), consistency="references")

    assert _take(plan).consistency == "references"
    assert plan.render_duration_s == 8
    assert plan.downgrades == ["filmed 8 s long and cut to 6 s; all 8 s are paid for"]


@pytest.mark.parametrize(
    ("size", "video"),
    [((720, 1280), "google/veo-3.1"), ((1280, 720), "google/veo-3.1-fast"), ((1280, 720), "google/veo-3")],
)
def test_references_that_do_not_fit_become_a_keyframe_and_that_is_said(size: tuple[int, int], video: str) -> None:
    plan = _plan(size=size, kinds=("product",), consistency="references", video=video)

    assert _take(plan).consistency == "keyframe"
    assert any("opens the clip instead" in line for line in plan.downgrades)


def test_without_references_or_by_choice_words_keep_the_look() -> None:
    assert _take(_plan()).consistency == "text"
    assert _take(_plan(kinds=("product",), consistency="text")).consistency == "text"


def test_a_logo_and_a_stand_in_without_a_person_are_not_shown() -> None:
    request = clip_request(references=_references("product", "logo"))
    stand_in = ReferenceImage(url="g/character.png", type="character")
    request = request.model_copy(update={"references": [*request.references, stand_in]})

    assert [image.type for image in shown_references(request)] == ["product"]


def test_sound_is_ordered_only_when_it_is_kept() -> None:
    assert not _take(_plan()).audio
    assert _take(_plan(video_sound=True)).audio


def test_a_size_the_model_has_not_is_replaced_and_said() -> None:
    plan = _plan(video_resolution="4K")

    assert _take(plan).resolution == "720p"
    assert any("has no 4K" in line for line in plan.downgrades)
