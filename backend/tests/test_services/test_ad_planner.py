"""The ad's shape as data (app/services/unified_pipeline/ad_planner.py)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInput
from app.schemas.providers import BriefReading
from app.schemas.unified_pipeline import AdPlan, GenerationRequest, PipelineConfig
from app.services.unified_pipeline.ad_planner import plan_ad
from app.services.unified_pipeline.config_loader import load_config

VEO = (4.0, 6.0, 8.0)


def plan(
    request: dict[str, Any] | None = None,
    reading: dict[str, Any] | None = None,
    overrides: dict[str, Any] | None = None,
    legal: tuple[float, ...] | None = None,
) -> AdPlan:
    asked = GenerationRequest(**{"prompt": "A folding kayak"} | (request or {}))
    return plan_ad(asked, BriefReading(**(reading or {})), load_config(overrides=overrides), legal)


def in_frames(ad: AdPlan) -> list[int]:
    counts = [round(seconds * ad.fps) for seconds in ad.scene_durations]
    assert all(abs(count / ad.fps - seconds) < 1e-9 for count, seconds in zip(counts, ad.scene_durations, strict=True))
    return counts


@pytest.mark.ac("AC-1.8")
@pytest.mark.parametrize(
    ("duration", "scenes"),
    [
        (2, [1, 1]),
        (3, [1.5, 1.5]),
        (5, [2.5, 2.5]),
        (6, [3, 3]),
        (10, [3, 3.5, 3.5]),
        (12, [3, 3, 3, 3]),
        (15, [3.5, 3.5, 4, 4]),
        (20, [5, 5, 5, 5]),
        (30, [6, 6, 6, 6, 6]),
        (60, [6] * 10),
    ],
)
def test_scene_lengths(duration: float, scenes: list[float]) -> None:
    assert plan({"duration_s": duration}).scene_durations == scenes


def test_duration_the_request_wins_over_the_brief_and_the_brief_over_the_file() -> None:
    assert plan({"duration_s": 10}, {"duration_s": 20}, {"duration_s": 40}).duration_s == 10
    assert plan({}, {"duration_s": 20}, {"duration_s": 40}).duration_s == 20
    assert plan({}, {}, {"duration_s": 40}).duration_s == 40
    assert plan().duration_s == 30


@pytest.mark.parametrize("stated", [1.9, 0, -5, 61, 3600, float("nan"), float("inf")])
def test_a_brief_with_an_impossible_length_is_refused(stated: float) -> None:
    with pytest.raises(InvalidInput, match="2 to 60 s"):
        plan({}, {"duration_s": stated})


def test_format_and_frame_size() -> None:
    assert (plan().width, plan().height) == (1280, 720)
    tall = plan({"aspect_ratio": "9:16"}, {"aspect_ratio": "1:1"})
    assert (tall.aspect_ratio, tall.width, tall.height) == ("9:16", 720, 1280)
    assert plan({}, {"aspect_ratio": "1:1"}).aspect_ratio == "1:1"
    tiny = plan({}, {}, {"frame_scale": 0.25, "fps": 12})
    assert (tiny.width, tiny.height, tiny.fps) == (320, 180, 12)
    odd = plan({}, {}, {"frame_scale": 0.333})
    assert odd.width % 2 == odd.height % 2 == 0
    with pytest.raises(InvalidInput, match="12x8 pixels"):
        plan({}, {}, {"frame_scale": 0.01})


def test_framework_order_of_precedence() -> None:
    assert plan({"framework": "PAS"}, {"framework": "FAB"}, {"framework": "BAB"}).framework == "PAS"
    assert plan({}, {"framework": "FAB"}, {"framework": "BAB"}).framework == "FAB"
    assert plan({}, {}, {"framework": "BAB"}).framework == "BAB"


def test_a_custom_framework_needs_its_text() -> None:
    assert plan({"framework": "custom", "framework_text": "Joke, twist, logo"}).framework == "custom"
    assert plan({"framework_text": "Joke, twist, logo"}).framework == "custom"
    assert plan({"framework": "PAS", "framework_text": "Joke"}).framework == "PAS"
    assert plan({}, {}, {"framework": "custom", "framework_text": "Joke, logo"}).framework == "custom"
    assert plan({}, {"framework": "custom"}).framework == "AIDA", "only read into the brief: nobody asked for it"
    for request, overrides in (({"framework": "custom"}, {}), ({"framework_text": "  "}, {"framework": "custom"})):
        with pytest.raises(InvalidInput, match="needs a text"):
            plan(request, {}, overrides)


def test_seed_is_the_requests_or_the_prompts() -> None:
    assert plan({"seed": 0}).seed == 0
    assert plan().seed == plan().seed != plan({"prompt": "Another"}).seed
    assert GenerationRequest(prompt="x", seed=plan().seed).seed == plan().seed, "a shown seed can be given back"


def test_tone_comes_from_the_brief() -> None:
    assert plan({}, {"tone": "calm"}).tone == "calm"


def test_a_fixed_scene_count() -> None:
    assert plan({}, {}, {"scene_count": 3}).scene_durations == [10, 10, 10]
    assert plan({}, {}, {"scene_count": 1}).scene_durations == [30]
    with pytest.raises(InvalidInput, match="5 scenes do not fit into 3 s") as caught:
        plan({"duration_s": 3}, {}, {"scene_count": 5})
    assert "at most 3 scenes" in caught.value.hint


def test_pacing_is_data() -> None:
    assert len(plan({}, {}, {"pacing.target_scene_s": 3}).scene_durations) == 10
    assert len(plan({}, {}, {"pacing": {"max_scenes": 3}}).scene_durations) == 3


@pytest.mark.parametrize(
    ("duration", "legal", "scenes"),
    [
        (30, VEO, [6, 6, 6, 6, 6]),
        (20, VEO, [4, 4, 6, 6]),
        (10, VEO, [4, 6]),
        (10, (5.0, 10.0), [5, 5]),
        (15, VEO, [3.5, 3.5, 4, 4]),
        (30, (8.0,), [6, 6, 6, 6, 6]),
        (30, (4.0,), [3.5, 3.5, 3.5, 3.5, 4, 4, 4, 4]),
    ],
)
def test_a_providers_lengths_are_used_or_trimmed(
    duration: float, legal: tuple[float, ...], scenes: list[float]
) -> None:
    assert plan({"duration_s": duration}, legal=legal).scene_durations == scenes


def test_lengths_that_cannot_fill_the_ad_are_refused() -> None:
    with pytest.raises(InvalidInput, match="60 s need 15 clips of at most 4 s; 10 are allowed") as caught:
        plan({"duration_s": 60}, legal=(4.0,))
    assert "at most 40 s" in caught.value.hint
    with pytest.raises(InvalidInput, match="no usable clip length"):
        plan(legal=())


DURATIONS = st.floats(2, 60)
RATES = st.integers(10, 60)
LENGTHS = st.one_of(st.none(), st.lists(st.floats(6, 20), min_size=1, max_size=5))


@pytest.mark.ac("AC-1.8")
@given(duration=DURATIONS, fps=RATES, legal=LENGTHS)
def test_every_plan_adds_up_in_whole_frames(duration: float, fps: int, legal: list[float] | None) -> None:
    request = GenerationRequest(prompt="x", duration_s=duration)
    config = PipelineConfig(fps=fps)
    ad = plan_ad(request, BriefReading(), config, legal)
    counts = in_frames(ad)
    assert sum(counts) == round(ad.duration_s * fps) == round(duration * fps)
    assert min(counts) >= fps
    assert 2 <= len(counts) <= 10
    if legal is not None:
        assert max(counts) <= max(round(length * fps) for length in legal)
    elif duration >= 6.1:
        assert min(counts) >= 3 * fps
    if legal is None:
        assert max(counts) - min(counts) <= fps / 2
    assert plan_ad(request, BriefReading(), config, legal) == ad


@given(duration=DURATIONS, count=st.integers(1, 10))
def test_a_fixed_count_is_kept_or_refused(duration: float, count: int) -> None:
    request, config = GenerationRequest(prompt="x", duration_s=duration), PipelineConfig(scene_count=count)
    if round(duration * 30) < count * 30:
        with pytest.raises(InvalidInput):
            plan_ad(request, BriefReading(), config)
    else:
        assert len(plan_ad(request, BriefReading(), config).scene_durations) == count
