"""What a client sees of a generation: rows become snapshots, storage keys become signed addresses.

Called by app/api, services/session/session_storage.py through the container, and the CLI.
Tests: tests/test_services/test_snapshots.py
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Generation
from app.db.repositories import (
    assets,
    documents,
    generation_lists,
    generations,
    provider_calls,
    quality_metrics,
    sessions,
)
from app.db.repositories import events as event_log
from app.db.types import utcnow
from app.ports.links import Links
from app.ports.video import poster_key
from app.schemas.api import ClipState, GenerationSnapshot, GenerationSummary, SessionSnapshot
from app.schemas.events import SERVER_EVENT, ServerEvent
from app.schemas.money import CallView, Limits, Spending
from app.schemas.unified_pipeline import GenerationRequest, ReferenceImage, Scene, StageName, Status, Substage
from app.services.quality import score_keeping
from app.services.unified_pipeline.charges import call_view
from app.services.unified_pipeline.scene_changes import scene_digest
from app.services.unified_pipeline.states import allowed

S = TypeVar("S", GenerationSummary, GenerationSnapshot)
_CONVERSATION = 500
_NO_LIMITS = Limits()
_SIGNED_EVENTS = frozenset({"reference_images_ready", "storyboard_ready", "video_complete", "generation_complete"})


async def snapshot(
    session: AsyncSession, generation_id: str, user_id: str, limits: Limits = _NO_LIMITS
) -> GenerationSnapshot:
    """Return everything about a user's generation, with storage keys where addresses will be.

    Raises:
        NotFound: No such generation of this user.
    """
    row = await generations.require(session, generation_id, user_id=user_id)
    request, scenes = documents.request_of(row), documents.scenes_of(row)
    _, standing = await provider_calls.stand(session, generation_id, limits, now=utcnow())
    metrics = await quality_metrics.of_generation(session, generation_id)
    return GenerationSnapshot(
        **summary(row, documents.poster_of(row)).model_dump(exclude={"variant"}),
        variant=request.variant.label if request.variant else "",
        last_seq=await event_log.last_seq(session, row.session_id or ""),
        brand_assets=request.brand_assets,
        assets_in_use=await assets.names_of(session, user_id, _in_use(request)),
        story_text=row.story_text,
        story=documents.story_of(row),
        story_rounds=documents.rounds_of(row),
        reference_images=documents.references_of(row),
        consistency_context=row.consistency_context,
        scenes=scenes,
        storyboard=documents.storyboard_of(row),
        video_clips=_clips(row, scenes),
        final_video_url=row.final_video_url,
        scores=score_keeping.landed(row, metrics),
        scoring=score_keeping.awaited(row, metrics),
        gate=documents.gate_of(row),
        actions=list(allowed(row.status, row.substage, row.current_stage, row.control)),
        plan=documents.plan_of(row),
        request=row.request or {},
        config=row.config or {},
        spending=Spending.model_validate(standing.model_dump(include=set(Spending.model_fields))),
        charges_unknown=await _unknown_charges(session, generation_id),
    )


async def summaries(session: AsyncSession, rows: Sequence[Generation]) -> list[GenerationSummary]:
    """Return rows of the history list with storage keys where addresses will be; one query more for all of them."""
    faces = await generation_lists.faces(session, rows)
    return [
        summary(row, faces[row.id].poster).model_copy(update={"variant": faces[row.id].variant})
        for row in rows
        if row.id in faces
    ]


def summary(row: Generation, poster: str | None) -> GenerationSummary:
    """Return one row of the history list, with its picture's storage key; reads no wide column."""
    return GenerationSummary(
        id=row.id,
        session_id=row.session_id,
        group_id=row.group_id,
        title=row.title,
        prompt=row.prompt,
        status=cast("Status", row.status),
        substage=cast("Substage | None", row.substage),
        current_stage=cast("StageName | None", row.current_stage),
        framework=row.framework,
        story_quality_score=row.story_quality_score,
        overall_quality_score=row.overall_quality_score,
        favourite=row.favourite,
        tags=list(row.tags or []),
        version=row.version,
        has_video=row.final_video_url is not None,
        thumbnail_url=poster,
        error_code=row.error_code,
        error_message=row.error_message,
        created_at=row.created_at,
        updated_at=row.updated_at,
        completed_at=row.completed_at,
    )


