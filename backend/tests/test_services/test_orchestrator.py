"""One orchestrator with the spec's methods; what it refuses before anything runs."""

from __future__ import annotations

import inspect

import pytest

from app.core.errors import ConfigError, InvalidInput, NotFound
from app.kit.ids import new_id
from app.services.unified_pipeline.orchestrator import PipelineOrchestrator
from tests.fixtures.pipeline import OpenPipeline


@pytest.mark.ac("AC-1.1")
def test_it_has_the_specs_methods() -> None:
    wanted = {
        "generate": ["request"],
        "execute_stage": ["stage_name", "inputs"],
        "wait_for_approval": ["session_id", "stage"],
    }
    for name, parameters in wanted.items():
        method = getattr(PipelineOrchestrator, name)
        assert inspect.iscoroutinefunction(method)
        found = inspect.signature(method).parameters.values()
        assert [p.name for p in found if p.kind is p.POSITIONAL_OR_KEYWORD][1:] == parameters


async def test_an_unknown_stage_is_answered_with_the_legal_ones(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        with pytest.raises(ConfigError, match="'storry'") as caught:
            await pipeline.container.orchestrator.execute_stage("storry", {"generation_id": new_id()})
    assert "story" in caught.value.hint


async def test_an_illegal_override_is_the_callers_fault_and_stores_nothing(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        with pytest.raises(InvalidInput, match="story_max_iteration"):
            await pipeline.start(story_max_iteration=2)


async def test_resuming_what_does_not_exist_is_said(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        with pytest.raises(NotFound):
            await pipeline.container.resume(new_id())
