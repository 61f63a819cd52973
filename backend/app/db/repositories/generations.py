"""All writes and single reads of generations. Called by services and routes; lists: generation_lists.py.

Every function takes the caller's session and never commits. Writers lock the row first (Postgres FOR UPDATE, SQLite by
BEGIN IMMEDIATE), so the workflow never meets a stale row; people's edits pass the version they saw.
Tests: tests/test_db/test_generations.py, tests/test_db/test_generation_model.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

from pydantic import Field
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.db.models import Generation, StatusChange
from app.db.repositories.documents import to_json
from app.db.repositories.sql import check_version, flush, is_uuid
from app.db.types import utcnow
from app.kit.ids import new_id
from app.schemas.base import Model
from app.schemas.story import StoryRound
from app.schemas.unified_pipeline import (
    AdPlan,
    BrandAssets,
    Gate,
    GenerationRequest,
    PipelineConfig,
    ReferenceImage,
    Scene,
    StageName,
    Status,
    Substage,
    VideoClip,
)


class NewGeneration(Model):
    """What a generation starts with."""

    id: str = Field(default_factory=new_id)
    user_id: str
    session_id: str | None = None
    group_id: str | None = None
    prompt: str
    framework: str | None = None
    title: str | None = None
    seed: int | None = None
    tags: list[str] = Field(default_factory=list)
    brand_assets: BrandAssets = BrandAssets()
    config: PipelineConfig
    request: GenerationRequest
    plan: AdPlan | None = None


async def create(session: AsyncSession, new: NewGeneration) -> Generation:
    """Insert a pending generation and the first entry of its history."""
    row = Generation(**new.model_dump(mode="json"), status="pending")
    session.add(row)
    await flush(session)
    _record(session, row)
    await flush(session)
    return row


async def get(session: AsyncSession, generation_id: str, *, user_id: str | None = None) -> Generation | None:
    """Return a generation that is not deleted, null when there is none or it is another user's."""
    return await _load(session, generation_id, user_id=user_id, lock=False)


async def require(session: AsyncSession, generation_id: str, *, user_id: str | None = None) -> Generation:
    """Return a generation as `get` does.

    Raises:
        NotFound: There is none, it is deleted, or it is another user's.
    """
    return _found(await _load(session, generation_id, user_id=user_id, lock=False), generation_id)


async def set_status(
    session: AsyncSession,
    generation_id: str,
    status: Status,
    substage: Substage | None = None,
    current_stage: StageName | None = None,
) -> Generation:
    """Move a generation on and record it in its history (AC-1.7). The same state again records nothing.

    Leaving `failed` clears the error; `completed` stamps `completed_at`.

    Raises:
        NotFound: As `require`.
    """
    row = await _locked(session, generation_id)
    if (row.status, row.substage, row.current_stage) == (status, substage, current_stage):
        return row
    row.status, row.substage, row.current_stage = status, substage, current_stage
    row.completed_at = utcnow() if status == "completed" else None
    if status != "failed":
        row.error_code = row.error_message = None
    _record(session, row)
    await flush(session)
    return row


async def fail(
    session: AsyncSession, generation_id: str, code: str, message: str, substage: Substage | None = None
) -> Generation:
    """Mark a generation as failed, keeping its stage and everything made so far.

    Raises:
        NotFound: As `require`.
    """
    row = await _locked(session, generation_id)
    row.status, row.substage = "failed", substage
    row.error_code, row.error_message = code, message
    _record(session, row)
    await flush(session)
    return row


async def hold(session: AsyncSession, generation_id: str, substage: Substage, code: str, message: str) -> Generation:
    """Stop a generation where it stands and say why; its status stays, and moving on clears the reason.

    Raises:
        NotFound: As `require`.
    """
    row = await _locked(session, generation_id)
    row.substage, row.error_code, row.error_message = substage, code, message
    _record(session, row)
    await flush(session)
    return row


async def session_of(session: AsyncSession, generation_id: str) -> str | None:
    """Return the session a generation belongs to, deleted or not; null when there is none."""
    return await session.scalar(select(Generation.session_id).where(Generation.id == generation_id))


async def set_gate(session: AsyncSession, generation_id: str, gate: Gate | None) -> Generation:
    """Open or close the approval point."""
    return await _save(session, generation_id, {"gate": None if gate is None else to_json(gate)})


async def set_control(session: AsyncSession, generation_id: str, word: Literal["pause", "cancel"] | None) -> Generation:
    """Note what the user asked of a running generation; null takes it back."""
    return await _save(session, generation_id, {"control": word})


async def mark_cancelled(session: AsyncSession, generation_id: str) -> Generation:
    """Say that a generation nobody works on is cancelled; it stays at its stage and can be resumed."""
    row = await _locked(session, generation_id)
    row.control, row.gate = "cancel", None
    stage = cast("StageName | None", row.current_stage)
    return await set_status(session, generation_id, cast("Status", row.status), "cancelled", stage)


