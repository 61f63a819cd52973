"""What a clip is made of: its digest follows what is filmed, not where files lie or how drafts were judged."""

from __future__ import annotations

from typing import Any

import pytest

from app.schemas.providers import VideoPlan, VideoRequest
from app.schemas.story import Copy
from app.schemas.unified_pipeline import ReferenceImage, Scene
from app.services.unified_pipeline.filming import clip_digest

SCENE = Scene(
    id=2, description="A bottle on a rock", duration=2, copy_text=Copy(headline="Cold"), references=["product"]
)


def plan(*, scene: dict[str, Any] | None = None, image: dict[str, Any] | None = None, **request: Any) -> VideoPlan:
    reference = ReferenceImage(url="generations/one/product.png", type="product", digest="d1")
    asked = VideoRequest(
        clip_id=2,
        clip_index=1,
        clip_count=3,
        prompt="context\n\nSCENE: A bottle on a rock",
        scene=SCENE,
        references=[reference.model_copy(update=image or {})],
        brand="Nordkap",
        palette=["#123456"],
        width=320,
        height=180,
        fps=10,
        ad_seed=1,
        seed=2,
    )
    asked = asked.model_copy(update={"scene": SCENE.model_copy(update=scene or {}), **request})
    return VideoPlan(request=asked, model="planar-1", render_duration_s=2, trim_to_s=2)


@pytest.mark.parametrize(
    "same",
    [
        {"image": {"url": "generations/two/product.png", "source": "uploaded", "alt": "Your picture"}},
        {"scene": {"quality_score": 9.1, "beat": "hook"}},
    ],
)
def test_what_is_not_filmed_does_not_count(same: dict[str, Any]) -> None:
    assert clip_digest(plan(**same)) == clip_digest(plan())


@pytest.mark.parametrize(
    "other",
    [
        {"image": {"digest": "d2"}},
        {"image": {"type": "logo"}},
        {"scene": {"copy_text": Copy(headline="Colder")}},
        {"scene": {"layout": "full-bleed"}},
        {"scene": {"variation": 1}},
        {"prompt": "other context"},
        {"palette": ["#654321"]},
        {"clip_index": 0},
        {"clip_count": 4},
        {"brand": None},
        {"seed": 3},
        {"ad_seed": 3},
        {"width": 640, "height": 360},
    ],
)
def test_everything_that_is_filmed_counts(other: dict[str, Any]) -> None:
    assert clip_digest(plan(**other)) != clip_digest(plan())


def test_an_image_of_unknown_content_counts_by_its_key() -> None:
    one = clip_digest(plan(image={"digest": ""}))
    assert one != clip_digest(plan(image={"digest": "", "url": "generations/two/product.png"}))
