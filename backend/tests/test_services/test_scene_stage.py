"""Writer and Critic for each scene, then the Cohesor: rounds kept, neighbours differ, transitions meet."""

from __future__ import annotations

from itertools import pairwise

from app.schemas.unified_pipeline import Scene
from tests.fixtures.pipeline import OpenPipeline


async def test_every_round_is_kept_and_the_best_wins(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(stages={"videos": False}, scene_threshold=10, scene_max_iterations=2)
        row = await pipeline.finish(response.generation_id)
    for scene in (Scene.model_validate(each) for each in row.scenes):
        scores = [each.critique.score for each in scene.rounds]
        assert 1 <= len(scores) <= 2
        assert scene.quality_score == max(scores)
        assert len(scores) == 2 or scores[0] >= 10


async def test_the_scenes_of_an_ad_fit_together(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        response = await pipeline.start(stages={"videos": False}, duration_s=30, scene_count=5, fps=10)
        row = await pipeline.finish(response.generation_id)
    scenes = [Scene.model_validate(each) for each in row.scenes]
    assert [scene.duration for scene in scenes] == [6, 6, 6, 6, 6]
    assert all(left.layout != right.layout for left, right in pairwise(scenes))
    assert all(left.transition_out == right.transition_in for left, right in pairwise(scenes))
    assert scenes[-1].layout == "logo-close"
    assert [scene.id for scene in scenes if scene.copy_text.cta] == [5]
    assert sum("product" in scene.references for scene in scenes) >= 3
