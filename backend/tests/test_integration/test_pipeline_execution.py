"""From one sentence to a stored film through the real pipeline, on SQLite and on Postgres, and when parts fail."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from app.core.errors import Conflict, InvalidInput, MediaError, StageTimeout
from app.db.session import upgrade_database
from app.kit.media.facts import probe
from tests.fixtures.pipeline import OpenPipeline, Pipeline

ORDER = ["pending", "story", "references", "scenes", "videos", "completed"]


@pytest.mark.ac("AC-1.1", "AC-1.5", "AC-1.7")
async def test_every_output_is_stored_and_every_status_recorded(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start()
        row = await pipeline.finish(response.generation_id)
        statuses = [status for status, _ in await pipeline.history(response.generation_id)]
        assert list(dict.fromkeys(statuses)) == ORDER
        assert row.story_text
        assert 0 <= row.story_quality_score <= 10
        assert len(row.reference_images) == 3
        assert [scene["id"] for scene in row.scenes] == [1, 2]
        assert [(clip["scene_id"], clip["status"], clip["progress"]) for clip in row.video_clips] == [
            (1, "complete", 100),
            (2, "complete", 100),
        ]
        assert row.config["video_max_concurrent"] == 5
        assert row.error_message is None
        async with pipeline.container.storage.local_copy(row.final_video_url) as final:
            facts = probe(final)
        assert facts.video is not None
        assert (facts.video.frames, facts.video.width, facts.video.height) == (20, 320, 180)


@pytest.mark.ac("AC-3.5")
async def test_events_are_numbered_without_a_gap_and_tell_the_whole_story(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start()
        await pipeline.finish(response.generation_id)
        events = await pipeline.events(response.session_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    kinds = [event.type for event in events]
    told = [kind for kind in kinds if kind not in {"status_changed", "video_complete"}]
    assert told == [
        "generation_started",
        "story_generated",
        "reference_images_ready",
        "scenes_generated",
        "storyboard_ready",
        "generation_complete",
    ]
    assert kinds.count("video_complete") == 2
    assert {event.generation_id for event in events} == {response.generation_id}


async def test_the_same_pipeline_runs_on_postgres(open_pipeline: OpenPipeline, postgres_url: str) -> None:
    await asyncio.to_thread(upgrade_database, postgres_url)
    async with open_pipeline(database_url=postgres_url) as pipeline:
        response = await pipeline.start()
        row = await pipeline.finish(response.generation_id)
        assert row.status == "completed"
        events = await pipeline.events(response.session_id)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def test_two_ads_at_once_do_not_mix(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        responses = [await pipeline.start(), await pipeline.start(framework="PAS")]
        rows = await asyncio.gather(*(pipeline.finish(each.generation_id) for each in responses))
        assert [row.status for row in rows] == ["completed", "completed"]
        assert rows[0].story["framework"] == "AIDA"
        for row in rows:
            assert all(row.id in clip["url"] for clip in row.video_clips)


async def test_a_stage_that_runs_out_of_time_keeps_its_work_and_can_be_resumed(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(timeouts={"reference_images": 0.0001})
        with pytest.raises(StageTimeout, match="reference_images") as caught:
            await pipeline.finish(response.generation_id)
        assert "--set timeouts.reference_images" in caught.value.hint
        row = await pipeline.row(response.generation_id)
        assert (row.status, row.substage, row.error_code) == ("failed", "needs_retry", "stage_timeout")
        story = row.story
        await pipeline.container.resume(response.generation_id, {"timeouts.reference_images": 60})
        row = await pipeline.finish(response.generation_id)
        assert (row.status, row.story, row.error_code) == ("completed", story, None)


@pytest.mark.ac("AC-3.7")
async def test_one_killed_render_fails_alone_and_only_it_is_made_again(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(duration_s=6, scene_count=3)
        await pipeline.until(response.session_id, "scenes_generated")
        await kill_one_render()
        with pytest.raises(MediaError, match="of 3 failed"):
            await pipeline.finish(response.generation_id)
        row = await pipeline.row(response.generation_id)
        assert (row.status, row.substage) == ("failed", "needs_retry")
        failed = [clip for clip in row.video_clips if clip["status"] == "failed"]
        assert len(failed) == 1
        assert failed[0]["clip_index"] == failed[0]["scene_id"] - 1
        assert failed[0]["error_message"]
        event = await pipeline.until(response.session_id, "clip_failed")
        assert event.payload.clip_id == failed[0]["scene_id"]
        kept = stamps(pipeline, response.generation_id)
        assert len(kept) == 2
        await pipeline.container.resume(response.generation_id)
        row = await pipeline.finish(response.generation_id)
        assert row.status == "completed"
        assert stamps(pipeline, response.generation_id).items() >= kept.items()
        with pytest.raises(Conflict, match="finished"):
            await pipeline.container.resume(response.generation_id)


async def kill_one_render() -> None:
    """SIGKILL the first clip renderer that shows up."""
    async with asyncio.timeout(60):
        while True:
            for path in Path("/proc").glob("[0-9]*/cmdline"):  # noqa: ASYNC240
                try:
                    command = path.read_bytes()
                except OSError:
                    continue
                if b"render_clip" in command and str(os.getpid()).encode() in command.split(b"\0"):
                    os.kill(int(path.parent.name), signal.SIGKILL)
                    return
            await asyncio.sleep(0.01)


def stamps(pipeline: Pipeline, generation_id: str) -> dict[str, tuple[int, int]]:
    """Every stored clip with what changes when it is written again."""
    folder = pipeline.container.settings.media_path / "generations" / generation_id / "clips"
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.glob("*.mp4")}


async def test_stage_flags_mean_what_the_how_to_says(open_pipeline: OpenPipeline) -> None:
    off = {"story": False, "reference_images": False, "scenes": False, "videos": False}
    async with open_pipeline() as pipeline:
        response = await pipeline.start(stages=off, interactive=True)
        row = await pipeline.finish(response.generation_id)
        assert row.status == "completed"
        assert len(row.story_rounds) == 1
        assert row.reference_images == []
        assert "PRODUCT FEATURES: not specified" in row.consistency_context
        assert [scene["quality_score"] for scene in row.scenes] == [None, None]
        assert len(row.storyboard) == 2
        assert row.video_clips is None
        assert row.final_video_url is None


async def test_an_unknown_provider_is_refused_before_anything_is_stored(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        with pytest.raises(InvalidInput, match="video provider 'locl'"):
            await pipeline.start(providers={"video": "locl"})
