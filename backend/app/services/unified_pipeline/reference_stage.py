"""The reference stage: three images that keep an ad's look together, and the text context made of them (spec AC-2).

The user's own come first (product, character, logo, then more); missing ones are generated. Nothing is invented
about what an image shows. Called by orchestrator.py. Tests: tests/test_services/test_reference_stage.py
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import InvalidInput
from app.db.repositories import generations
from app.kit.ids import seed_from
from app.kit.together import together
from app.schemas.events import ReferenceImagesReady
from app.schemas.providers import PEOPLE_LABEL, ImagePlan, ImageRequest
from app.schemas.story import Story
from app.schemas.unified_pipeline import BrandAssets, Quote, QuoteItem, ReferenceImage, ReferenceType
from app.services.billing.paid_jobs import Purchase
from app.services.unified_pipeline import buying
from app.services.unified_pipeline.filming import quote_of
from app.services.unified_pipeline.palette import ad_palette
from app.services.unified_pipeline.stage_context import Draft, StageContext

REFERENCE_COUNT = 3
_FILL_ORDER: tuple[ReferenceType, ...] = ("product", "environment", "character")
_UNKNOWN = "not specified"


@dataclass(frozen=True)
class Pick:
    """One reference to be: an uploaded image (`key`) or one to generate (null)."""

    type: ReferenceType
    key: str | None


def pick_references(assets: BrandAssets, generate: bool = True) -> list[Pick]:
    """Return the references in the spec's order: product, character, logo, further uploads, then generated ones."""
    first = [*_one("product", assets.product_images), *_one("character", assets.character_images)]
    if assets.logo is not None:
        first.append(Pick("logo", assets.logo))
    further = [Pick("product", key) for key in assets.product_images[1:]]
    further += [Pick("character", key) for key in assets.character_images[1:]]
    picks = [*first, *further][:REFERENCE_COUNT]
    if generate:
        have = {pick.type for pick in picks}
        missing = [Pick(kind, None) for kind in _FILL_ORDER if kind not in have]
        picks += missing[: REFERENCE_COUNT - len(picks)]
    return picks


def _one(kind: ReferenceType, keys: Sequence[str]) -> list[Pick]:
    return [Pick(kind, keys[0])] if keys else []


def build_consistency_context(references: Sequence[ReferenceImage]) -> str:
    """Return the four lines of AC-2.4; what is unknown says so."""
    character = [r.analysis.character_description for r in references if r.analysis.character_description]
    product = [
        f"{r.analysis.label}: {r.analysis.product_features}" if r.analysis.label else r.analysis.product_features
        for r in references
        if r.type == "product" and r.analysis.product_features
    ]
    styles = [r.analysis.style for r in references if r.analysis.style]
    return "\n".join(
        (
            f"{PEOPLE_LABEL}{'; '.join(character) or _UNKNOWN}",
            f"PRODUCT FEATURES: {'; '.join(product) or _UNKNOWN}",
            f"COLOR PALETTE: {', '.join(ad_palette(references)) or _UNKNOWN}",
            f"VISUAL STYLE: {', '.join(dict.fromkeys(styles)) or _UNKNOWN}",
        )
    )


async def make_references(ctx: StageContext, story: Story) -> tuple[list[ReferenceImage], str]:
    """Choose or generate, analyse, store and announce the references; return them with the context string."""
    picks = pick_references(ctx.request.brand_assets, generate=ctx.config.stages.reference_images)
    uploads = [pick for pick in picks if pick.key is not None]
    made = await _make_together(ctx, story, picks, uploads, [])
    missing = [pick for pick in picks if pick.key is None]
    palette = ad_palette(list(made.values()))
    await _admit_images(ctx, story, picks, palette)
    made |= await _make_together(ctx, story, picks, missing, palette)
    references = [made[number] for number in sorted(made)]
    context = build_consistency_context(references)
    await announce_references(ctx, references, context)
    return references, context


async def _make_together(
    ctx: StageContext, story: Story, picks: Sequence[Pick], wanted: Sequence[Pick], palette: list[str]
) -> dict[int, ReferenceImage]:
    """Make some of the picks at the same time, each as a child of its own; the user's colours lead the generated.

    One that fails is raised when all have ended: what was bought beside it is fetched, not left with the provider.
    """

    async def one(number: int, pick: Pick) -> tuple[int, ReferenceImage]:
        argument = {
            "generation_id": ctx.generation_id,
            "run": ctx.run,
            "story": story.model_dump(mode="json"),
            "number": number,
            "type": pick.type,
            "key": pick.key,
            "palette": palette,
        }
        child = f"{ctx.generation_id}:ref:{number}:r{ctx.run}"
        queue = ctx.providers.image.queue
        made = await ctx.services.durable.run_child("reference", child, queue, argument, ctx.user_id)
        return number, ReferenceImage.model_validate(made)

    numbered = [(number, pick) for number, pick in enumerate(picks, start=1) if pick in wanted]
    return dict(await together(*(one(number, pick) for number, pick in numbered)))


