"""What goes on with AdMint's own copywriter when the chosen model fails, and what stops all the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.db.repositories.users import LOCAL_USER_ID as ME
from app.schemas.unified_pipeline import GenerationRequest
from tests.fixtures.fakes import Fakes, rule
from tests.fixtures.language_model import KEY
from tests.fixtures.pipeline import OpenPipeline
from tests.fixtures.tiny_ad import PROMPT, TINY

BY_MODEL = {**TINY, "providers.text": "openai", "stages.videos": False, "budget_usd": 1}


@pytest.fixture
def endpoint(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    """The fakes as this process's OpenAI-compatible endpoint."""
    monkeypatch.setenv("OPENAI_BASE_URL", fakes.openai_url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_PRICE", "list")
    return fakes


async def ended(open_pipeline: OpenPipeline, **config: Any) -> tuple[Any, Any]:
    """Make an ad; return its row and what it cost, however it ended."""
    async with open_pipeline() as pipeline:
        started = await pipeline.container.orchestrator.generate(
            GenerationRequest(prompt=PROMPT, interactive=False, config={**BY_MODEL, **config})
        )
        run = await pipeline.container.latest_run(started.generation_id)
        try:
            await pipeline.container.engine.wait(run)
        finally:
            row = await pipeline.row(started.generation_id)
            costs = await pipeline.container.money.costs(ME, started.generation_id)
        return row, costs


async def test_it_goes_on_and_the_story_says_who_wrote_it_and_why(endpoint: Fakes, open_pipeline: OpenPipeline) -> None:
    endpoint.script("insufficient_quota")
    row, costs = await ended(open_pipeline, **{"models.fallback": "local"})
    assert row.status == "completed"
    assert row.story["writer"] != "gpt-6-luna"
    assert row.story["notes"][0].startswith("gpt-6-luna did not write this: ")
    assert "no credit" in row.story["notes"][0]
    assert row.story["notes"][0].endswith("AdMint's own copywriter did.")
    assert costs.spent_usd == Decimal(0)


async def test_one_answer_that_fails_is_replaced_alone(endpoint: Fakes, open_pipeline: OpenPipeline) -> None:
    endpoint.script(rule("insufficient_quota", nth=1))  # the brief is read by the rules, the rest by the model
    row, _ = await ended(open_pipeline, **{"models.fallback": "local"})
    assert row.story["writer"] == "gpt-6-luna"
    assert not any("did not write this" in note for note in row.story["notes"])


@pytest.mark.parametrize(
    ("scenario", "config"), [("insufficient_quota", {}), ("content_policy", {"models.fallback": "local"})]
)
async def test_without_it_and_at_a_refusal_the_run_stops(
    endpoint: Fakes, open_pipeline: OpenPipeline, scenario: str, config: dict[str, Any]
) -> None:
    endpoint.script(scenario)
    async with open_pipeline() as pipeline:
        started = await pipeline.start(**{**BY_MODEL, **config})
        with pytest.raises(Exception, match=r"credit|refuses to work"):
            await pipeline.finish(started.generation_id)
        row = await pipeline.row(started.generation_id)
    assert row.story is None