async def control_of(session: AsyncSession, generation_id: str, run: int, *, hold: bool = False) -> str | None:
    """Return what a run should obey.

    Args:
        session: The caller's transaction.
        generation_id: Whose run.
        run: Which run.
        hold: Keep the row as it is until the commit.

    Returns:
        `pause` or `cancel` as the user asked, `superseded` when a newer run has begun, `deleted` while it is deleted.
    """
    query = select(Generation.control, Generation.run, Generation.deleted_at).where(Generation.id == generation_id)
    found = (await session.execute(query.with_for_update(key_share=True) if hold else query)).one_or_none()
    if found is None or found.deleted_at is not None:
        return "deleted"
    return found.control if found.run == run else "superseded"


async def begin_run(
    session: AsyncSession, generation_id: str, status: Status, run: int, args: dict[str, Any]
) -> Generation:
    """Note that run `run` is to start: the row stays `interrupted` until it does, so a crash in between is mended.

    A next run opens its own gates, and stands at the stage that `args` says it starts with.
    """
    row = await _locked(session, generation_id)
    if run != row.run:
        row.gate = None
    row.run, row.run_args, row.control = run, args, None
    row.completed_at = None
    stage = cast("StageName | None", args.get("start_at") or row.current_stage)
    return await set_status(session, generation_id, status, "interrupted", stage)


async def lock(session: AsyncSession, generation_id: str, *, user_id: str | None = None) -> Generation:
    """Return a generation (of that user) with every column loaded, held until the commit.

    Raises:
        NotFound: As `require`.
    """
    return _found(await _load(session, generation_id, user_id=user_id, lock=True), generation_id)


async def save_config(session: AsyncSession, generation_id: str, config: PipelineConfig) -> Generation:
    """Replace the configuration snapshot; the next run takes it."""
    return await _save(session, generation_id, {"config": to_json(config)})


async def save_request(session: AsyncSession, generation_id: str, request: GenerationRequest) -> Generation:
    """Replace the brief; what was planned from the one before is forgotten, and the next run plans anew."""
    return await _save(session, generation_id, {"request": to_json(request), "prompt": request.prompt, "plan": None})


async def save_plan(session: AsyncSession, generation_id: str, plan: AdPlan, *, title: str | None = None) -> Generation:
    """Store the planned shape of the ad, its seed and, when given, a title."""
    values: dict[str, Any] = {"plan": to_json(plan), "seed": plan.seed, "framework": plan.framework}
    return await _save(session, generation_id, values if title is None else values | {"title": title})


async def save_story(
    session: AsyncSession, generation_id: str, best: StoryRound, *, story_text: str, rounds: Sequence[StoryRound]
) -> Generation:
    """Store the best round's story and score (0-10), its prose for display, and every round that led to it.

    The story's title becomes an untitled ad's title.
    """
    row = await _locked(session, generation_id)
    story = best.story
    row.story, row.story_text, row.story_quality_score = to_json(story), story_text, best.critique.score
    row.story_rounds = [to_json(each) for each in rounds]
    row.title = row.title or story.title
    await flush(session)
    return row


async def save_references(
    session: AsyncSession, generation_id: str, images: Sequence[ReferenceImage], *, consistency_context: str
) -> Generation:
    """Store the chosen references (AC-2.3) and the text made of them."""
    values = {"reference_images": [to_json(image) for image in images], "consistency_context": consistency_context}
    return await _save(session, generation_id, values)


async def save_scenes(session: AsyncSession, generation_id: str, scenes: Sequence[Scene]) -> Generation:
    """Store all scenes, in story order."""
    return await _save(session, generation_id, {"scenes": [to_json(scene) for scene in scenes]})


async def save_storyboard(session: AsyncSession, generation_id: str, stills: dict[int, str]) -> Generation:
    """Store one still's storage key a scene id."""
    return await _save(session, generation_id, {"storyboard": {str(scene): key for scene, key in stills.items()}})


async def save_video_clips(session: AsyncSession, generation_id: str, clips: Sequence[VideoClip]) -> Generation:
    """Replace the clips of a generation."""
    return await _save(session, generation_id, {"video_clips": [to_json(clip) for clip in clips]})


async def upsert_clip_json(session: AsyncSession, generation_id: str, clip: VideoClip) -> Generation:
    """Put one clip's state into `video_clips`, in stitch order; the other clips stay as they are."""
    row = await _locked(session, generation_id)
    others = [kept for kept in row.video_clips or [] if kept["scene_id"] != clip.scene_id]
    row.video_clips = sorted([*others, to_json(clip)], key=lambda kept: int(kept["clip_index"]))
    await flush(session)
    return row


