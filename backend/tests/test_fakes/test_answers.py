"""What the fake chat model writes keeps to the schemas of AdMint's own roles, and to what the conversation says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from app.schemas.answers import IntentAnswer
from app.schemas.prompts import PromptLibrary
from app.schemas.providers import BriefInput, BriefReading, Cohesion
from app.schemas.story import Critique, Story
from app.schemas.unified_pipeline import ReferenceImageAnalysis, Scene
from app.services.unified_pipeline.config_loader import load_config, load_prompts
from fakes.answers import Conversation, Writer
from tests.fixtures.fakes import Fakes
from tests.test_fakes.asking import ask, schema_format

BRIEF = BriefInput(
    prompt="Create a 30-second ad for eco-friendly water bottle, by Verdant.", brand="Verdant", url="verdant.example"
)
PLAN = load_config().frameworks["PAS"]
LENGTHS = [5.0, 6.0, 7.0, 6.0]


@pytest.fixture(scope="module")
def prompts() -> PromptLibrary:
    return load_prompts()


def told(prompts: PromptLibrary, prompt_id: str, model: type[BaseModel], **values: Any) -> Any:
    """Return what the writer answers to one of our prompts, validated."""
    prompt = prompts.get(prompt_id).render(**values)
    written = Writer(model.model_json_schema(), Conversation.read(prompt.system, prompt.user)).write()
    return model.model_validate_json(json.dumps(written))


def story_of(prompts: PromptLibrary) -> Story:
    values = {"brief": BRIEF, "framework": "PAS", "framework_plan": PLAN, "scene_durations": LENGTHS}
    story: Story = told(prompts, "story_director", Story, **values)
    return story


def test_a_story_has_the_scenes_beats_and_lengths_asked_for(prompts: PromptLibrary) -> None:
    story = story_of(prompts)
    assert [scene.duration for scene in story.scenes] == LENGTHS
    assert [scene.id for scene in story.scenes] == [1, 2, 3, 4]
    assert [scene.beat for scene in story.scenes] == PLAN.beats
    assert (story.framework, story.brand, story.product) == ("PAS", "Verdant", "eco-friendly water bottle")
    assert [scene.copy_text.url for scene in story.scenes] == [None, None, None, "verdant.example"]
    assert len({scene.copy_text.headline for scene in story.scenes}) == 4


def test_scenes_keep_what_the_story_says_and_cohesion_keeps_the_scenes(prompts: PromptLibrary) -> None:
    story = story_of(prompts)
    shared = {"story": story, "consistency_context": "A sage-green bottle."}
    scenes = [told(prompts, "scene_writer", Scene, scene_id=number, **shared) for number in (1, 2, 3, 4)]
    kept = [(scene.id, scene.beat, scene.copy_text, scene.duration) for scene in story.scenes]
    assert [(scene.id, scene.beat, scene.copy_text, scene.duration) for scene in scenes] == kept
    assert all(40 < len(scene.description.split()) < 130 for scene in scenes)
    assert len({scene.description for scene in scenes}) == 4
    cohesion: Cohesion = told(prompts, "scene_cohesor", Cohesion, scenes=scenes, **shared)
    assert cohesion.scenes == scenes


def test_critics_score_every_criterion_they_are_told_of(prompts: PromptLibrary) -> None:
    verdict: Critique = told(
        prompts, "story_critic", Critique, brief=BRIEF, framework_plan=PLAN, story=story_of(prompts)
    )
    assert (verdict.approved, verdict.issues, len(verdict.criteria)) == (True, [], 8)
    assert verdict.score > load_config().story_threshold


def test_what_is_not_said_is_null(prompts: PromptLibrary) -> None:
    reading: BriefReading = told(prompts, "brief_reader", BriefReading, brief=BRIEF)
    assert (reading.brand, reading.url) == ("Verdant", "verdant.example")
    assert (reading.duration_s, reading.aspect_ratio, reading.refusal) == (None, None, None)
    seen = [
        told(prompts, "vision_analyst", ReferenceImageAnalysis, expected_type=kind, brief=BRIEF)
        for kind in ("product", "character")
    ]
    assert [one.product_features is None for one in seen] == [False, True]
    assert [one.character_description is None for one in seen] == [True, False]


def test_a_message_is_read_as_a_wish(prompts: PromptLibrary) -> None:
    values = {"message": "scene 2 more dramatic", "stage": "scenes", "scene_count": 4}
    assert told(prompts, "conversation_intent", IntentAnswer, **values).intent == "refine"


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({"const": 7}, 7),
        ({"type": ["string", "null"]}, None),
        ({"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]}, None),
        ({"type": "integer", "minimum": 3, "maximum": 9}, 3),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 4}, [False, False]),
        (
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"enum": ["x", "y"]}}},
            {"a": "x"},
        ),
        ({"type": "string", "maxLength": 3}, "The"),
    ],
)
def test_any_schema_is_kept_to(schema: dict[str, Any], answer: Any) -> None:
    assert Writer(schema, Conversation.read("", "a bike")).write() == answer


def test_answers_can_be_set_by_title_and_are_given_in_turn(fakes: Fakes) -> None:
    fakes.answer(Verdict=[{"score": 1}, {"score": 9}])
    wanted = schema_format({"type": "object", "title": "Verdict", "properties": {"score": {"type": "number"}}})
    with fakes.client() as client:
        said = [ask(client, response_format=wanted).json()["choices"][0]["message"]["content"] for _ in range(3)]
    assert [json.loads(text)["score"] for text in said] == [1, 9, 9]
