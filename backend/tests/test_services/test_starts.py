"""One accepted body becomes one request for each prompt and variant, checked before anything is stored."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import InvalidInput
from app.schemas.api import GenerateBody
from app.schemas.unified_pipeline import BrandAssets, GenerationRequest
from app.services.unified_pipeline.starts import requests_of


def requests(**body: Any) -> list[GenerationRequest]:
    return requests_of(GenerateBody.model_validate({"prompt": "A thermos for hikers", **body}), BrandAssets())


def test_a_body_becomes_a_request_with_everything_it_says() -> None:
    said = {
        "brand": "Nordkap",
        "cta": "Buy",
        "url": "nordkap.no",
        "duration_s": 12.0,
        "aspect_ratio": "9:16",
        "seed": 7,
    }
    assets = BrandAssets(product_images=["mine.png"])
    [made] = requests_of(GenerateBody.model_validate({"prompt": " A thermos ", **said}), assets)
    assert (made.prompt, made.brand_assets, made.interactive) == ("A thermos", assets, True)
    assert {name: getattr(made, name) for name in said} == said


def test_every_prompt_with_every_variant() -> None:
    made = requests(prompts=["A bakery", "A gym"], variants=[{"label": "a"}, {"label": "b", "framework": "PAS"}])
    found = [(each.prompt, each.variant.label, each.framework) for each in made if each.variant]
    assert found == [
        (prompt, *variant)
        for prompt in ("A thermos for hikers", "A bakery", "A gym")
        for variant in (("a", None), ("b", "PAS"))
    ]
    assert all(each.seed is not None for each in made)


def test_without_variants_the_seed_is_left_to_the_plan() -> None:
    assert [each.seed for each in requests(prompts=["A bakery"])] == [None, None]


def test_ten_are_the_most() -> None:
    assert len(requests(prompts=["more"] * 9)) == 10
    with pytest.raises(InvalidInput, match="12 ads; 10 can"):
        requests(prompts=["more"] * 3, config={"parallel_variants": 3})


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({"prompt": None}, "prompt is missing"),
        ({"prompt": "  "}, "prompt is empty"),
        ({"url": "not an address"}, "address needs a domain"),
    ],
)
def test_what_is_not_legal_says_why(body: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidInput, match=cause):
        requests(**body)


@pytest.mark.parametrize(
    ("config", "overrides"),
    [
        ({}, {}),
        ({"enable_vbench": False}, {"vbench_enabled": False}),
        ({"quality_threshold": 0.9}, {"vbench_threshold_good": 90.0}),
        ({"quality_threshold": 0.4}, {"vbench_threshold_good": 40.0, "vbench_threshold_acceptable": 40.0}),
        ({"overrides": {"fps": 24}, "quality_threshold": 80.0}, {"fps": 24, "vbench_threshold_good": 80.0}),
    ],
)
def test_the_specs_config_becomes_settings(config: dict[str, Any], overrides: dict[str, Any]) -> None:
    assert requests(config=config)[0].config == overrides
