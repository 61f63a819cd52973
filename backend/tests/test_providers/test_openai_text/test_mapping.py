"""What a model may not decide: ids, lengths, addresses, brands, unrenderable layouts, other scenes' words."""

from __future__ import annotations

from typing import Any

import pytest

from app.providers.local_text.data import shipped
from app.providers.openai_text.mapping import (
    cohesion_of,
    critique_of,
    own_brand,
    own_url,
    reading_of,
    scene_of,
    story_of,
)
from app.schemas.answers import BriefAnswer, CohesionAnswer, CritiqueAnswer, SceneAnswer, StoryAnswer
from app.schemas.providers import BriefInput, CohesorInput, SceneWriterInput
from app.schemas.unified_pipeline import ReferenceImage
from tests.fixtures.language_model import BRIEF, CONTEXT, DIRECTION, PROMPTS, SCENES, STORY, WRITING

WORDS: dict[str, Any] = {"kicker": None, "headline": "H", "support": None, "items": [], "cta": None, "url": None}
SCENE: dict[str, Any] = {
    "description": "Close-up.",
    "copy_text": {**WORDS, "headline": "Another", "url": "https://evil.example", "cta": "Pay now"},
    "layout": "hero-split",
    "references": [],
    "camera": "slow push-in",
}


def story_answer(**more: Any) -> StoryAnswer:
    scenes = [
        {"id": 9, "beat": "b", "purpose": "p", "visual": "v", "copy_text": {**WORDS, "url": "https://made-up.example"}}
        for _ in range(3)
    ]
    plain = {"title": "T", "narrative": "N", "product": "kayak", "brand": "TARN", "audience": None, "tone": "calm"}
    rest = {
        "certainty": 3,
        "kind": "spaceship",
        "scenes": scenes,
        "bpm": 90,
        "cta": "Go.",
        "notes": [],
        "question": None,
    }
    return StoryAnswer.model_validate({**plain, **rest, **more})


def critique_answer(*severities: str, score: float = 9.0) -> dict[str, Any]:
    issues = [{"code": "c", "quote": "q", "message": "m", "scene_id": 1, "severity": each} for each in severities]
    return {"issues": issues, "criteria": [{"name": "pacing", "score": 7}], "score": score, "feedback": "f"}


def test_a_story_keeps_the_plans_ids_and_lengths_and_the_users_names() -> None:
    story = story_of(story_answer(), DIRECTION, "m-1")
    assert [(scene.id, scene.duration) for scene in story.scenes] == [(1, 4), (2, 4), (3, 4)]
    assert (story.brand, story.writer, story.framework) == ("Tarn", "m-1", "AIDA")
    assert [scene.copy_text.url for scene in story.scenes] == [None, None, None]
    assert [scene.copy_text.cta for scene in story.scenes] == [None, None, "Go."]
    assert story.cta.url is None
    assert story.kind is None
    assert (story.audio.mood, story.audio.bpm) == ("calm", 90)


def test_the_users_own_call_to_action_wins() -> None:
    task = DIRECTION.model_copy(
        update={"brief": BRIEF.model_copy(update={"cta": "Book a trial", "url": "tarn.example"})}
    )
    story = story_of(story_answer(), task, "m-1")
    assert (story.cta.text, story.scenes[-1].copy_text.cta, story.cta.url) == (*("Book a trial",) * 2, "tarn.example")


@pytest.mark.parametrize(
    ("url", "own"), [("tarn.example/kayak", True), ("https://tarn.example", False), ("", False), (None, False)]
)
def test_an_address_is_only_ever_one_the_brief_prints(url: str | None, own: bool) -> None:
    assert own_url(url, BRIEF) == (url if own else None)


def test_a_brand_is_spelled_as_the_user_spells_it() -> None:
    assert own_brand("TARN", BRIEF) == "Tarn"
    assert own_brand("Nike", BRIEF) is None
    assert own_brand("Nike", BriefInput(prompt="x", brand="tarn & co")) == "tarn & co"
    assert own_brand(None, BRIEF) is None


def test_every_kind_the_prompt_names_is_one_we_can_draw() -> None:
    system = PROMPTS.get("story_director").system
    listed = " ".join(system[system.index("`kind`: one of") :].split(";")[0].split()).removeprefix("`kind`: one of ")
    assert sorted(listed.split(", ")) == sorted(set(shipped().kinds) - {"neutral"})


def test_the_requests_own_fields_win_over_the_reading() -> None:
    answer = BriefAnswer(
        duration_s=12,
        aspect_ratio=None,
        framework="PAS",
        tone="calm",
        brand="Tarn",
        cta="x",
        url="https://made-up.example",
        product="kayak",
        language="en",
        refusal=None,
    )
    read = reading_of(answer, BRIEF.model_copy(update={"framework": "BAB", "cta": "y"}))
    assert (read.framework, read.cta, read.url, read.duration_s) == ("BAB", "y", None, 12)


@pytest.mark.parametrize(("severities", "score"), [((), 9.0), (("major", "minor"), 9.0), (("veto",), 4.0)])
def test_a_veto_caps_the_score_and_approval_is_not_the_models(severities: tuple[str, ...], score: float) -> None:
    critique = critique_of(CritiqueAnswer.model_validate(critique_answer(*severities)))
    assert (critique.score, critique.approved, critique.criteria) == (score, False, {"pacing": 7})
    assert [issue.severity for issue in critique.issues] == list(severities)


def scene(answer: dict[str, Any], **task: Any) -> Any:
    given: SceneWriterInput = WRITING.model_copy(update=task)
    return scene_of(SceneAnswer.model_validate({**SCENE, **answer}), given)


def test_a_scene_keeps_the_storys_words_until_the_user_asks() -> None:
    assert scene({}).copy_text == STORY.scenes[1].copy_text
    asked = scene({}, feedback=["another headline"])
    assert (asked.copy_text.headline, asked.copy_text.url, asked.copy_text.cta) == ("Another", None, None)
    assert (asked.id, asked.duration, asked.beat) == (2, 4, "attention")


def test_a_layout_that_can_be_shown_is_taken() -> None:
    written = scene({})
    assert (written.layout, written.references) == ("hero-split", ["product"])


@pytest.mark.parametrize("layout", ["type-beats", "stack-list", "titlecard", "logo-close"])
def test_a_layout_that_cannot_be_shown_here_is_replaced(layout: str) -> None:
    assert scene({"layout": layout}).layout not in {layout, "titlecard"}  # the scene before is a title card


def test_the_last_scene_closes_with_the_logo_and_joints_fit() -> None:
    last = scene({"layout": "full-bleed"}, scene_id=3)
    assert last.layout == "logo-close"
    assert scene({}).transition_out == last.transition_in
    assert last.transition_out == "hard-cut"


def test_only_images_that_exist_are_listed() -> None:
    logo = ReferenceImage(url="l", type="logo")
    written = scene({"references": ["character", "logo"]}, references=[*WRITING.references, logo])
    assert written.references == ["product", "logo"]


def test_a_repair_changes_what_it_names_and_nothing_else() -> None:
    repair = {"scene_id": 2, "description": "Close-up 2.", "headline": None, "support": None}
    answer = CohesionAnswer.model_validate({**critique_answer(), "repairs": [repair], "adjustments": ["Scene 2: x."]})
    cohesion = cohesion_of(answer, CohesorInput(story=STORY, scenes=SCENES, consistency_context=CONTEXT))
    assert cohesion.scenes == [SCENES[0], SCENES[1].model_copy(update={"description": "Close-up 2."}), SCENES[2]]
    assert cohesion.adjustments == ["Scene 2: x."]
