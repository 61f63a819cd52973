"""What a word at a gate becomes before anybody reads it: for which gate, naming what, accepting which price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.core.errors import Conflict, InvalidInput
from app.db.models import Generation
from app.schemas.unified_pipeline import Gate, GenerationRequest, PipelineConfig, Quote, Scene
from app.services.unified_pipeline.words import Heard, _feedback, _gate_for

GATE = Gate(stage="scenes", draft_digest="draft-1", quote=Quote(digest="quote-1"))


def row(status: str, substage: str | None, stage: str | None, gate: Gate | None = None, **more: Any) -> Generation:
    request = GenerationRequest(prompt="A thermos", interactive=more.pop("interactive", True))
    return Generation(
        status=status,
        substage=substage,
        current_stage=stage,
        gate=None if gate is None else gate.model_dump(mode="json"),
        request=request.model_dump(mode="json"),
        config=PipelineConfig(gates=["story", "scenes"]).model_dump(mode="json"),
        scenes=[Scene(id=n, description="x", duration=1).model_dump(mode="json") for n in (1, 2)],
    )


def said(intent: str, message: str = "", stage: str = "scenes", **more: Any) -> Heard:
    return Heard.model_validate({"id": "m1", "stage": stage, "message": message, "intent": intent, **more})


def test_an_open_gate_takes_words_of_its_own_stage() -> None:
    waiting = row("scenes", "awaiting_approval", "scenes", GATE)
    assert _gate_for(waiting, "scenes") == GATE
    with pytest.raises(Conflict, match="scenes wait for your word, not the story"):
        _gate_for(waiting, "story")


@pytest.mark.parametrize("left", ["cancelled", "expired"])
def test_a_gate_that_was_left_is_opened_again_by_a_word(left: str) -> None:
    assert _gate_for(row("story", left, "story"), "story") is None


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (("story", None, "story"), "work is going on"),
        (("pending", None, None), "work is going on"),
        (("story", "paused", "story"), "the ad is paused"),
        (("failed", "needs_retry", "story"), "the ad is needs_retry"),
        (("completed", None, None), "finished"),
    ],
)
def test_elsewhere_nobody_waits_and_nothing_is_stored(state: tuple[Any, Any, Any], why: str) -> None:
    with pytest.raises(Conflict, match=why):
        _gate_for(row(*state), "story")


def test_an_ad_without_gates_has_none_to_open_again() -> None:
    with pytest.raises(Conflict, match="the ad is cancelled"):
        _gate_for(row("story", "cancelled", "story", interactive=False), "story")


def test_an_approval_names_the_draft_and_a_free_price() -> None:
    word = _feedback(row("scenes", "awaiting_approval", "scenes", GATE), GATE, said("approve", "yes please"))
    assert word is not None
    assert (word.draft_digest, word.quote_digest, word.message) == ("draft-1", "quote-1", "")


def test_a_price_above_nothing_must_be_named_by_the_user() -> None:
    paid = GATE.model_copy(update={"quote": Quote(total_usd=Decimal("1.50"), digest="quote-2")})
    waiting = row("scenes", "awaiting_approval", "scenes", paid)
    blind, named = (
        _feedback(waiting, paid, said("approve")),
        _feedback(waiting, paid, said("approve", quote_digest="q")),
    )
    assert [word.quote_digest for word in (blind, named) if word] == ["", "q"]


def test_an_unclear_word_becomes_none() -> None:
    assert _feedback(row("scenes", "awaiting_approval", "scenes", GATE), GATE, said("unclear", "hm")) is None


@pytest.mark.parametrize(
    ("message", "expected"), [("make it blue", "scene 2: make it blue"), ("scene 2 in blue", "scene 2 in blue")]
)
def test_an_edit_of_the_story_is_a_refinement_that_names_the_scene(message: str, expected: str) -> None:
    gate = Gate(stage="story", draft_digest="d")
    without_story = row("story", "awaiting_approval", "story", gate)
    word = _feedback(without_story, gate, said("edit", message, "story", scene_id=2))
    assert word is not None
    assert (word.action, word.message) == ("refine", expected)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (said("edit", "blue"), "Which scene"),
        (said("edit", "blue", scene_id=9), "no scene 9"),
        (said("refine", "  "), "nothing in it to act on"),
        (said("reorder", order=[1]), "each scene once"),
        (said("reorder"), "each scene once"),
    ],
)
def test_a_word_that_cannot_be_acted_on_is_refused(word: Heard, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        _feedback(row("scenes", "awaiting_approval", "scenes", GATE), GATE, word)
