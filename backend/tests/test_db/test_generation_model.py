"""A generation's JSON columns: schemas in, the spec's JSON in the database, equal schemas out."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.models import Generation
from app.db.repositories import documents, generations
from app.db.session import session_factory
from app.schemas.story import CallToAction, Copy, Critique, Story, StoryRound, StoryScene
from app.schemas.unified_pipeline import (
    AdPlan,
    PipelineConfig,
    ReferenceImage,
    ReferenceImageAnalysis,
    Scene,
    VideoClip,
)

REFERENCE = ReferenceImage(
    url="s3://media/hero.png",
    type="character",
    analysis=ReferenceImageAnalysis(
        character_description="A hiker in a red jacket", colors=["#FF5733"], style="photorealistic"
    ),
)
STORY = Story(
    title="Hot at the top – 3000 m ☕",
    framework="AIDA",
    narrative="Cold hands, hot tea.",
    scenes=[
        StoryScene(id=1, beat="attention", purpose="Stop", copy_text=Copy(headline="Brr"), visual="Snow", duration=2)
    ],
    cta=CallToAction(text="Get yours"),
    writer="template copywriter",
)
SCENES = [Scene(id=n, description=f"Scene {n}", duration=1.5, quality_score=8.5) for n in (1, 2)]
PLAN = AdPlan(
    duration_s=3,
    scene_durations=[1.5, 1.5],
    aspect_ratio="9:16",
    width=180,
    height=320,
    fps=30,
    framework="PAS",
    seed=2**31 - 1,
)


@pytest.mark.ac("AC-2.3")
async def test_reference_images_are_stored_in_the_specs_shape(db_engine: AsyncEngine, stored_generation: str) -> None:
    async with session_factory(db_engine).begin() as session:
        await generations.save_references(session, stored_generation, [REFERENCE] * 3, consistency_context="RED")
    async with session_factory(db_engine)() as session:
        raw = await session.scalar(text("SELECT reference_images FROM generations"))
        stored = json.loads(raw) if isinstance(raw, str) else raw
        assert len(stored) == 3
        assert {"url", "type", "analysis"} <= stored[0].keys()
        assert (stored[0]["url"], stored[0]["type"]) == ("s3://media/hero.png", "character")
        assert stored[0]["analysis"]["colors"] == ["#FF5733"]
        assert stored[0]["analysis"]["style"] == "photorealistic"
        row = await generations.require(session, stored_generation)
        assert documents.references_of(row) == [REFERENCE] * 3
        assert row.consistency_context == "RED"


async def test_every_document_comes_back_equal(db_engine: AsyncEngine, stored_generation: str) -> None:
    best = StoryRound(round=2, story=STORY, critique=Critique(score=8.5, approved=True))
    async with session_factory(db_engine).begin() as session:
        await generations.save_plan(session, stored_generation, PLAN)
        await generations.save_story(session, stored_generation, best, story_text="Prose", rounds=[best])
        await generations.save_scenes(session, stored_generation, SCENES)
        await generations.save_storyboard(session, stored_generation, {1: "stills/1.png", 2: "stills/2.png"})
        await generations.save_final(session, stored_generation, "final.mp4")
        await generations.save_overall_score(session, stored_generation, 82.5)
    async with session_factory(db_engine)() as session:
        row = await generations.require(session, stored_generation)
    assert (documents.plan_of(row), row.seed, row.framework) == (PLAN, PLAN.seed, "PAS")
    assert (documents.story_of(row), documents.rounds_of(row)) == (STORY, [best])
    assert (row.story_text, row.story_quality_score, row.title) == ("Prose", 8.5, STORY.title)
    assert documents.scenes_of(row) == SCENES
    assert documents.storyboard_of(row) == {1: "stills/1.png", 2: "stills/2.png"}
    assert documents.config_of(row) == PipelineConfig()
    assert documents.request_of(row).prompt == "A thermos for hikers"
    assert (row.final_video_url, row.overall_quality_score) == ("final.mp4", 82.5)


async def test_a_new_generation_has_null_documents_that_read_as_empty(
    db_engine: AsyncEngine, stored_generation: str
) -> None:
    async with session_factory(db_engine)() as session:
        found = await session.execute(text("SELECT reference_images, scenes, video_clips, story FROM generations"))
        assert tuple(found.one()) == (None, None, None, None)
        row = await generations.require(session, stored_generation)
    assert (documents.story_of(row), documents.plan_of(row)) == (None, None)
    assert (documents.references_of(row), documents.scenes_of(row), documents.video_clips_of(row)) == ([], [], [])


async def test_one_clips_state_changes_and_the_others_stay(db_engine: AsyncEngine, stored_generation: str) -> None:
    clips = [VideoClip(scene_id=scene, clip_index=index) for index, scene in enumerate((7, 3, 5))]
    done = VideoClip(scene_id=3, clip_index=1, url="clips/3.mp4", duration=2.0, status="complete", progress=100)
    async with session_factory(db_engine).begin() as session:
        await generations.save_video_clips(session, stored_generation, [clips[0], clips[2]])
        await generations.upsert_clip_json(session, stored_generation, clips[1])
        await generations.upsert_clip_json(session, stored_generation, done)
    async with session_factory(db_engine)() as session:
        row = await generations.require(session, stored_generation)
    assert documents.video_clips_of(row) == [clips[0], done, clips[2]]


async def test_a_document_of_another_shape_is_refused_on_read(db_engine: AsyncEngine, stored_generation: str) -> None:
    async with session_factory(db_engine).begin() as session:
        row = await session.get_one(Generation, stored_generation)
        row.scenes = [{"id": 1}]
    with pytest.raises(ValidationError):
        documents.scenes_of(row)