async def make_reference(
    ctx: StageContext, story: Story, pick: Pick, number: int, palette: list[str]
) -> ReferenceImage:
    """Generate the image if the user gave none, and analyse it. The body of one child workflow."""
    name = f"reference.{number}.{pick.type}"

    async def make() -> ReferenceImage:
        key = pick.key or await _generate(ctx, story, pick, number, palette)
        if not await ctx.services.storage.exists(key):
            raise InvalidInput(
                f"The {pick.type} image is no longer in the library.", hint="Upload it again and start a new run."
            )
        analysis = await ctx.services.images(ctx.providers).analyse(key, pick.type, ctx.brief, ctx.call(name))
        return ReferenceImage(
            url=key,
            type=pick.type,
            source="uploaded" if pick.key else "generated",
            alt=_alt_text(pick, story, analysis.product_features),
            digest=hashlib.sha256(await ctx.services.storage.read_bytes(key)).hexdigest(),
            analysis=analysis,
        )

    return await ctx.step(name, ReferenceImage, make)


async def _admit_images(ctx: StageContext, story: Story, picks: Sequence[Pick], palette: list[str]) -> None:
    """Check and reserve all images that are to be bought, or none is. Raises OverCap, ProviderError."""
    if ctx.providers.image.queue != "remote":
        return
    items = [
        _purchase(ctx, story, pick.type, number, palette)
        for number, pick in enumerate(picks, start=1)
        if pick.key is None
    ]
    await buying.admit(ctx, items, "references", "The reference images" if len(items) > 1 else "The reference image")


def quote_references(ctx: StageContext, story: Story) -> Quote | None:
    """Return what the generated references cost; null where they cost nothing."""
    model: Any = ctx.providers.image
    if model.queue != "remote":
        return None
    picks = pick_references(ctx.request.brand_assets, generate=ctx.config.stages.reference_images)
    items = []
    for pick in picks:
        if pick.key is None:
            plan = model.plan(_request(ctx, story, pick.type, []))
            items.append(
                QuoteItem(clip_id=0, provider=model.name, seconds=0, usd=model.estimate(plan), model=plan.model)
            )
    return quote_of(items)


def _purchase(
    ctx: StageContext, story: Story, kind: ReferenceType, number: int, palette: list[str]
) -> Purchase[ImagePlan]:
    model: Any = ctx.providers.image
    return buying.image_purchase(ctx, model, model.plan(_request(ctx, story, kind, palette)), number)


def _request(ctx: StageContext, story: Story, kind: ReferenceType, palette: list[str]) -> ImageRequest:
    scene = next((s.visual for s in story.scenes if s.visual), story.title)
    return ImageRequest(
        type=kind,
        prompt=f"{story.product or story.title}. {scene}",
        story=story,
        palette=palette,
        aspect_ratio=ctx.plan.aspect_ratio if kind == "environment" else "1:1",
        seed=seed_from(ctx.plan.seed, kind),
        ad_seed=ctx.plan.seed,
        reference_keys=list(ctx.request.brand_assets.product_images),
    )


async def _generate(ctx: StageContext, story: Story, pick: Pick, number: int, palette: list[str]) -> str:
    kind, name = pick.type, f"reference.{number}.{pick.type}"
    if ctx.providers.image.queue == "remote":
        return await buying.buy_image(ctx, _purchase(ctx, story, kind, number, palette))
    request = _request(ctx, story, kind, palette).model_copy(update={"scale": min(1.0, ctx.config.frame_scale)})
    result = await ctx.providers.image.generate(request, f"{ctx.prefix}/references/{kind}.png", ctx.call(name))
    return result.value


def _alt_text(pick: Pick, story: Story, features: str | None) -> str:
    subject = story.product or story.brand or "the product"
    origin = "Your" if pick.key else "Generated"
    names = {
        "product": f"{origin} picture of {subject}",
        "logo": f"{origin} logo{f' of {story.brand}' if story.brand else ''}",
        "environment": f"{origin} setting for {subject}",
        "character": f"{origin} character" if pick.key else f"Generated stand-in beside {subject}; no person is shown",
    }
    return names[pick.type] + (f": {features}" if features and pick.type == "product" else "")


async def announce_references(ctx: StageContext, references: Sequence[ReferenceImage], context: str) -> None:
    """Store the references and send `reference_images_ready`."""

    async def write(session: AsyncSession) -> list[Draft]:
        await generations.save_references(session, ctx.generation_id, references, consistency_context=context)
        return [("reference_images_ready", _announcement(references, context))]

    await ctx.record("references.save", write)


def _announcement(references: Sequence[ReferenceImage], context: str) -> ReferenceImagesReady:
    ready = ReferenceImagesReady(images=list(references), consistency_context=context)
    if len(references) == REFERENCE_COUNT:
        return ready
    count = f"{len(references)} reference image{'' if len(references) == 1 else 's'}"
    return ready.model_copy(
        update={"message": f"Using {count} for visual consistency across all scenes" if references else "No references"}
    )
