"""What a user may do with a generation, over the real pipeline: each word once, each stop and start without a loss."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.core.errors import Conflict, InvalidInput, NotFound
from app.db.repositories import generations
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.kit.ids import new_id
from app.schemas.api import FeedbackBody, GenerateBody, SceneEdit
from app.schemas.unified_pipeline import SceneChange
from app.services.unified_pipeline.snapshots import snapshot
from tests.fixtures.pipeline import OpenPipeline, Pipeline

TINY = {"duration_s": 3, "scene_count": 3, "fps": 10, "frame_scale": 0.25}


def body(**more: Any) -> GenerateBody:
    config = {"overrides": {**TINY, **more.pop("overrides", {})}}
    return GenerateBody.model_validate(
        {"prompt": "Create an ad for eco-friendly water bottle", "config": config, **more}
    )


def word(stage: str, action: str | None = None, message: str = "", **more: Any) -> FeedbackBody:
    return FeedbackBody.model_validate({"id": new_id(), "stage": stage, "action": action, "message": message, **more})


async def state(pipeline: Pipeline, generation_id: str) -> tuple[str, str | None]:
    row = await pipeline.row(generation_id)
    return row.status, row.substage


async def to_completion(pipeline: Pipeline, generation_id: str) -> Any:
    return await pipeline.until_state(generation_id, ("completed", None), ("failed", "needs_retry"))


async def test_two_tabs_approve_once_and_the_late_one_hears_so(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await pipeline.container.commands.start(ME, body())
        gid = started.generation_id
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        first, second = word("story", "approve"), word("story", "approve")
        say = pipeline.container.commands.say
        answers = await asyncio.gather(say(ME, gid, first), say(ME, gid, second), return_exceptions=True)
        assert any(getattr(each, "action", "") == "approve" for each in answers)
        won = first if getattr(answers[0], "action", "") == "approve" else second
        again = await say(ME, gid, won)
        assert again.duplicate
        await pipeline.until_state(gid, ("scenes", "awaiting_approval"))
        heard = [e for e in await pipeline.events(started.session_id) if e.type == "feedback_acknowledged"]
        assert [e.payload.action for e in heard].count("approve") == 1
        with pytest.raises(Conflict, match="scenes wait"):
            await say(ME, gid, word("story", "approve"))


async def test_typed_words_are_understood_and_unclear_ones_asked_back(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await pipeline.container.commands.start(ME, body())
        gid, say = started.generation_id, pipeline.container.commands.say
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        back = await say(ME, gid, word("story", None, "is this good?"))
        assert (back.action, bool(back.message)) == ("unclear", True)
        assert await state(pipeline, gid) == ("story", "awaiting_approval")
        assert (await say(ME, gid, word("story", None, "make it funnier"))).action == "refine"
        await pipeline.until(started.session_id, "story_generated", 2)
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        assert (await say(ME, gid, word("story", None, "looks good"))).action == "approve"
        await pipeline.until_state(gid, ("scenes", "awaiting_approval"))
        said = [e.payload.message for e in await pipeline.events(started.session_id) if e.type == "user_message"]
        assert said == ["is this good?", "make it funnier", "looks good"]


async def test_an_outdated_approval_has_no_effect_and_the_quote_is_shown(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await pipeline.container.commands.start(ME, body())
        gid, say = started.generation_id, pipeline.container.commands.say
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        old = (await pipeline.row(gid)).gate["draft_digest"]
        await say(ME, gid, word("story", "refine", "make it funnier"))
        await pipeline.until(started.session_id, "story_generated", 2)
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        assert (await say(ME, gid, word("story", "approve", draft_digest=old))).action == "stale"
        await say(ME, gid, word("story", "approve"))
        shown = await pipeline.until(started.session_id, "scenes_generated")
        assert (shown.payload.quote.total_usd, len(shown.payload.quote.items)) == (0, 3)
        await pipeline.until_state(gid, ("scenes", "awaiting_approval"))
        stale = word("scenes", "approve", quote_digest="0" * 64)
        await say(ME, gid, stale)
        told = await pipeline.until(started.session_id, "feedback_acknowledged", 4)
        assert (told.payload.message_id, told.payload.action) == (stale.id, "stale")
        assert await state(pipeline, gid) == ("scenes", "awaiting_approval")


async def test_edit_reorder_and_regenerate_at_the_gate(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        started = await commands.start(ME, body())
        gid = started.generation_id
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        await commands.say(ME, gid, word("story", "approve"))
        await pipeline.until_state(gid, ("scenes", "awaiting_approval"))
        before = (await pipeline.row(gid)).scenes
        change = SceneChange(headline="Fixed by Friday", support="")
        await commands.edit_scene(ME, gid, 2, SceneEdit(change=change))
        await pipeline.until(started.session_id, "scene_updated")
        await pipeline.until_state(gid, ("scenes", "awaiting_approval"))
        after = (await pipeline.row(gid)).scenes
        assert [after[0], after[2]] == [before[0], before[2]]
        assert (after[1]["copy_text"]["headline"], after[1]["copy_text"]["support"]) == ("Fixed by Friday", None)
        with pytest.raises(InvalidInput, match="no scene 7"):
            await commands.edit_scene(ME, gid, 7, SceneEdit(change=change))
        with pytest.raises(InvalidInput, match="each scene once"):
            await commands.reorder_scenes(ME, gid, [1, 2])
        await commands.reorder_scenes(ME, gid, [2, 1, 3])
        await pipeline.until(started.session_id, "scenes_generated", 2)
        await pipeline.until_state(gid, ("scenes", "awaiting_approval"))
        assert [scene["id"] for scene in (await pipeline.row(gid)).scenes] == [2, 1, 3]
        await commands.say(ME, gid, word("scenes", "approve"))
        row = await to_completion(pipeline, gid)
        assert [clip["scene_id"] for clip in row.video_clips] == [2, 1, 3]


async def test_after_the_film_an_edit_films_only_its_scene_and_a_new_take_only_its_clip(
    open_pipeline: OpenPipeline,
) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        gid = (await commands.start(ME, body(interactive=False))).generation_id
        first = await to_completion(pipeline, gid)
        urls = {clip["scene_id"]: clip["url"] for clip in first.video_clips}
        await commands.edit_scene(ME, gid, 2, SceneEdit(change=SceneChange(headline="Fixed by Friday")))
        await pipeline.until_state(gid, ("videos", None), ("videos", "stitching"))
        second = await to_completion(pipeline, gid)
        changed = {clip["scene_id"] for clip in second.video_clips if clip["url"] != urls[clip["scene_id"]]}
        assert (changed, second.final_video_url != first.final_video_url) == ({2}, True)
        with pytest.raises(Conflict, match="Clip 1 is fine"):
            await commands.retry_clip(ME, gid, 1)
        urls = {clip["scene_id"]: clip["url"] for clip in second.video_clips}
        await commands.retry_clip(ME, gid, 1, new_take=True)
        await pipeline.until_state(gid, ("videos", None), ("videos", "stitching"))
        third = await to_completion(pipeline, gid)
        assert {clip["scene_id"] for clip in third.video_clips if clip["url"] != urls[clip["scene_id"]]} == {1}


async def test_pause_keeps_what_runs_and_resume_goes_on(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        slow = {"overrides": {"duration_s": 12, "fps": 30, "video_max_concurrent": 1}}
        gid = (await commands.start(ME, body(interactive=False, **slow))).generation_id
        await pipeline.until_state(gid, ("videos", None))
        await commands.pause(ME, gid)
        await pipeline.until_state(gid, ("videos", "paused"))
        kept = {clip["scene_id"]: clip["url"] for clip in (await pipeline.row(gid)).video_clips or []}
        assert len(kept) < 3
        with pytest.raises(Conflict, match="Can't pause now"):
            await commands.pause(ME, gid)
        await commands.resume(ME, gid)
        row = await to_completion(pipeline, gid)
        assert row.status == "completed"
        assert kept.items() <= {clip["scene_id"]: clip["url"] for clip in row.video_clips}.items()


async def test_cancel_stops_within_seconds_and_resume_goes_on(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        slow = {"overrides": {"duration_s": 30, "fps": 30, "frame_scale": 1.0}}
        gid = (await commands.start(ME, body(interactive=False, **slow))).generation_id
        await pipeline.until_state(gid, ("videos", None))
        await commands.cancel(ME, gid)
        await pipeline.until_state(gid, ("videos", "cancelled"))
        with pytest.raises(Conflict, match="Possible now: resume"):
            await commands.cancel(ME, gid)
        await commands.resume(ME, gid)
        await pipeline.until_state(gid, ("videos", None))
        await commands.cancel(ME, gid)
        await pipeline.until_state(gid, ("videos", "cancelled"))


async def test_a_gate_left_by_cancel_opens_again_with_the_next_word(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        started = await commands.start(ME, body())
        gid = started.generation_id
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        await commands.cancel(ME, gid)
        await pipeline.until_state(gid, ("story", "cancelled"))
        await commands.say(ME, gid, word("story", None, "make it funnier"))
        await pipeline.until(started.session_id, "story_generated", 3)
        await pipeline.until_state(gid, ("story", "awaiting_approval"))


async def _delete(pipeline: Pipeline, generation_id: str) -> None:
    async with pipeline.container.sessions.begin() as session:
        await generations.soft_delete(session, generation_id, user_id=ME)


async def test_a_deletion_at_a_gate_is_taken_back_with_the_gate_open(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        gid = (await commands.start(ME, body())).generation_id
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        await _delete(pipeline, gid)
        with pytest.raises(NotFound):
            await commands.say(ME, gid, word("story", "approve"))
        for _ in range(2):
            assert (await commands.restore(ME, gid)).substage == "awaiting_approval"
        await commands.say(ME, gid, word("story", "approve"))
        await pipeline.until_state(gid, ("scenes", "awaiting_approval"))


async def test_what_stopped_for_its_deletion_comes_back_cancelled_and_can_be_resumed(
    open_pipeline: OpenPipeline,
) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        started = await commands.start(ME, body(interactive=False))
        gid = started.generation_id
        run = await pipeline.container.latest_run(gid)
        await _delete(pipeline, gid)
        with pytest.raises(NotFound):
            await pipeline.container.engine.wait(run)
        assert (await commands.restore(ME, gid)).substage == "cancelled"
        last = (await pipeline.events(started.session_id))[-1]
        assert (last.type, last.payload.substage) == ("status_changed", "cancelled")
        await commands.resume(ME, gid)
        assert (await to_completion(pipeline, gid)).final_video_url
        await _delete(pipeline, gid)
        back = await commands.restore(ME, gid)
        assert (back.status, back.thumbnail_url) == ("completed", (await pipeline.row(gid)).storyboard["1"])


async def test_one_key_is_one_generation_and_another_body_is_refused(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        start = pipeline.container.commands.start
        answers = await asyncio.gather(*(start(ME, body(), idempotency_key="order-1") for _ in range(20)))
        assert len({answer.generation_id for answer in answers}) == 1
        with pytest.raises(Conflict, match="another request"):
            await start(ME, body(brand="Other"), idempotency_key="order-1")


async def test_nothing_of_another_user_exists(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        started = await commands.start(ME, body())
        other = new_id()
        for call in (
            commands.pause(other, started.generation_id),
            commands.resume(other, started.generation_id),
            commands.cancel(other, started.generation_id),
            commands.say(other, started.generation_id, word("story", "approve")),
            commands.restore(other, started.generation_id),
            commands.open_gate_of(other, started.session_id),
        ):
            with pytest.raises(NotFound):
                await call


async def test_the_snapshot_tells_gate_actions_and_freshness(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        commands = pipeline.container.commands
        gid = (await commands.start(ME, body())).generation_id
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        async with pipeline.container.reads() as session:
            view = await snapshot(session, gid, ME)
        assert view.gate is not None
        assert view.gate.stage == "story"
        assert view.actions == ["approve", "refine", "regenerate", "cancel"]
        assert view.last_seq == len(await pipeline.events(view.session_id or ""))


async def test_a_brief_that_cannot_be_read_goes_on_with_its_answer(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        start, say = pipeline.container.commands.start, pipeline.container.commands.say
        started = await start(ME, body().model_copy(update={"prompt": "asdf qwer zxcv"}))
        gid = started.generation_id
        row = await pipeline.until_state(gid, ("failed", "needs_retry"))
        assert row.error_code == "brief_unclear"
        with pytest.raises(InvalidInput, match="empty"):
            await say(ME, gid, word("story", None, "  "))
        answer = word("story", None, "Verde")
        assert not (await say(ME, gid, answer)).duplicate
        await pipeline.until_state(gid, ("story", "awaiting_approval"))
        row = await pipeline.row(gid)
        assert (row.prompt, row.error_code) == ("asdf qwer zxcv\nVerde", None)
        [told] = [e for e in await pipeline.events(started.session_id) if e.type == "story_generated"]
        assert any("Verde" in scene.copy_text.headline for scene in told.payload.story.scenes)
        assert [e.payload.message for e in await pipeline.events(started.session_id) if e.type == "user_message"] == [
            "Verde"
        ]
