"""From an approved scene to a typed request for one clip, and what filming will cost.

Called by the scene stage (for the quote at the gate) and the video stage. Tests: tests/test_services/test_filming.py
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, cast

from app.kit.ids import digest, seed_from
from app.ports.video import PaidVideoModel, VideoModel
from app.schemas.providers import SCENE_LABEL, VideoPlan, VideoRequest
from app.schemas.story import Story
from app.schemas.unified_pipeline import Quote, QuoteItem, ReferenceImage, Scene
from app.services.unified_pipeline.palette import ad_palette
from app.services.unified_pipeline.stage_context import StageContext

_NOT_FILMED: Any = {
    "downgrades": True,
    "remote": {"first_frame_key"},
    "request": {"references": True, "scene": {"rounds", "quality_score", "beat"}},
}
_PLACE = ("clip_index", "clip_count")
"""A bought clip does not depend on where it stands; a local one does (its joints)."""


@dataclass(frozen=True)
class Film:
    """What the video stage is given."""

    story: Story
    scenes: list[Scene]
    references: list[ReferenceImage]
    consistency_context: str


def full_prompt(consistency_context: str, scene: Scene) -> str:
    """Return the prompt of one clip: the context first, then the scene (AC-3.3)."""
    return f"{consistency_context}\n\n{SCENE_LABEL}{scene.description}"


def video_request(ctx: StageContext, film: Film, scene: Scene, prompt: str) -> VideoRequest:
    """Return the typed request of one clip; only references the scene lists go with it.

    The title goes with it only where neither a brand nor a headline names the ad: it is then drawn.
    """
    index = [each.id for each in film.scenes].index(scene.id)
    listed = [reference for reference in film.references if reference.type in scene.references]
    salt = [scene.variation] if scene.variation else []
    return VideoRequest(
        clip_id=scene.id,
        clip_index=index,
        clip_count=len(film.scenes),
        prompt=prompt,
        scene=scene.model_copy(update={"rounds": []}),
        references=listed,
        story_title="" if film.story.brand or scene.copy_text.headline else film.story.title,
        brand=film.story.brand,
        tone=film.story.tone,
        kind=film.story.kind,
        palette=ad_palette(film.references),
        width=ctx.plan.width,
        height=ctx.plan.height,
        fps=ctx.plan.fps,
        ad_seed=ctx.plan.seed,
        seed=seed_from(ctx.plan.seed, "clip", scene.id, *salt),
    )


def clip_digest(plan: VideoPlan, *, paid: bool = False) -> str:
    """Return the digest of everything a clip is made of: equal digests, equal clips, in whichever ad they stand.

    References count by what they show, not by where they are stored; scores, drafts and remarks do not count.
    """
    content = plan.model_dump(mode="json", exclude=_NOT_FILMED)
    content["references"] = [[image.type, image.digest or image.url] for image in plan.request.references]
    if paid:
        content["request"] = {name: each for name, each in content["request"].items() if name not in _PLACE}
    return digest(content)


def is_paid(model: VideoModel) -> bool:
    """True when a model's clips are bought."""
    return model.queue == "remote"


def scene_plan(ctx: StageContext, film: Film, scene: Scene) -> tuple[VideoModel, VideoPlan, str]:
    """Return who films a scene, how, and the digest of the clip."""
    model = ctx.video(scene.id)
    plan = model.plan(video_request(ctx, film, scene, full_prompt(film.consistency_context, scene)))
    return model, plan, clip_digest(plan, paid=is_paid(model))


def quote_for(ctx: StageContext, film: Film, kept: Iterable[str] = (), only: Collection[int] = ()) -> Quote:
    """Return what filming costs now; clips whose digest is among `kept` are not paid again.

    Args:
        ctx: The run.
        film: What is filmed.
        kept: Digests of clips there are.
        only: These scenes alone; empty for all.
    """
    have, items = set(kept), []
    for scene in film.scenes:
        if only and scene.id not in only:
            continue
        model, plan, wanted = scene_plan(ctx, film, scene)
        if wanted not in have:
            item = QuoteItem(
                clip_id=scene.id,
                provider=model.name,
                seconds=plan.render_duration_s if is_paid(model) else scene.duration,
                usd=model.estimate(plan),
                model=plan.model if is_paid(model) else "",
                notes=_notes(model, plan),
            )
            items.append(item)
    return quote_of(items)


def _notes(model: VideoModel, plan: VideoPlan) -> list[str]:
    """What a person should know before they pay for a clip; nothing of a free one."""
    if not is_paid(model):
        return []
    paid = cast("PaidVideoModel", model)
    picture = paid.keyframe(plan)
    before = [f"includes its opening picture, ${paid.keyframes.estimate(picture):.2f}"] if picture else []
    return [*before, *plan.downgrades]


def quote_of(items: list[QuoteItem]) -> Quote:
    """Return the quote of priced items; its digest names exactly them."""
    total = sum((item.usd for item in items), start=Quote().total_usd)
    named = digest([item.model_dump(mode="json") for item in items])
    again = sum((item.usd for item in items if item.clip_id), start=Quote().total_usd)
    return Quote(total_usd=total, worst_usd=total + again, items=items, digest=named)
