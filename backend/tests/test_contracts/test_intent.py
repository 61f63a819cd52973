"""One suite over every intent model: a guess for any text, no surprise approvals, the same answer every time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.ports.intent import IntentModel
from app.providers.local_intent.encoder import SentenceEncoder
from app.services.pipeline.text_intent import TextIntent
from tests.fixtures.fakes import Fakes
from tests.fixtures.language_model import text_model


@pytest.fixture(params=["encoder", "text"])
async def model(request: pytest.FixtureRequest, fakes: Fakes, tmp_path: Path) -> AsyncIterator[IntentModel]:
    text = text_model(fakes, tmp_path)
    yield SentenceEncoder() if request.param == "encoder" else TextIntent(text, "g1")
    await text.aclose()


@pytest.mark.parametrize(
    "message", ["", " ", "\x00", "\ud800", "😀", "a" * 100_000, "مرحبا", "1 2 3", "make it funnier"]
)
async def test_any_text_gets_a_guess(model: IntentModel, message: str) -> None:
    for count in (None, 0, 5):
        guess = await model.classify(message, "scenes", count)
        assert 0 <= guess.confidence <= 1
        assert guess.intent != "approve" or model.may_approve


async def test_the_same_message_gets_the_same_guess(model: IntentModel) -> None:
    assert await model.classify("weniger Text", "story", 5) == await model.classify("weniger Text", "story", 5)


async def test_approving_words_that_are_not_quoted_are_no_approval(model: IntentModel) -> None:
    for message in ("yes", "looks good", "genehmigt", "approve everything"):
        guess = await model.classify(message, "story", 5)
        assert guess.intent != "approve" or guess.quote in message
        assert guess.intent != "approve" or model.may_approve
