"""Commands that meet a run at an awkward moment, and runs that go on after one. Each was once got wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.container import open_container
from app.core.settings import Settings
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.kit.ids import new_id
from app.schemas.api import FeedbackBody, GenerateBody
from tests.fixtures.driver import QUICK
from tests.fixtures.pipeline import OpenPipeline, Pipeline
from tests.fixtures.tiny_ad import PROMPT


def body(*, interactive: bool = True) -> GenerateBody:
    given = {"prompt": PROMPT, "interactive": interactive, "config": {"overrides": QUICK}}
    return GenerateBody.model_validate(given)


async def test_a_gate_that_was_parked_waits_again_after_a_resume(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        gid = (await pipeline.container.commands.start(ME, body())).generation_id
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
    async with open_pipeline() as pipeline:
        await pipeline.until_state(gid, ("story", "interrupted"))
        await pipeline.container.commands.resume(ME, gid)
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        word = FeedbackBody(id=new_id(), stage="story", action="approve")
        await pipeline.container.commands.say(ME, gid, word)
        await pipeline.until_state(gid, ("scenes", "awaiting_approval"))


async def test_a_server_says_that_what_was_parked_is_at_work_again(open_pipeline: OpenPipeline, tmp_path: Path) -> None:
    async with open_pipeline() as pipeline:
        gid = (await pipeline.container.commands.start(ME, body())).generation_id
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
    async with open_pipeline() as pipeline:
        await pipeline.until_state(gid, ("story", "interrupted"))
    settings = Settings(home=tmp_path / "home", queue_poll_s=0.05, media_workers=2)
    async with open_container(settings, "server") as container:
        await Pipeline(container).until_state(gid, ("story", "awaiting_approval"))


async def test_cancelled_before_it_is_planned_is_cancelled_not_failed(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        gid = (await commands.start(ME, body())).generation_id
        await commands.cancel(ME, gid)
        run = asyncio.ensure_future(pipeline.container.engine.wait(gid))
        await asyncio.wait([run])
        assert "stopped" in str(run.exception())
        row = await pipeline.row(gid)
        assert (row.status, row.substage) == ("pending", "cancelled")
        await commands.resume(ME, gid)
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
