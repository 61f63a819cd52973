"""Two gates: what a user says takes effect once, on the draft it speaks of, also across a restart."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Interrupted
from tests.fixtures.pipeline import OpenPipeline


@pytest.mark.ac("AC-1.5", "AC-5.8")
async def test_the_run_waits_at_story_and_scenes_and_goes_on_when_told(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(interactive=True)
        draft = await pipeline.until(response.session_id, "story_generated")
        assert draft.payload.awaiting_approval
        row = await pipeline.row(response.generation_id)
        assert row.reference_images is None
        await pipeline.say(response.generation_id, "story", "approve", draft_digest=draft.payload.draft_digest)
        scenes = await pipeline.until(response.session_id, "scenes_generated")
        assert scenes.payload.awaiting_approval
        assert (await pipeline.row(response.generation_id)).video_clips is None
        await pipeline.say(response.generation_id, "scenes", "approve", draft_digest=scenes.payload.draft_digest)
        assert (await pipeline.finish(response.generation_id)).status == "completed"
        waits = [s for s, sub in await pipeline.history(response.generation_id) if sub == "awaiting_approval"]
        assert waits == ["story", "scenes"]


async def test_feedback_rewrites_the_story_and_an_outdated_approval_has_no_effect(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(interactive=True)
        first = await pipeline.until(response.session_id, "story_generated")
        await pipeline.say(
            response.generation_id, "story", "refine", message="call it Tarn", draft_digest=first.payload.draft_digest
        )
        second = await pipeline.until(response.session_id, "story_generated", 2)
        assert second.payload.story != first.payload.story
        stale = await pipeline.say(response.generation_id, "story", "approve", draft_digest=first.payload.draft_digest)
        told = await pipeline.until(response.session_id, "feedback_acknowledged", 2)
        assert (told.payload.message_id, told.payload.action) == (stale, "stale")
        assert (await pipeline.row(response.generation_id)).status == "story"
        await pipeline.say(response.generation_id, "story", "cancel")
        with pytest.raises(Interrupted, match="story"):
            await pipeline.finish(response.generation_id)


async def test_editing_one_scene_leaves_the_others_byte_for_byte(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(interactive=True, duration_s=6, scene_count=3)
        await pipeline.until(response.session_id, "story_generated")
        await pipeline.say(response.generation_id, "story", "approve")
        before = await scenes_of(pipeline, response.generation_id, response.session_id, 1)
        await pipeline.say(
            response.generation_id, "scenes", "edit", scene_id=2, message="make scene 2 calmer and closer"
        )
        event = await pipeline.until(response.session_id, "scene_updated")
        assert event.payload.scene.id == 2
        after = (await pipeline.row(response.generation_id)).scenes
        assert [after[0], after[2]] == [before[0], before[2]]
        assert after[1] != before[1]
        await pipeline.say(response.generation_id, "scenes", "cancel")
        with pytest.raises(Interrupted):
            await pipeline.finish(response.generation_id)


async def test_a_given_headline_is_taken_word_for_word_and_a_deaf_ear_is_admitted(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(interactive=True, duration_s=6, scene_count=3)
        await pipeline.until(response.session_id, "story_generated")
        await pipeline.say(response.generation_id, "story", "approve")
        await pipeline.until(response.session_id, "scenes_generated")
        wish = "scene 2: change the headline to Fixed by Friday"
        await pipeline.say(response.generation_id, "scenes", "edit", scene_id=2, message=wish)
        heard = await pipeline.until(response.session_id, "scene_updated")
        assert (heard.payload.scene.copy_text.headline, heard.payload.note) == ("Fixed by Friday", "")
        await pipeline.say(response.generation_id, "scenes", "edit", scene_id=2, message="scene 2: asdf qwerty")
        deaf = await pipeline.until(response.session_id, "scene_updated", 2)
        assert deaf.payload.scene.copy_text.headline == "Fixed by Friday"
        assert "could not act on “scene 2: asdf qwerty”" in deaf.payload.note
        await pipeline.say(response.generation_id, "scenes", "cancel")
        with pytest.raises(Interrupted):
            await pipeline.finish(response.generation_id)


async def scenes_of(pipeline: Any, generation_id: str, session_id: str, count: int) -> list[Any]:
    await pipeline.until(session_id, "scenes_generated", count)
    return list((await pipeline.row(generation_id)).scenes)


async def test_an_approval_sent_while_nothing_runs_is_found_at_the_restart(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(interactive=True, stages={"videos": False})
        await pipeline.until(response.session_id, "story_generated")
    async with open_pipeline() as pipeline:
        row = await pipeline.row(response.generation_id)
        assert (row.status, row.substage) == ("story", "interrupted")
        await pipeline.say(response.generation_id, "story", "approve")
        await pipeline.container.resume(response.generation_id)
        await pipeline.until(response.session_id, "scenes_generated")
        await pipeline.say(response.generation_id, "scenes", "approve")
        assert (await pipeline.finish(response.generation_id)).status == "completed"
        drafts = [e for e in await pipeline.events(response.session_id) if e.type == "story_generated"]
        assert len(drafts) == 1


async def test_nobody_answering_parks_the_run_and_resume_shows_the_same_draft(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(interactive=True, approval_timeout_h=0.0001)
        with pytest.raises(Interrupted, match="in time"):
            await pipeline.finish(response.generation_id)
        row = await pipeline.row(response.generation_id)
        assert (row.status, row.substage) == ("story", "expired")
        await pipeline.container.resume(response.generation_id, {"approval_timeout_h": 1})
        await pipeline.until(response.session_id, "story_generated", 2)
        assert (await pipeline.row(response.generation_id)).story == row.story
