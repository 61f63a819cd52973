"""What every text provider's answer must keep to, whoever wrote it: checked here, once, for all agents.

Called by the agents beside it. Tests: tests/test_services/test_agents.py
"""

from __future__ import annotations

from collections.abc import Sequence

from app.core.errors import BadOutput
from app.schemas.story import Critique, Story
from app.schemas.unified_pipeline import Scene


def check_story(story: Story, scene_durations: Sequence[float]) -> Story:
    """Return the story with its planned ids and durations. Raises BadOutput when the scene count is not the plan's."""
    if len(story.scenes) != len(scene_durations):
        raise BadOutput(
            f"The story has {len(story.scenes)} scenes where {len(scene_durations)} were planned.",
            hint="Try again; if it persists, choose another text provider.",
        )
    scenes = [
        scene.model_copy(update={"id": number, "duration": duration})
        for number, (scene, duration) in enumerate(zip(story.scenes, scene_durations, strict=True), start=1)
    ]
    return story.model_copy(update={"scenes": scenes})


def check_scenes(before: Sequence[Scene], after: Sequence[Scene]) -> list[Scene]:
    """Return `after` when it holds the same ids in the same order; durations are put back. Raises BadOutput."""
    if [scene.id for scene in before] != [scene.id for scene in after]:
        raise BadOutput("The cohesor added, dropped or reordered scenes.", hint="Try again.")
    return [new.model_copy(update={"duration": old.duration}) for old, new in zip(before, after, strict=True)]


def decide(critique: Critique, threshold: float) -> Critique:
    """Set `approved` by the threshold: no veto, and a score that reaches it. The critic's own wish does not count."""
    vetoed = any(issue.severity == "veto" for issue in critique.issues)
    return critique.model_copy(update={"approved": critique.score >= threshold and not vetoed})
