"""What a clip is made of: its digest follows what is filmed, not where files lie or how drafts were judged."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.schemas.providers import ImagePlan, VideoPlan, VideoRequest
from app.schemas.story import CallToAction, Copy, Story, StoryScene
from app.schemas.unified_pipeline import ReferenceImage, Scene
from app.services.unified_pipeline.filming import Film, clip_digest, full_prompt, quote_for, video_request

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


@pytest.mark.parametrize("moved", [{"clip_index": 0}, {"clip_count": 4}])
def test_a_bought_clip_stays_the_same_wherever_it_stands(moved: dict[str, Any]) -> None:
    assert clip_digest(plan(**moved), paid=True) == clip_digest(plan(), paid=True)
    assert clip_digest(plan(prompt="other"), paid=True) != clip_digest(plan(), paid=True)


def test_an_image_of_unknown_content_counts_by_its_key() -> None:
    one = clip_digest(plan(image={"digest": ""}))
    assert one != clip_digest(plan(image={"digest": "", "url": "generations/two/product.png"}))


class PaidVideo:
    """Sells clips at ten cents a second, and plans whole seconds only."""

    name, queue, lengths_s = "paid", "remote", None

    def plan(self, request: VideoRequest) -> VideoPlan:
        length = request.scene.duration
        told = [f"cut to {length:g} s"] if length % 1 else []
        return VideoPlan(
            request=request, model="m1", render_duration_s=-(-length // 1), trim_to_s=length, downgrades=told
        )

    keyframes = SimpleNamespace(estimate=lambda picture: Decimal("0.05"))

    def keyframe(self, plan: VideoPlan) -> ImagePlan | None:
        first = plan.request.clip_id == 1
        return ImagePlan(model="m2", prompt="p", aspect_ratio="16:9") if first else None

    def estimate(self, plan: VideoPlan) -> Decimal:
        return Decimal("0.10") * Decimal(plan.render_duration_s)


CTX = cast(
    "Any",
    SimpleNamespace(plan=SimpleNamespace(width=320, height=180, fps=10, seed=5), video=lambda scene_id: PaidVideo()),
)


def film(*, brand: str | None = None, **second: Any) -> Film:
    beat = StoryScene(id=1, beat="attention", purpose="p", copy_text=Copy(), visual="v", duration=2)
    story = Story(
        title="Cold",
        framework="AIDA",
        narrative="n",
        brand=brand,
        scenes=[beat],
        cta=CallToAction(text="Buy"),
        writer="w",
    )
    images = [ReferenceImage(url=f"{kind}.png", type=kind) for kind in ("product", "logo")]
    shots = [Scene(id=1, description="First", duration=2.5), SCENE.model_copy(update=second)]
    return Film(story, shots, images, "CONTEXT")


def digest_of(scene: Scene, of: Film) -> str:
    prompt = full_prompt(of.consistency_context, scene)
    return clip_digest(CTX.video(scene.id).plan(video_request(CTX, of, scene, prompt)), paid=True)


def test_a_quote_names_the_price_of_every_clip() -> None:
    quote = quote_for(CTX, film())
    assert [(item.clip_id, item.provider, item.seconds, item.usd) for item in quote.items] == [
        (1, "paid", 3, Decimal("0.30")),
        (2, "paid", 2, Decimal("0.20")),
    ]
    assert quote.total_usd == Decimal("0.50")
    assert quote.worst_usd == Decimal("1.00"), "each may be refused, charged and filmed in plainer words"


def test_a_quote_says_what_will_be_otherwise_before_it_is_paid() -> None:
    assert [item.notes for item in quote_for(CTX, film()).items] == [
        ["includes its opening picture, $0.05", "cut to 2.5 s"],
        [],
    ]


def test_what_is_kept_is_not_paid_again() -> None:
    ad = film()
    kept = digest_of(ad.scenes[0], ad)
    quote = quote_for(CTX, ad, [kept, "another"])
    assert ([item.clip_id for item in quote.items], quote.total_usd) == ([2], Decimal("0.20"))
    nothing = quote_for(CTX, ad, [kept, digest_of(ad.scenes[1], ad)])
    assert (nothing.items, nothing.total_usd) == ([], 0)


def test_the_same_offer_has_the_same_name_and_another_price_another() -> None:
    assert quote_for(CTX, film()).digest == quote_for(CTX, film()).digest
    assert quote_for(CTX, film()).digest == quote_for(CTX, film(description="Another shot of that length")).digest
    assert quote_for(CTX, film()).digest != quote_for(CTX, film(duration=3)).digest


def test_a_request_takes_only_listed_references_and_another_seed_for_another_take() -> None:
    first, again = film(), film(variation=1)
    made, retaken = (video_request(CTX, ad, ad.scenes[1], "p") for ad in (first, again))
    assert ([image.type for image in made.references], made.clip_index, made.clip_count) == (["product"], 1, 2)
    assert made.seed != retaken.seed
    assert made.ad_seed == retaken.ad_seed == 5


@pytest.mark.parametrize(("brand", "number", "title"), [(None, 0, "Cold"), (None, 1, ""), ("Nordkap", 0, "")])
def test_the_title_is_drawn_only_where_nothing_else_names_the_ad(brand: str | None, number: int, title: str) -> None:
    ad = film(brand=brand)
    assert video_request(CTX, ad, ad.scenes[number], "p").story_title == title
