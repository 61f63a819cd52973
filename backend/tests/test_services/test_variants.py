"""What sets variants apart: labels, framework, pacing as settings, one seed for all of them."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import InvalidInput
from app.schemas.api import GenerateBody
from app.schemas.providers import BriefReading
from app.schemas.unified_pipeline import BrandAssets, GenerationRequest, Variant
from app.services.unified_pipeline.ad_planner import plan_ad
from app.services.unified_pipeline.config_loader import load_config
from app.services.unified_pipeline.starts import requests_of
from app.services.unified_pipeline.variants import LABEL_LENGTH, apply_variant, distinct, labelled, spread

PROMPT = "Create an ad for eco-friendly water bottle"


def scenes_of(request: GenerationRequest) -> int:
    return len(plan_ad(request, BriefReading(), load_config(overrides=request.config)).scene_durations)


def varied(pacing: str | None, /, **config: Any) -> GenerationRequest:
    request = GenerationRequest(prompt=PROMPT, config={"duration_s": 30, **config})
    return apply_variant(request, Variant.model_validate({"pacing": pacing}))


def body(**more: Any) -> GenerateBody:
    return GenerateBody.model_validate({"prompt": PROMPT, **more})


def test_a_count_alone_makes_variants_of_the_opening() -> None:
    assert [(each.label, each.hook) for each in spread(3)] == [("Opening 1", 0), ("Opening 2", 1), ("Opening 3", 2)]
    assert spread(1) == []


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ({}, "Opening 1"),
        ({"hook": 1}, "Opening 2"),
        ({"framework": "PAS"}, "PAS"),
        ({"pacing": "fast"}, "Fast"),
        ({"framework": "BAB", "pacing": "calm", "hook": 2}, "BAB, Calm, Opening 3"),
        ({"label": " Mine ", "hook": 4}, "Mine"),
    ],
)
def test_a_missing_label_says_what_sets_the_variant_apart(given: dict[str, Any], label: str) -> None:
    assert [each.label for each in labelled([Variant.model_validate(given)])] == [label]


def test_labels_are_told_apart_and_never_too_long() -> None:
    assert distinct(["Fast", "Fast", "Fast 2", "Fast"]) == ["Fast", "Fast 2", "Fast 2 2", "Fast 3"]
    long = distinct(["x" * 60, "x" * 60])
    assert [len(label) for label in long] == [LABEL_LENGTH, LABEL_LENGTH]
    assert len(set(long)) == 2


def test_a_variants_framework_replaces_the_requests() -> None:
    request = GenerationRequest(prompt=PROMPT, framework="AIDA")
    assert apply_variant(request, Variant(framework="PAS")).framework == "PAS"
    assert apply_variant(request, Variant(hook=1)).framework == "AIDA"


def test_a_custom_framework_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(InvalidInput, match="custom"):
        requests_of(body(variants=[{}, {"framework": "custom"}]), BrandAssets())
    given = requests_of(body(variants=[{"framework": "custom"}], framework_text="Dawn. Noon. Night."), BrandAssets())
    assert given[0].framework == "custom"


def test_a_pacing_changes_the_number_of_scenes() -> None:
    assert [scenes_of(varied(pacing)) for pacing in ("calm", None, "standard", "fast")] == [4, 5, 5, 8]


def test_what_the_caller_sets_by_name_wins_over_a_pacing() -> None:
    assert scenes_of(varied("fast", scene_count=3)) == 3
    assert scenes_of(varied("fast", **{"pacing.target_scene_s": 6})) == 5
    assert scenes_of(varied("fast", pacing={"max_scenes": 4})) == 4


def test_all_variants_of_a_request_share_a_seed() -> None:
    free, given = body(config={"parallel_variants": 3}), body(seed=7, variants=[{"hook": 0}, {"pacing": "fast"}])
    assert len({each.seed for each in requests_of(free, BrandAssets())}) == 1
    made = requests_of(given, BrandAssets())
    assert [each.seed for each in made] == [7, 7]
    assert [each.variant.label for each in made if each.variant] == ["Opening 1", "Fast"]


def test_more_ads_than_can_be_started_at_once_are_refused() -> None:
    with pytest.raises(InvalidInput, match="12 ads"):
        requests_of(
            GenerateBody.model_validate({"prompts": [PROMPT] * 4, "config": {"parallel_variants": 3}}), BrandAssets()
        )
