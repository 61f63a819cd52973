"""Takes of clips: started, finished or failed, never overwritten. Called by the video stage.

Tests: tests/test_db/test_clips.py
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Interrupted, NotFound
from app.db.models import Clip, Generation, User
from app.db.repositories.documents import to_json
from app.db.repositories.sql import is_uuid
from app.db.types import utcnow
from app.schemas.base import Model
from app.schemas.providers import RemoteJob
from app.schemas.unified_pipeline import ClipStatus


class NewTake(Model):
    """What a take starts with. `clip_id` is the scene's 1-based id, `digest` that of the take's inputs."""

    generation_id: str
    clip_id: int
    clip_index: int
    digest: str = ""
    scene_digest: str = ""
    provider: str = ""


async def start_take(session: AsyncSession, new: NewTake, *, anew: bool = False) -> Clip:
    """Insert the next take of a scene. A queued or running take of the same digest is returned instead.

    One of another digest, or with `anew` any, was left behind by a stopped run: it ends here.
    """
    newest = await newest_take(session, new.generation_id, new.clip_id)
    if newest is not None and newest.finished_at is None:
        if newest.digest == new.digest and not anew:
            return newest
        await fail(session, newest.id, Interrupted.code, "The run was stopped before this take was finished.")
    row = Clip(**new.model_dump(), take=1 if newest is None else newest.take + 1)
    session.add(row)
    await session.flush()
    return row


async def set_status(session: AsyncSession, take_id: str, status: ClipStatus) -> Clip:
    """Move a running take on.

    Raises:
        NotFound: No such take.
    """
    row = await require(session, take_id)
    row.status = status
    await session.flush()
    return row


async def save_remote_job(session: AsyncSession, take_id: str, job: RemoteJob) -> Clip:
    """Store the submitted job before its first poll, so that a restart finds it."""
    row = await require(session, take_id)
    row.remote_job, row.provider = to_json(job), job.provider
    await session.flush()
    return row


async def finish(session: AsyncSession, take_id: str, storage_key: str, duration: float) -> Clip:
    """Mark a take as complete. `duration` in seconds.

    Raises:
        NotFound: No such take.
    """
    row = await require(session, take_id)
    row.status, row.storage_key, row.duration = "complete", storage_key, duration
    row.error_code = row.error_message = None
    row.finished_at = utcnow()
    await session.flush()
    return row


async def fail(session: AsyncSession, take_id: str, code: str, message: str) -> Clip:
    """Mark a take as failed; earlier takes stay.

    Raises:
        NotFound: No such take.
    """
    row = await require(session, take_id)
    row.status, row.error_code, row.error_message, row.finished_at = "failed", code, message, utcnow()
    await session.flush()
    return row


async def require(session: AsyncSession, take_id: str) -> Clip:
    """Return a take by its row id.

    Raises:
        NotFound: No such take.
    """
    row = await session.get(Clip, take_id, with_for_update=True) if is_uuid(take_id) else None
    if row is None:
        raise NotFound(f"There is no take {take_id}.")
    return row


async def newest_take(session: AsyncSession, generation_id: str, clip_id: int) -> Clip | None:
    """Return the newest take of a scene, finished or not."""
    query = select(Clip).where(Clip.generation_id == generation_id, Clip.clip_id == clip_id)
    return await session.scalar(query.order_by(Clip.take.desc()).limit(1))


async def takes(session: AsyncSession, generation_id: str) -> list[Clip]:
    """Return every take of a generation, oldest first."""
    query = select(Clip).where(Clip.generation_id == generation_id)
    return list(await session.scalars(query.order_by(Clip.clip_id, Clip.take)))


async def latest(session: AsyncSession, generation_id: str, *, status: ClipStatus | None = None) -> list[Clip]:
    """Return each scene's newest take, in stitch order; with `status`, the newest that has it."""
    newest = select(Clip.clip_id, func.max(Clip.take).label("take")).where(Clip.generation_id == generation_id)
    if status is not None:
        newest = newest.where(Clip.status == status)
    wanted = newest.group_by(Clip.clip_id).subquery()
    query = (
        select(Clip)
        .join(wanted, (Clip.clip_id == wanted.c.clip_id) & (Clip.take == wanted.c.take))
        .where(Clip.generation_id == generation_id)
        .order_by(Clip.clip_index)
    )
    return list(await session.scalars(query))


async def lock_claims(session: AsyncSession, generation_id: str) -> None:
    """Hold, until the commit, the right to claim clips for the generation's user (SQLite: the write lock is that)."""
    owner = select(Generation.user_id).where(Generation.id == generation_id).scalar_subquery()
    await session.execute(select(User.id).where(User.id == owner).with_for_update(key_share=True))


async def complete_twin(
    session: AsyncSession, generation_id: str, digest: str, *, skip: Sequence[str] = ()
) -> Clip | None:
    """Return a finished take of the same content in another generation of the user that is not deleted.

    `skip` names takes that turned out to be of no use.
    """
    query = _twins(generation_id, digest).where(Clip.status == "complete", Clip.id.not_in(skip))
    return await session.scalar(query.order_by(Clip.finished_at.desc(), Clip.id).limit(1))


async def filmed_elsewhere(session: AsyncSession, generation_id: str, digest: str, *, paid: bool) -> bool:
    """Tell whether another generation of the user is filming the same content.

    A free clip counts only while its generation works; a paid one until that ends or is cancelled: it may be bought.
    """
    query = _twins(generation_id, digest).where(Clip.finished_at.is_(None))
    if paid:
        query = query.where(Generation.status != "completed", Generation.substage.is_distinct_from("cancelled"))
    else:
        query = query.where(Generation.status == "videos", Generation.substage.is_(None))
    return await session.scalar(query.limit(1)) is not None


def _twins(generation_id: str, digest: str) -> Select[Clip]:
    owner = select(Generation.user_id).where(Generation.id == generation_id).scalar_subquery()
    return (
        select(Clip)
        .join(Generation, Clip.generation_id == Generation.id)
        .where(
            Clip.digest == digest,
            Clip.generation_id != generation_id,
            Generation.user_id == owner,
            Generation.deleted_at.is_(None),
        )
    )
