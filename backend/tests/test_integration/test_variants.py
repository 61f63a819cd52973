"""Variants over the real pipeline: independent ads, what they share filmed once, each with files of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.core.errors import Rejected
from app.db.repositories import clips, generations
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.ports.video import poster_key
from app.providers.local_video.adapter import LocalVideoModel
from app.schemas.api import GenerateBody, GroupView, Started
from app.schemas.providers import CallContext, RemoteJob, VideoPlan
from app.services.unified_pipeline import buying, clip_sharing
from app.services.unified_pipeline.group_views import group_view
from tests.fixtures.fakes import TOKEN, Fakes
from tests.fixtures.paid_ad import CLIP
from tests.fixtures.pipeline import OpenPipeline, Pipeline

TINY = {"duration_s": 3, "scene_count": 3, "fps": 10, "frame_scale": 0.25}
QUICK = {"stages.reference_images": False}


def body(**more: Any) -> GenerateBody:
    config = {"overrides": {**TINY, **more.pop("overrides", {})}, **more.pop("config", {})}
    given = {"prompt": "Create an ad for eco-friendly water bottle", "interactive": False, "seed": 11}
    return GenerateBody.model_validate({**given, "config": config, **more})


async def start(pipeline: Pipeline, **more: Any) -> Started:
    return await pipeline.container.commands.start(ME, body(**more))


async def completed(pipeline: Pipeline, generation_id: str) -> Any:
    return await pipeline.until_state(generation_id, ("completed", None), ("failed", "needs_retry"))


async def filmed(pipeline: Pipeline, generation_id: str) -> dict[int, bool]:
    """Scene to whether its newest take was filmed (true) or copied from another ad (false)."""
    async with pipeline.container.reads() as session:
        return {row.clip_id: row.remote_job is not None for row in await clips.latest(session, generation_id)}


async def compared(pipeline: Pipeline, started: Started) -> GroupView:
    assert started.group_id is not None
    async with pipeline.container.reads() as session:
        return await group_view(session, started.group_id, ME)


async def delete(pipeline: Pipeline, row: Any) -> None:
    """Delete an ad and, as the purge will, everything it stored."""
    storage = pipeline.container.storage
    async with pipeline.container.sessions.begin() as session:
        await generations.soft_delete(session, row.id, user_id=ME)
    for key in [key async for key in storage.keys(f"generations/{row.id}/")]:
        await storage.delete(key)


async def test_hook_variants_film_what_they_share_once_and_keep_it_apart(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await start(pipeline, variants=[{"hook": 0}, {"hook": 1}, {"hook": 2}])
        first, second, third = rows = [await completed(pipeline, gid) for gid in started.generations]
        assert [row.status for row in rows] == ["completed"] * 3
        assert {(row.session_id, row.group_id) for row in rows} == {(started.session_id, started.group_id)}
        assert len({row.scenes[0]["copy_text"]["headline"] for row in rows}) == 3
        made = [await filmed(pipeline, gid) for gid in started.generations]
        assert [sum(each[scene_id] for each in made) for scene_id in (1, 2, 3)] == [3, 1, 1]
        assert len({clip["url"] for row in rows for clip in row.video_clips}) == 9
        told = [e for e in await pipeline.events(started.session_id) if e.type == "video_complete"]
        heard = {(event.generation_id, event.payload.clip_id) for event in told}
        assert heard == {(gid, scene_id) for gid in started.generations for scene_id in (1, 2, 3)}
        view = await compared(pipeline, started)
        assert [member.differs_in for member in view.variants] == [[], [1], [1]]
        assert [member.shares_clips for member in view.variants] == [[], [2, 3], [2, 3]]
        await delete(pipeline, first)
        for row in (second, third):
            for clip in row.video_clips:
                assert await pipeline.container.storage.exists(clip["url"])
                assert await pipeline.container.storage.exists(poster_key(clip["url"]))


async def test_an_ad_asked_for_again_is_copied_and_stitched_anew(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        first = await start(pipeline, overrides=QUICK)
        await completed(pipeline, first.generation_id)
        second = await start(pipeline, overrides=QUICK)
        row = await completed(pipeline, second.generation_id)
        assert await filmed(pipeline, second.generation_id) == {1: False, 2: False, 3: False}
        assert {clip["provider"] for clip in row.video_clips} == {"local"}
        assert await pipeline.container.storage.exists(row.final_video_url)
        assert row.final_video_url.startswith(f"generations/{row.id}/")
        await pipeline.container.commands.retry_clip(ME, row.id, 2, new_take=True)
        await pipeline.until_state(row.id, ("videos", None), ("videos", "stitching"))
        await completed(pipeline, row.id)
        assert await filmed(pipeline, row.id) == {1: False, 2: True, 3: False}


async def test_a_variant_that_fails_or_is_cancelled_leaves_the_others_alone(
    open_pipeline: OpenPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles: dict[str, str] = {}
    filming, cancelled = asyncio.Event(), asyncio.Event()
    submit = LocalVideoModel.submit

    async def troubled(model: LocalVideoModel, plan: VideoPlan, key: str, ctx: CallContext) -> RemoteJob:
        if roles[ctx.generation_id] == "fails":
            raise Rejected("The model refused this clip.", provider="local", model=plan.model)
        if roles[ctx.generation_id] == "stops":
            filming.set()
            await cancelled.wait()
        return await submit(model, plan, key, ctx)

    monkeypatch.setattr(LocalVideoModel, "submit", troubled)
    async with open_pipeline() as pipeline:
        started = await start(pipeline, variants=[{"hook": 0}, {"hook": 1}, {"hook": 2}], overrides=QUICK)
        roles.update(zip(started.generations, ("fails", "stops", "works"), strict=True))
        broken, stopped, kept = started.generations
        async with asyncio.timeout(60):
            await filming.wait()
        await pipeline.container.commands.cancel(ME, stopped)
        cancelled.set()
        await pipeline.until_state(stopped, ("videos", "cancelled"))
        assert (await completed(pipeline, broken)).status == "failed"
        assert (await completed(pipeline, kept)).status == "completed"
        roles.update(dict.fromkeys((broken, stopped), "works"))
        for gid in (broken, stopped):
            await pipeline.container.commands.resume(ME, gid)
            assert (await completed(pipeline, gid)).status == "completed"
            assert await filmed(pipeline, gid) == {1: True, 2: False, 3: False}


async def test_a_number_of_variants_alone_makes_a_group(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await start(pipeline, config={"parallel_variants": 2}, overrides={**QUICK, "stages.videos": False})
        rows = [await completed(pipeline, gid) for gid in started.generations]
        assert len({row.seed for row in rows}) == 1
        view = await compared(pipeline, started)
        assert [member.label for member in view.variants] == ["Opening 1", "Opening 2"]
        assert [member.differs_in for member in view.variants] == [[], [1]]


async def test_a_pacing_and_a_framework_shape_their_variant_alone(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        shape = {**QUICK, "stages.videos": False, "scene_count": None, "duration_s": 30}
        variants = [{}, {"pacing": "fast"}, {"pacing": "calm"}, {"framework": "PAS"}]
        started = await start(pipeline, variants=variants, overrides=shape)
        rows = [await completed(pipeline, gid) for gid in started.generations]
        assert [len(row.scenes) for row in rows] == [5, 8, 4, 5]
        assert [row.framework for row in rows] == ["AIDA", "AIDA", "AIDA", "PAS"]


async def test_paid_clips_of_equal_ads_are_bought_once(
    open_pipeline: OpenPipeline, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATE_BASE_URL", fakes.url)
    monkeypatch.setenv("REPLICATE_API_TOKEN", TOKEN)
    monkeypatch.setattr(clip_sharing, "_LOOK_S", {"remote": 0.05})
    monkeypatch.setattr(buying, "_POLL_S", {"remote": 0.05})
    paid = {**QUICK, "providers.video": "replicate", "models.consistency": "text"}
    async with open_pipeline() as pipeline:
        started = await start(pipeline, variants=[{}, {}, {}], overrides=paid, budget_usd=5)
        rows = [await completed(pipeline, gid) for gid in started.generations]
        assert [row.status for row in rows] == ["completed"] * 3
        bills = [await pipeline.container.money.costs(ME, gid) for gid in started.generations]
        assert [bill.reserved_usd for bill in bills] == [0, 0, 0]
        assert sum(bill.spent_usd for bill in bills) == 3 * CLIP
    assert len(fakes.log().paid) == 3
