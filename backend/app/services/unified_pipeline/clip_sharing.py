"""One clip for all ads of a user that ask for the same: who films it, who waits, who takes a copy.

Equal digests are equal clips (filming.clip_digest). The first to claim one films it; the others wait outside the
filming queue, so that no waiting clip takes a place from a working one, and then copy the file under a key of their
own: deleting one ad never breaks another. A stopped ad's claim on a free clip lapses; on a paid one it holds until the
ad is cancelled or deleted, so that nothing is ever bought twice. Why: docs/explanation/durable-engine.md.
Called by video_stage.py. Tests: tests/test_services/test_clip_sharing.py, tests/test_integration/test_variants.py
"""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.db.repositories import clips
from app.ports.storage import Storage
from app.ports.video import poster_key
from app.schemas.base import Model
from app.services.unified_pipeline.stage_context import Draft, StageContext

_LOOK_S = {"media": 0.25, "remote": 2.0}
Turn = Literal["free", "over", "paused"]


class Claim(Model):
    """What to do about a clip: film it, copy the `source` another ad has, stand back, or give up."""

    todo: Literal["film", "copy", "wait", "give_up"]
    row_id: str = ""
    twin_id: str = ""
    source: str = ""
    provider: str = ""


class _Copied(BaseModel):
    found: bool


async def wait_for_twin(ctx: StageContext, digest: str, *, paid: bool = False) -> Turn:
    """Wait while another ad of the user films this very clip. Records nothing: a replay just looks again.

    Returns:
        `free` when nobody films it, `over` after the stage's time limit, `paused` when the user paused this run.

    Raises:
        Interrupted: The user cancelled.
    """
    clock = ctx.services.clock
    until = clock.monotonic() + ctx.config.timeouts.videos
    while True:
        async with ctx.services.reads() as session:
            busy = await clips.filmed_elsewhere(session, ctx.generation_id, digest, paid=paid)
        if not busy:
            return "free"
        await ctx.obey("cancel")
        if await ctx.control() == "pause":
            return "paused"
        if clock.monotonic() >= until:
            return "over"
        await asyncio.sleep(_LOOK_S["remote" if paid else "media"])


async def claim(ctx: StageContext, new: clips.NewTake, key: str, *, waited: bool) -> Claim:
    """Decide who films a clip, and copy a finished one to `key`.

    Args:
        ctx: The run.
        new: The take this would be; its row is there when the answer is `film` or `give_up`.
        key: Storage key of this ad's own copy; the poster goes beside it.
        waited: True when the wait for another ad ran out: a free clip is then filmed all the same.
    """
    tried: list[str] = []
    while True:
        turn = f".{len(tried) + 1}" if tried else ""
        found = await _decide(ctx, new, f"clip.{new.clip_id}.begin{turn}", waited=waited, tried=tried)
        if found.todo != "copy" or await _copied(ctx, found.source, key, f"clip.{new.clip_id}.copy{turn}"):
            return found
        tried.append(found.twin_id)


async def _decide(ctx: StageContext, new: clips.NewTake, step: str, *, waited: bool, tried: list[str]) -> Claim:
    paid = ctx.video(new.clip_id).queue == "remote"

    async def write(session: AsyncSession) -> tuple[list[Draft], dict[str, str]]:
        await clips.lock_claims(session, new.generation_id)
        twin = await clips.complete_twin(session, new.generation_id, new.digest, skip=tried)
        if twin is not None and twin.storage_key:
            found = Claim(todo="copy", twin_id=twin.id, source=twin.storage_key, provider=twin.provider)
            return [], found.model_dump()
        busy = await clips.filmed_elsewhere(session, new.generation_id, new.digest, paid=paid)
        if busy and not waited:
            return [], Claim(todo="wait").model_dump()
        row = await clips.start_take(session, new)
        return [], Claim(todo="give_up" if busy and paid else "film", row_id=row.id).model_dump()

    return Claim.model_validate(await ctx.settle(step, write))


async def _copied(ctx: StageContext, source: str, key: str, step: str) -> bool:
    """Copy clip and poster; False when the clip is no longer stored."""

    async def copy() -> _Copied:
        storage = ctx.services.storage
        if await storage.exists(poster_key(source)):
            await _copy(storage, poster_key(source), poster_key(key), "image/jpeg")
        try:
            await _copy(storage, source, key, "video/mp4")
        except NotFound:
            return _Copied(found=False)
        return _Copied(found=True)

    return (await ctx.step(step, _Copied, copy)).found


async def _copy(storage: Storage, source: str, key: str, content_type: str) -> None:
    async with storage.local_copy(source) as path:
        await storage.put_file(key, path, content_type)