async def save_final(session: AsyncSession, generation_id: str, storage_key: str) -> Generation:
    """Store the final video's storage key; the score of an earlier final is no longer this one's."""
    return await _save(session, generation_id, {"final_video_url": storage_key, "overall_quality_score": None})


async def save_overall_score(session: AsyncSession, generation_id: str, score: float | None) -> Generation:
    """Store the whole video's score (0-100); null when scoring failed."""
    return await _save(session, generation_id, {"overall_quality_score": score})


async def edit(
    session: AsyncSession, generation_id: str, changes: dict[str, Any], *, user_id: str, version: int | None = None
) -> Generation:
    """Change what a person may change: any of `title`, `favourite`, `tags`.

    Raises:
        NotFound: As `require`.
        Conflict: `version` is given and no longer current.
    """
    row = _found(await _load(session, generation_id, user_id=user_id, lock=True), generation_id)
    check_version(row.version, version)
    for name in ("title", "favourite", "tags"):
        if name in changes:
            setattr(row, name, changes[name])
    await flush(session)
    return row


async def soft_delete(session: AsyncSession, generation_id: str, *, user_id: str) -> None:
    """Hide a generation; a purge erases it later.

    Raises:
        NotFound: As `require`.
    """
    row = _found(await _load(session, generation_id, user_id=user_id, lock=True), generation_id)
    row.deleted_at = utcnow()
    await flush(session)


async def restore(session: AsyncSession, generation_id: str, *, user_id: str) -> Generation:
    """Take a deletion back; a generation that is not deleted stays as it is. Every column is loaded.

    Raises:
        NotFound: There is none, it is erased, or it is another user's.
    """
    row = _found(await _load(session, generation_id, user_id=user_id, lock=True, deleted_too=True), generation_id)
    row.deleted_at = None
    await flush(session)
    return row


async def soft_delete_all(session: AsyncSession, *, user_id: str) -> int:
    """Hide all generations of a user; return how many."""
    gone = update(Generation).where(Generation.user_id == user_id, Generation.deleted_at.is_(None))
    hidden = gone.values(deleted_at=utcnow(), version=Generation.version + 1).returning(Generation.id)
    return len(list(await session.scalars(hidden, execution_options={"synchronize_session": False})))


async def backlog(session: AsyncSession) -> tuple[int, int]:
    """Return how many generations wait to begin, and how many are being worked on."""
    begun = Generation.status != "pending"
    open_rows = select(begun, func.count()).where(
        Generation.status.notin_(("completed", "failed")),
        Generation.substage.is_(None),
        Generation.deleted_at.is_(None),
    )
    counts = {bool(working): count for working, count in await session.execute(open_rows.group_by(begun))}
    return counts.get(False, 0), counts.get(True, 0)


async def in_session(session: AsyncSession, session_id: str, *, user_id: str) -> list[Generation]:
    """Return a user's generations of a session, newest first."""
    query = select(Generation).where(
        Generation.session_id == session_id, Generation.user_id == user_id, Generation.deleted_at.is_(None)
    )
    return list(await session.scalars(query.order_by(Generation.created_at.desc(), Generation.id.desc())))


async def history(session: AsyncSession, generation_id: str) -> list[StatusChange]:
    """Return the states a generation went through, oldest first."""
    query = select(StatusChange).where(StatusChange.generation_id == generation_id).order_by(StatusChange.id)
    return list(await session.scalars(query))


async def _save(session: AsyncSession, generation_id: str, values: dict[str, Any]) -> Generation:
    row = await _locked(session, generation_id)
    for name, value in values.items():
        setattr(row, name, value)
    await flush(session)
    return row


async def _locked(session: AsyncSession, generation_id: str) -> Generation:
    return _found(await _load(session, generation_id, user_id=None, lock=True), generation_id)


async def _load(
    session: AsyncSession, generation_id: str, *, user_id: str | None, lock: bool, deleted_too: bool = False
) -> Generation | None:
    if not is_uuid(generation_id):
        return None
    query = select(Generation).where(Generation.id == generation_id)
    if not deleted_too:
        query = query.where(Generation.deleted_at.is_(None))
    if user_id is not None:
        query = query.where(Generation.user_id == user_id)
    if lock:
        # Its key never changes: rows that point to it (events, clips) may be stored beside a holder that waits for one.
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return await session.scalar(query)


def _found(row: Generation | None, generation_id: str) -> Generation:
    if row is None:
        raise NotFound(f"There is no generation {generation_id}.", hint="List yours with: admint list")
    return row


def _record(session: AsyncSession, row: Generation) -> None:
    change = StatusChange(
        generation_id=row.id, status=row.status, substage=row.substage, current_stage=row.current_stage
    )
    session.add(change)
