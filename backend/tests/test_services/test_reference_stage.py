"""Which images become references, and the text context made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.schemas.unified_pipeline import BrandAssets, ReferenceImage, ReferenceType
from app.services.unified_pipeline.palette import ad_palette
from app.services.unified_pipeline.reference_stage import (
    REFERENCE_COUNT,
    Pick,
    build_consistency_context,
    pick_references,
)


def reference(kind: ReferenceType, source: str = "uploaded", **analysis: object) -> ReferenceImage:
    return ReferenceImage.model_validate({"url": f"k/{kind}.png", "type": kind, "source": source, "analysis": analysis})


@pytest.mark.ac("AC-2.1")
def test_without_assets_one_product_one_character_and_one_environment_are_generated() -> None:
    picks = pick_references(BrandAssets())
    assert sorted(pick.type for pick in picks) == ["character", "environment", "product"]
    assert all(pick.key is None for pick in picks)


@pytest.mark.ac("AC-2.1")
@pytest.mark.parametrize(
    ("assets", "expected"),
    [
        (
            BrandAssets(product_images=["p1", "p2"], logo="l", character_images=["c1"]),
            [Pick("product", "p1"), Pick("character", "c1"), Pick("logo", "l")],
        ),
        (
            BrandAssets(product_images=["p1", "p2"], logo="l"),
            [Pick("product", "p1"), Pick("logo", "l"), Pick("product", "p2")],
        ),
        (BrandAssets(product_images=["p1", "p2", "p3", "p4"]), [Pick("product", f"p{n}") for n in (1, 2, 3)]),
        (BrandAssets(logo="l"), [Pick("logo", "l"), Pick("product", None), Pick("environment", None)]),
        (
            BrandAssets(product_images=["p"], logo="l"),
            [Pick("product", "p"), Pick("logo", "l"), Pick("environment", None)],
        ),
    ],
)
def test_uploads_come_first_in_the_specs_order_and_missing_ones_are_generated(
    assets: BrandAssets, expected: list[Pick]
) -> None:
    assert pick_references(assets) == expected


def test_with_the_stage_off_nothing_is_generated() -> None:
    assert pick_references(BrandAssets(), generate=False) == []
    assert pick_references(BrandAssets(logo="l"), generate=False) == [Pick("logo", "l")]


@given(
    products=st.lists(st.text("ab", min_size=1), max_size=5),
    characters=st.lists(st.text("cd", min_size=1), max_size=5),
    logo=st.none() | st.just("l"),
)
def test_there_are_always_three_and_uploads_are_never_dropped_for_generated_ones(
    products: list[str], characters: list[str], logo: str | None
) -> None:
    picks = pick_references(BrandAssets(product_images=products, character_images=characters, logo=logo))
    uploaded = len(products) + len(characters) + (logo is not None)
    assert len(picks) == REFERENCE_COUNT
    assert sum(pick.key is not None for pick in picks) == min(uploaded, REFERENCE_COUNT)


@pytest.mark.ac("AC-2.4")
def test_the_context_is_exactly_the_four_lines_of_the_spec() -> None:
    context = build_consistency_context(
        [
            reference("product", product_features="tall, dark green", colors=["#0a3622", "#ffffff"], style="photo"),
            reference("character", character_description="adult, red coat", colors=["#AA0000"]),
        ]
    )
    assert context.split("\n") == [
        "CHARACTER APPEARANCE: adult, red coat",
        "PRODUCT FEATURES: tall, dark green",
        "COLOR PALETTE: #0A3622, #FFFFFF, #AA0000",
        "VISUAL STYLE: photo",
    ]


@pytest.mark.ac("AC-2.4")
def test_what_is_unknown_is_said_and_never_invented() -> None:
    lines = build_consistency_context([reference("product", "generated")]).split("\n")
    assert [line.partition(": ")[2] for line in lines] == ["not specified"] * 4


def test_the_palette_starts_with_the_users_own_product_then_the_logo() -> None:
    palette = ad_palette(
        [
            reference("environment", "generated", colors=["#111111"]),
            reference("logo", colors=["#222222"], accent_colors=["#ff0000"]),
            reference("product", colors=["#333333"]),
        ]
    )
    assert palette == ["#333333", "#222222", "#FF0000", "#111111"]
