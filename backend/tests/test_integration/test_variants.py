"""Variants over the real pipeline: independent ads, what they share filmed once, each with files of its own."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import NotFound
from app.db.repositories import clips, generations
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.ports.video import poster_key
from app.schemas.api import GenerateBody, Started
from tests.fixtures.pipeline import OpenPipeline, Pipeline

TINY = {"duration_s": 3, "scene_count": 3, "fps": 10, "frame_scale": 0.25}
HOOKS = [{"hook": 0}, {"hook": 1}, {"hook": 2}]


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


async def test_hook_variants_film_what_they_share_once(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await start(pipeline, variants=HOOKS)
        rows = [await completed(pipeline, gid) for gid in started.generations]
        assert [row.status for row in rows] == ["completed"] * 3
        assert {row.session_id for row in rows} == {started.session_id}
        heads = {row.scenes[0]["copy_text"]["headline"] for row in rows}
        assert len(heads) == 3
        for number in (1, 2):
            assert len({row.video_clips[number]["digest"] for row in rows}) == 1
        made = [await filmed(pipeline, gid) for gid in started.generations]
        for scene_id, count in ((1, 3), (2, 1), (3, 1)):
            assert sum(each[scene_id] for each in made) == count
