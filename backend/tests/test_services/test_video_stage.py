"""Fanning the clips out: all at once, never more than allowed, in order, and one failure never stops the others."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from app.schemas.unified_pipeline import Scene, VideoResult
from app.services.unified_pipeline.video_stage import generate_all_videos_parallel


def scenes(count: int) -> list[Scene]:
    return [Scene(id=number, description=f"Shot {number}", duration=1) for number in range(1, count + 1)]


class Studio:
    """Films a scene when told to, and remembers how many were in flight."""

    def __init__(self, fail: frozenset[int] = frozenset()) -> None:
        self.in_flight = 0
        self.peak = 0
        self.prompts: dict[int, str] = {}
        self._fail = fail

    async def film(self, scene: Scene, prompt: str) -> VideoResult:
        self.prompts[scene.id] = prompt
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        for _ in range(10 - scene.id):
            await asyncio.sleep(0)
        self.in_flight -= 1
        return VideoResult(scene_id=scene.id, status="failed" if scene.id in self._fail else "complete")


@pytest.mark.ac("AC-3.1")
async def test_all_clips_are_in_flight_at_the_same_time() -> None:
    studio = Studio()
    await generate_all_videos_parallel(scenes(5), "context", film=studio.film)
    assert studio.peak == 5


@pytest.mark.ac("AC-3.2")
@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_never_more_than_max_concurrent_are_in_flight(limit: int) -> None:
    studio = Studio()
    await generate_all_videos_parallel(scenes(8), "context", limit, film=studio.film)
    assert studio.peak == limit


@pytest.mark.ac("AC-3.2")
def test_the_signature_is_the_specs_with_five_at_once_by_default() -> None:
    parameters = inspect.signature(generate_all_videos_parallel).parameters
    positional = [name for name, p in parameters.items() if p.kind is not p.KEYWORD_ONLY]
    assert positional == ["scenes", "consistency_context", "max_concurrent"]
    assert parameters["max_concurrent"].default == 5


@pytest.mark.ac("AC-3.3")
async def test_every_prompt_is_the_context_then_the_scene() -> None:
    studio = Studio()
    await generate_all_videos_parallel(scenes(2), "CHARACTER APPEARANCE: x", film=studio.film)
    assert studio.prompts[2] == "CHARACTER APPEARANCE: x\n\nSCENE: Shot 2"


@pytest.mark.ac("AC-3.7")
async def test_a_failed_clip_is_a_result_in_its_place_and_the_others_finish() -> None:
    studio = Studio(fail=frozenset({2}))
    results = await generate_all_videos_parallel(scenes(4), "context", film=studio.film)
    assert [(r.scene_id, r.status) for r in results] == [
        (1, "complete"),
        (2, "failed"),
        (3, "complete"),
        (4, "complete"),
    ]