async def session_snapshot(
    session: AsyncSession, session_id: str, user_id: str, limits: Limits = _NO_LIMITS
) -> SessionSnapshot:
    """Return a user's whole session, with storage keys where addresses will be. Raises NotFound."""
    row = await sessions.require(session, session_id, user_id=user_id)
    rows = await generations.in_session(session, session_id, user_id=user_id)
    stored = await event_log.since(session, session_id, max(0, row.seq - _CONVERSATION), _CONVERSATION)
    return SessionSnapshot(
        session_id=row.id,
        last_seq=row.seq,
        generations=[await snapshot(session, each.id, user_id, limits) for each in rows],
        conversation=[event_log.to_wire(each) for each in stored],
        created_at=row.created_at,
        last_seen=row.last_seen,
    )


async def sign_session(view: SessionSnapshot, links: Links) -> SessionSnapshot:
    """Return a session whose storage keys are signed addresses."""
    return view.model_copy(
        update={
            "generations": [await sign(each, links) for each in view.generations],
            "conversation": [await sign_event(each, links) for each in view.conversation],
        }
    )


async def sign(view: S, links: Links) -> S:
    """Return a summary or snapshot whose storage keys are signed addresses."""
    update: dict[str, Any] = {"thumbnail_url": await _url(view.thumbnail_url, links)}
    if isinstance(view, GenerationSnapshot):
        update["final_video_url"] = await _url(view.final_video_url, links)
        update["reference_images"] = [await _sign_reference(image, links) for image in view.reference_images]
        update["storyboard"] = {number: await links.url(key) for number, key in view.storyboard.items()}
        update["video_clips"] = [await _sign_clip(clip, links) for clip in view.video_clips]
    return view.model_copy(update=update)


async def sign_event(event: ServerEvent, links: Links) -> ServerEvent:
    """Return an event whose storage keys are signed addresses; most events have none and come back as they are."""
    if event.type not in _SIGNED_EVENTS:
        return event
    payload = event.payload.model_dump()
    await _SIGNERS[event.type](payload, links)
    signed: ServerEvent = SERVER_EVENT.validate_python({**event.model_dump(), "payload": payload})
    return signed


async def _images(payload: dict[str, Any], links: Links) -> None:
    for image in payload["images"]:
        image["url"] = await links.url(image["url"])


async def _stills(payload: dict[str, Any], links: Links) -> None:
    payload["stills"] = {number: await links.url(key) for number, key in payload["stills"].items()}


async def _clip(payload: dict[str, Any], links: Links) -> None:
    payload["url"] = await links.url(payload["url"])


async def _final(payload: dict[str, Any], links: Links) -> None:
    payload["final_video_url"] = await links.url(payload["final_video_url"])


_SIGNERS: dict[str, Callable[[dict[str, Any], Links], Awaitable[None]]] = {
    "reference_images_ready": _images,
    "storyboard_ready": _stills,
    "video_complete": _clip,
    "generation_complete": _final,
}


async def _url(key: str | None, links: Links) -> str | None:
    return None if key is None else await links.url(key)


async def _sign_reference(image: ReferenceImage, links: Links) -> ReferenceImage:
    return image.model_copy(update={"url": await links.url(image.url)})


async def _sign_clip(clip: ClipState, links: Links) -> ClipState:
    return clip.model_copy(
        update={"url": await _url(clip.url, links), "poster_url": await _url(clip.poster_url, links)}
    )


def _clips(row: Generation, scenes: list[Scene]) -> list[ClipState]:
    """Return one state a scene, in scene order: derived on read, so an edit makes only its own clip stale."""
    made = {clip.scene_id: clip for clip in documents.video_clips_of(row)}
    states = []
    for index, scene in enumerate(scenes):
        clip = made.get(scene.id)
        if clip is None:
            blocked = row.gate is not None
            states.append(ClipState(scene_id=scene.id, clip_index=index, freshness="blocked" if blocked else "missing"))
            continue
        current = clip.status == "complete" and clip.scene_digest in {"", scene_digest(scene)}
        poster = poster_key(clip.url) if clip.url else None
        fresh = "current" if current else ("stale" if clip.status == "complete" else "missing")
        states.append(
            ClipState.model_validate(
                {**clip.model_dump(), "clip_index": index, "poster_url": poster, "freshness": fresh}
            )
        )
    return states


async def _unknown_charges(session: AsyncSession, generation_id: str) -> list[CallView]:
    views = [call_view(row) for row in await provider_calls.unsettled(session, generation_id)]
    return [view for view in views if view.state == "unknown"]


def _in_use(request: GenerationRequest) -> list[str]:
    """Return the storage keys of the caller's own images, product first (FR25)."""
    used = request.brand_assets
    return [*used.product_images, *filter(None, [used.logo]), *used.character_images]
