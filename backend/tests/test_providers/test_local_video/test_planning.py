from __future__ import annotations

import pytest

from app.core.errors import InvalidInput
from app.providers.local_video.planning import plan_request
from app.schemas.story import Copy
from app.schemas.unified_pipeline import Layout, ReferenceType
from tests.fixtures.clips import LAYOUTS, request_of, scene_of


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1080, 1080), (320, 180), (1920, 1080)])
def test_legal_frames_pass(size: tuple[int, int]) -> None:
    request = request_of(scene_of("titlecard"), width=size[0], height=size[1])
    plan = plan_request(request)
    assert plan.request == request
    assert plan.downgrades == []
    assert plan.render_duration_s == plan.trim_to_s == 1.0


@pytest.mark.parametrize("size", [(1280, 800), (720, 1280 + 2), (1000, 1080), (32, 18), (1281, 720), (335, 335)])
def test_other_frames_are_refused_not_stretched(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan_request(request_of(scene_of("titlecard"), width=size[0], height=size[1]))
    assert caught.value.hint


def test_a_scene_shorter_than_a_frame_is_refused() -> None:
    with pytest.raises(InvalidInput):
        plan_request(request_of(scene_of("titlecard", duration=0.04)))


@pytest.mark.parametrize(
    ("layout", "types", "wanted"),
    [
        ("hero-split", (), "titlecard"),
        ("hero-split", ("environment",), "full-bleed"),
        ("hero-split", ("character",), "hero-split"),
        ("framed-photo", ("logo",), "titlecard"),
        ("full-bleed", (), "titlecard"),
    ],
)
def test_a_layout_that_cannot_work_falls_back_and_says_so(
    layout: Layout, types: tuple[ReferenceType, ...], wanted: Layout
) -> None:
    plan = plan_request(request_of(scene_of(layout, types)))
    assert plan.request.scene.layout == wanted
    assert bool(plan.downgrades) == (layout != wanted)


def test_a_list_without_lines_and_beats_without_words_fall_back() -> None:
    empty = Copy(headline="One line")
    assert plan_request(request_of(scene_of("stack-list", copy=empty))).request.scene.layout == "titlecard"
    assert plan_request(request_of(scene_of("stack-list", ("product",), empty))).request.scene.layout == "hero-split"
    assert plan_request(request_of(scene_of("type-beats", copy=Copy()))).request.scene.layout == "titlecard"


def test_a_listed_reference_that_is_not_given_is_said() -> None:
    request = request_of(scene_of("logo-close", ("logo",))).model_copy(update={"references": []})
    plan = plan_request(request)
    assert plan.request.scene.references == []
    assert "logo" in plan.downgrades[0]


def test_signs_no_face_can_draw_are_said() -> None:
    plan = plan_request(request_of(scene_of("titlecard", copy=Copy(headline="Hot 🔥 deal"))))
    assert "🔥" in plan.downgrades[0]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_planning_again_changes_nothing(layout: Layout) -> None:
    plan = plan_request(request_of(scene_of(layout, ("product",))))
    assert plan_request(plan.request).request == plan.request
