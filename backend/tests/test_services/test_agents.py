"""The agents' contracts: what they put right, and what they refuse, whoever wrote the text."""

from __future__ import annotations

import pytest

from app.core.errors import BadOutput
from app.providers.local_text.adapter import LocalTextModel
from app.schemas.providers import BriefInput, CallContext, DirectorInput, StoryCriticInput
from app.schemas.story import Critique, Issue, Story
from app.schemas.unified_pipeline import Scene
from app.services.agents.contracts import check_scenes, check_story, decide
from app.services.agents.story_critic import StoryCritic
from app.services.agents.story_director import StoryDirector
from app.services.unified_pipeline.config_loader import load_config

CALL = CallContext(generation_id="g", step="s")
BRIEF = BriefInput(prompt="A folding kayak that fits in a hatchback, brand Tarn")
PLAN = load_config().frameworks["AIDA"]


async def story_of(durations: list[float]) -> Story:
    data = DirectorInput(brief=BRIEF, framework="AIDA", framework_plan=PLAN, scene_durations=durations)
    return await StoryDirector(LocalTextModel()).write(data, CALL)


async def test_the_director_keeps_to_the_planned_scenes() -> None:
    story = await story_of([5, 6, 4])
    assert [(scene.id, scene.duration) for scene in story.scenes] == [(1, 5), (2, 6), (3, 4)]


async def test_a_story_with_another_scene_count_is_refused_and_other_durations_are_put_right() -> None:
    story = await story_of([6, 6, 6])
    with pytest.raises(BadOutput, match="3 scenes where 2 were planned"):
        check_story(story, [6, 6])
    assert [scene.duration for scene in check_story(story, [1, 2, 3]).scenes] == [1, 2, 3]


async def test_only_the_threshold_decides_an_approval() -> None:
    story = await story_of([6, 6, 6])
    data = StoryCriticInput(brief=BRIEF, framework_plan=PLAN, story=story)
    lenient = await StoryCritic(LocalTextModel(), 0).judge(data, CALL)
    strict = await StoryCritic(LocalTextModel(), 10).judge(data, CALL)
    assert lenient.approved
    assert strict.approved == (strict.score >= 10)


def test_a_veto_is_never_approved_however_high_the_score() -> None:
    vetoed = Critique(score=10, approved=True, issues=[Issue(code="x", message="m", severity="veto")])
    assert not decide(vetoed, 0).approved
    assert decide(Critique(score=8, approved=False), 8).approved
    assert not decide(Critique(score=7.9, approved=True), 8).approved


def test_the_cohesor_may_not_add_drop_or_reorder_scenes_nor_change_durations() -> None:
    before = [Scene(id=n, description="x", duration=6) for n in (1, 2)]
    with pytest.raises(BadOutput, match="reordered"):
        check_scenes(before, before[::-1])
    with pytest.raises(BadOutput):
        check_scenes(before, before[:1])
    longer = [scene.model_copy(update={"duration": 9, "description": "y"}) for scene in before]
    assert [(s.duration, s.description) for s in check_scenes(before, longer)] == [(6, "y"), (6, "y")]
