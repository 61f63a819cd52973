"""The whole pipeline written by a language model over real HTTP: every role, the bill's source, no key anywhere."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core.errors import NotFound, OverCap
from app.db.models import ProviderCall
from app.db.repositories.users import LOCAL_USER_ID
from app.kit.ids import new_id
from app.schemas.api import FeedbackBody
from app.schemas.unified_pipeline import BrandAssets, GenerationRequest
from tests.fixtures.fakes import Fakes
from tests.fixtures.language_model import KEY, asked
from tests.fixtures.pictures import encoded, subject_on
from tests.fixtures.pipeline import OpenPipeline
from tests.fixtures.tiny_ad import PROMPT, TINY

BY_MODEL = {"providers.text": "openai", "providers.vision": "openai", "stages.videos": False, "budget_usd": 1}


@pytest.fixture
def endpoint(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    """The fakes as this process's OpenAI-compatible endpoint."""
    monkeypatch.setenv("OPENAI_BASE_URL", fakes.openai_url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_PRICE", "list")
    return fakes


@pytest.mark.ac("AC-1.2", "AC-2.2")
async def test_every_role_works_and_the_key_is_seen_by_nobody(
    endpoint: Fakes, open_pipeline: OpenPipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with open_pipeline() as pipeline:
        photo = encoded(subject_on((255, 255, 255), (200, 20, 20), "bottle"))
        await pipeline.container.storage.put_bytes("u/photo.png", photo, "image/png")
        started = await pipeline.container.orchestrator.generate(
            GenerationRequest(
                prompt=PROMPT,
                brand_assets=BrandAssets(product_images=["u/photo.png"]),
                config={**TINY, **BY_MODEL, "stages.reference_images": False},
            )
        )
        row = await pipeline.finish(started.generation_id)
        async with pipeline.container.sessions() as session:
            booked = list(await session.scalars(select(ProviderCall)))
        events = json.dumps([event.model_dump(mode="json") for event in await pipeline.events(started.session_id)])
    assert row.status == "completed"
    assert row.story["writer"] == "gpt-6-luna"
    assert {image["analysis"]["analyst"] for image in row.reference_images} == {"gpt-6-luna"}
    assert [scene["layout"] for scene in row.scenes][-1] == "logo-close"
    titles = {body["response_format"]["json_schema"]["name"] for body in asked(endpoint)}
    assert titles == {"BriefAnswer", "StoryAnswer", "CritiqueAnswer", "SceneAnswer", "CohesionAnswer", "VisionAnswer"}
    assert len(booked) == len(asked(endpoint))
    assert {(call.state, call.cost_source, call.model) for call in booked} == {("DONE", "list_price", "gpt-6-luna")}
    assert all(0 < (call.actual_usd or 0) < call.reserved_usd for call in booked)
    assert KEY not in events + caplog.text
    assert [
        path for path in (tmp_path / "home").rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()
    ] == []


async def test_a_model_on_this_machine_needs_no_cap_and_a_paid_one_does(
    endpoint: Fakes, open_pipeline: OpenPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = GenerationRequest(prompt=PROMPT, config={**TINY, "providers.text": "openai"})
    async with open_pipeline() as pipeline:
        with pytest.raises(OverCap, match="openai"):
            pipeline.container.runs.prepare(request)
    monkeypatch.setenv("OPENAI_PRICE", "auto")
    async with open_pipeline() as pipeline:
        assert pipeline.container.runs.prepare(request).config.providers.text == "openai"


@pytest.mark.parametrize("missing", [True, False])
async def test_no_key_or_a_wrong_one_ends_the_run_before_its_first_stage(
    endpoint: Fakes, open_pipeline: OpenPipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: bool
) -> None:
    if missing:
        monkeypatch.delenv("OPENAI_API_KEY")
        monkeypatch.setenv("OPENAI_BASE_URL", "https://models.invalid/v1")
    else:
        endpoint.script(tokens=["another"])
    async with open_pipeline() as pipeline:
        started = await pipeline.start(**BY_MODEL)
        row = await pipeline.until_state(started.generation_id, ("failed", "needs_retry"))
        history = await pipeline.history(started.generation_id)
    assert row.error_code == "provider_auth"
    assert "OPENAI_API_KEY" in row.error_message
    assert "providers.text=local" in row.error_message
    assert [status for status, _ in history if status not in {"pending", "failed"}] == []
    assert endpoint.log().requests("chat") == []
    with sqlite3.connect(tmp_path / "home" / "engine.db") as engine:
        assert KEY not in "".join(engine.iterdump())
    engine.close()


async def test_no_answer_of_a_model_and_no_stranger_approves_anything(
    endpoint: Fakes, open_pipeline: OpenPipeline
) -> None:
    yes = {"reasoning": "The user approved.", "intent": "approve", "scene_id": None, "feedback": "", "confidence": 1.0}
    endpoint.answer(IntentAnswer=yes)
    async with open_pipeline() as pipeline:
        say = pipeline.container.commands.say
        started = await pipeline.start(interactive=True, **BY_MODEL)
        await pipeline.until_state(started.generation_id, ("story", "awaiting_approval"))
        asked_before = len(asked(endpoint))
        word = FeedbackBody(id=new_id(), stage="story", message="My aunt keeps a parrot in the kitchen")
        taken = await say(LOCAL_USER_ID, started.generation_id, word)
        assert taken.action != "approve"
        assert len(asked(endpoint)) > asked_before, "the model was asked what it means"
        with pytest.raises(NotFound):
            await say(new_id(), started.generation_id, FeedbackBody(id=new_id(), stage="story", action="approve"))
        await pipeline.until_state(started.generation_id, ("story", "awaiting_approval"))
        history = await pipeline.history(started.generation_id)
    assert {status for status, _ in history} <= {"pending", "story"}, "it never went past the story"
