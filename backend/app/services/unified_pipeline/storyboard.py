"""One still a scene: the animatic beside the scenes, and the pictures an automatic run gets from its clips.

Called by orchestrator.py. Tests: tests/test_services/test_video_stage.py
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories import generations
from app.kit.together import together
from app.ports.video import POSTER_AT, poster_key
from app.schemas.events import StoryboardReady
from app.schemas.unified_pipeline import Scene, VideoResult
from app.services.unified_pipeline.filming import Film, clip_digest, video_request
from app.services.unified_pipeline.stage_context import Draft, StageContext


class _Stills(BaseModel):
    stills: dict[int, str]


async def draw_storyboard(ctx: StageContext, film: Film, attempt: int) -> None:
    """Store one still a scene and announce them: the animatic a user sees beside the scenes. Kept stills stay."""

    async def draw() -> _Stills:
        async def one(scene: Scene) -> tuple[int, str]:
            video = ctx.video(scene.id)
            plan = video.plan(video_request(ctx, film, scene, scene.description))
            key = f"{ctx.prefix}/storyboard/scene-{scene.id}-{clip_digest(plan)[:12]}.jpg"
            if not await ctx.services.storage.exists(key):
                await video.still(plan, scene.duration * POSTER_AT, key)
            return scene.id, key

        return _Stills(stills=dict(await together(*(one(scene) for scene in film.scenes))))

    drawn = await ctx.step(f"storyboard.{attempt}.draw", _Stills, draw)
    await _save_storyboard(ctx, drawn.stills, f"storyboard.{attempt}.save")


async def collect_posters(ctx: StageContext, results: Sequence[VideoResult]) -> None:
    """Make the storyboard of the clips' own posters: what an automatic run shows, drawn for nothing."""

    async def collect() -> _Stills:
        found = {result.scene_id: poster_key(result.url) for result in results if result.url}
        return _Stills(stills={n: key for n, key in found.items() if await ctx.services.storage.exists(key)})

    posters = await ctx.step("storyboard.collect", _Stills, collect)
    await _save_storyboard(ctx, posters.stills, "storyboard.save")


async def _save_storyboard(ctx: StageContext, stills: dict[int, str], step: str) -> None:
    async def write(session: AsyncSession) -> list[Draft]:
        await generations.save_storyboard(session, ctx.generation_id, stills)
        return [("storyboard_ready", StoryboardReady(stills=stills))]

    await ctx.record(step, write)
