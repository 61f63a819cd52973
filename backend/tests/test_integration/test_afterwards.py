"""After the film: words that speak of it change it, others are told apart; each word counts once."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Conflict, InvalidInput
from app.db.repositories import documents
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.kit.ids import new_id
from app.schemas.api import FeedbackBody, GenerateBody
from tests.fixtures.pipeline import OpenPipeline, Pipeline

TINY = {"duration_s": 3, "scene_count": 3, "fps": 10, "frame_scale": 0.25}


def about_the_film(message: str, scene_id: int | None = None) -> FeedbackBody:
    action = "refine" if scene_id is None else "edit"
    given = {"id": new_id(), "stage": "videos", "action": action, "scene_id": scene_id, "message": message}
    return FeedbackBody.model_validate(given)


async def finished(pipeline: Pipeline) -> Any:
    """Return a finished ad: made without a stop, so that no gate is open."""
    body = {"prompt": "Create an ad for eco-friendly water bottle", "config": {"overrides": TINY}, "interactive": False}
    started = await pipeline.container.commands.start(ME, GenerateBody.model_validate(body))
    await pipeline.until_state(started.generation_id, ("completed", None))
    return started


async def test_a_wish_changes_one_scene_and_films_only_its_clip(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await finished(pipeline)
        gid, say = started.generation_id, pipeline.container.commands.say
        before = await pipeline.row(gid)
        word = about_the_film("make scene 2 start with a close-up of a hand turning a dial", 2)
        assert (await say(ME, gid, word)).action == "edit"
        assert (await say(ME, gid, word)).duplicate
        await pipeline.until(started.session_id, "generation_complete", 2)
        after = await pipeline.until_state(gid, ("completed", None))
        old, new = documents.scenes_of(before), documents.scenes_of(after)
        assert [a.id for a, b in zip(old, new, strict=True) if a != b] == [2]
        clips = {clip.scene_id: clip.url for clip in documents.video_clips_of(before)}
        refilmed = [c.scene_id for c in documents.video_clips_of(after) if c.url != clips[c.scene_id]]
        assert refilmed == [2]
        events = await pipeline.events(started.session_id)
        [updated] = [event for event in events if event.type == "scene_updated"]
        assert "“hand turning a dial”" in updated.payload.note
        assert [event.payload.message_id for event in events if event.type == "user_message"] == [word.id]


async def test_earlier_wishes_still_count_and_all_scenes_can_be_meant(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await finished(pipeline)
        gid, say = started.generation_id, pipeline.container.commands.say
        for count, word in enumerate((about_the_film("scene 2: closer", 2), about_the_film("make it calmer")), 2):
            await say(ME, gid, word)
            await pipeline.until(started.session_id, "generation_complete", count)
            await pipeline.until_state(gid, ("completed", None))
        scenes = documents.scenes_of(await pipeline.row(gid))
        assert scenes[1].camera.startswith("Macro")
        assert all("soft even light" in scene.description.lower() for scene in scenes)


async def test_what_cannot_be_meant_is_refused_and_changes_nothing(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await finished(pipeline)
        gid, say = started.generation_id, pipeline.container.commands.say
        with pytest.raises(InvalidInput, match="no scene 9"):
            await say(ME, gid, about_the_film("shorter", 9))
        with pytest.raises(Conflict, match="finished"):
            await say(ME, gid, FeedbackBody(id=new_id(), stage="videos", action="approve"))
        asked = await say(ME, gid, FeedbackBody(id=new_id(), stage="videos", message="change the last scene"))
        assert (asked.action, asked.message) == ("unclear", "What should change in scene 3?")
        assert not [e for e in await pipeline.events(started.session_id) if e.type == "scene_updated"]
        reading = await pipeline.container.commands.read_after(ME, gid, "make scene 2 shorter")
        assert (reading.about, reading.scene_id) == ("this", 2)
