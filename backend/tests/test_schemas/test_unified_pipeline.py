"""Requests and configuration (app/schemas/unified_pipeline.py)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.schemas.unified_pipeline import (
    BrandAssets,
    GenerationRequest,
    PipelineConfig,
    ReferenceImageAnalysis,
    Scene,
    VideoClip,
)


@pytest.mark.ac("AC-1.4")
def test_pipeline_defaults_are_the_specs() -> None:
    config = PipelineConfig()
    assert config.pipeline_name == "default"
    assert (config.story_max_iterations, config.scene_max_iterations) == (3, 2)
    assert (config.video_parallel, config.video_max_concurrent) == (True, 5)
    assert config.vbench_enabled is True
    assert (config.vbench_threshold_good, config.vbench_threshold_acceptable) == (80.0, 60.0)


@pytest.mark.ac("AC-1.4")
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("story_max_iterations", 0, "greater than or equal to 1"),
        ("story_max_iterations", 11, "less than or equal to 10"),
        ("scene_max_iterations", -1, "greater than or equal to 1"),
        ("video_max_concurrent", 0, "greater than or equal to 1"),
        ("video_max_concurrent", 11, "less than or equal to 10"),
        ("vbench_threshold_good", 100.1, "less than or equal to 100"),
        ("vbench_threshold_acceptable", -1, "greater than or equal to 0"),
        ("story_threshold", 10.5, "less than or equal to 10"),
        ("duration_s", 1, "greater than or equal to 2"),
        ("duration_s", 61, "less than or equal to 60"),
        ("fps", 9, "greater than or equal to 10"),
        ("frame_scale", 0, "greater than 0"),
        ("scene_count", 0, "greater than or equal to 1"),
        ("aspect_ratio", "4:3", "'16:9', '9:16' or '1:1'"),
        ("framework", "aida", "'AIDA', 'PAS', 'FAB', 'BAB' or 'custom'"),
        ("timeouts", {"story": 0}, "greater than 0"),
        ("stages", {"music": True}, "Extra inputs are not permitted"),
        ("vbench_treshold_good", 80, "Extra inputs are not permitted"),
        ("vbench_enabled", "maybe", "valid boolean"),
        ("order", ["story", "scenes"], "order must name each of these once: reference_images, scenes, story, videos"),
        ("order", ["story", "story", "scenes", "videos"], "order must name each of these once"),
    ],
)
def test_pipeline_refuses_what_is_out_of_range(field: str, value: object, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PipelineConfig.model_validate({field: value})
    assert message in str(caught.value)
    assert field in str(caught.value)


@pytest.mark.ac("AC-1.4")
def test_yellow_cannot_start_above_green() -> None:
    with pytest.raises(ValidationError, match="vbench_threshold_acceptable must not be above vbench_threshold_good"):
        PipelineConfig(vbench_threshold_good=50, vbench_threshold_acceptable=60)


@pytest.mark.ac("AC-1.6")
def test_the_specs_request_is_accepted_as_written() -> None:
    request = GenerationRequest.model_validate(
        {
            "prompt": "Create a 30-second ad for eco-friendly water bottle",
            "framework": "AIDA",
            "brand_assets": {
                "product_images": ["s3://bucket/product1.jpg"],
                "logo": "s3://bucket/logo.png",
                "character_images": [],
            },
            "config": {"parallel_variants": 1, "quality_threshold": 0.8, "enable_vbench": True},
            "interactive": True,
            "session_id": "abc123",
        }
    )
    assert request.brand_assets.logo == "s3://bucket/logo.png"
    assert request.config["quality_threshold"] == 0.8


@pytest.mark.ac("AC-1.6")
@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        ({}, "prompt", "Field required"),
        ({"prompt": ""}, "prompt", "at least 1 character"),
        ({"prompt": " \n\t "}, "prompt", "the prompt is empty: write one sentence about what you sell"),
        ({"prompt": "\x00"}, "prompt", "the prompt is empty"),
        ({"prompt": "x" * 5001}, "prompt", "at most 5000 characters"),
        ({"prompt": "x", "framework": "AIDAS"}, "framework", "'AIDA', 'PAS', 'FAB', 'BAB' or 'custom'"),
        ({"prompt": "x", "framwork": "AIDA"}, "framwork", "Extra inputs are not permitted"),
        ({"prompt": "x", "brand_assets": {"logos": "a"}}, "brand_assets.logos", "Extra inputs are not permitted"),
        ({"prompt": "x", "duration_s": 1}, "duration_s", "greater than or equal to 2"),
        ({"prompt": "x", "duration_s": 61}, "duration_s", "less than or equal to 60"),
        ({"prompt": "x", "duration_s": float("nan")}, "duration_s", "less than or equal to 60"),
        ({"prompt": "x", "seed": -1}, "seed", "greater than or equal to 0"),
        ({"prompt": "x", "aspect_ratio": "4:3"}, "aspect_ratio", "'16:9', '9:16' or '1:1'"),
        ({"prompt": "x", "framework_text": "x" * 2001}, "framework_text", "at most 2000 characters"),
    ],
)
def test_request_refuses_with_a_readable_message(data: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        GenerationRequest.model_validate(data)
    error = caught.value.errors()[0]
    assert ".".join(str(part) for part in error["loc"]) == field
    assert message in error["msg"]


@pytest.mark.ac("AC-1.6")
def test_the_longest_prompt_is_accepted_and_trimmed_of_blanks() -> None:
    assert len(GenerationRequest(prompt="x" * 5000).prompt) == 5000
    assert GenerationRequest(prompt="  a\x00b \n").prompt == "ab"


@given(st.text(min_size=1, max_size=200))
def test_a_prompt_is_never_changed_but_at_its_ends(text: str) -> None:
    cleaned = text.replace("\x00", "").strip()
    if cleaned:
        assert GenerationRequest(prompt=text).prompt == cleaned
    else:
        with pytest.raises(ValidationError):
            GenerationRequest(prompt=text)


def test_unknown_stays_unknown() -> None:
    request = GenerationRequest(prompt="x")
    unsaid = (request.framework, request.duration_s, request.seed, request.brand, request.url)
    assert unsaid == (None,) * 5
    assert request.brand_assets == BrandAssets()
    analysis = ReferenceImageAnalysis()
    assert analysis.character_description is analysis.style is analysis.label is None
    assert analysis.colors == []


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (Scene, {"id": 0, "description": "d", "duration": 6}),
        (Scene, {"id": 1, "description": "d", "duration": 0}),
        (Scene, {"id": 1, "description": "d", "duration": 6, "quality_score": 80}),
        (VideoClip, {"scene_id": 1, "progress": 101}),
        (VideoClip, {"scene_id": 1, "status": "done"}),
    ],
)
def test_scenes_and_clips_refuse_impossible_values(model: type[Scene | VideoClip], data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(data)


@pytest.mark.parametrize("url", ["yourshop.com", "https://yourshop.com/new?x=1", "käse.example/a", "lumen.app"])
def test_an_address_is_taken_as_it_is(url: str) -> None:
    assert GenerationRequest(prompt="A kettle", url=url).url == url


@pytest.mark.parametrize("url", ["not a url", "localhost", "javascript:alert(1)", "shop .com", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="domain"):
        GenerationRequest(prompt="A kettle", url=url)
