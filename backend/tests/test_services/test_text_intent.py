"""The ad's own language model as a reader of words at a gate: asked when the rules are not sure, never to approve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ChargeUnknown, OverCap
from app.providers.local_text.adapter import LocalTextModel
from app.services.pipeline.conversation_handler import ConversationHandler
from app.services.pipeline.text_intent import TextIntent, readers
from tests.fixtures.fakes import Fakes
from tests.fixtures.language_model import asked, text_model

UNSURE = "das Ende schwächelt"


def answer(intent: str, confidence: float) -> dict[str, Any]:
    return {"reasoning": "r", "intent": intent, "scene_id": None, "feedback": "", "confidence": confidence}


@pytest.mark.ac("AC-5.9")
@pytest.mark.parametrize(
    ("said", "intent"),
    [
        (answer("refine", 0.9), "refine"),
        (answer("regenerate", 0.9), "regenerate"),
        (answer("unclear", 0.9), "unclear"),
        (answer("refine", 0.2), "unclear"),
        ({**answer("refine", 0.9), "intent": "approve"}, "unclear"),
    ],
)
async def test_what_the_rules_leave_open_is_read_and_never_approved(
    fakes: Fakes, tmp_path: Path, said: dict[str, Any], intent: str
) -> None:
    fakes.answer(IntentAnswer=said)
    model = text_model(fakes, tmp_path)
    parsed = await ConversationHandler().understand(UNSURE, "story", scene_count=5, also=readers(model, "g1"))
    await model.aclose()
    assert parsed.intent == intent
    assert UNSURE in str(asked(fakes)[0]["messages"][-1]["content"])


async def test_clear_words_cost_nothing(fakes: Fakes, tmp_path: Path) -> None:
    model = text_model(fakes, tmp_path)
    parsed = await ConversationHandler().understand("looks good", "story", also=readers(model, "g1"))
    await model.aclose()
    assert parsed.intent == "approve"
    assert fakes.log().requests() == []


async def test_a_model_that_fails_leaves_the_question_to_the_user(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("chat_500")
    model = text_model(fakes, tmp_path)
    parsed = await ConversationHandler().understand(UNSURE, "story", also=readers(model, "g1"))
    await model.aclose()
    assert (parsed.intent, bool(parsed.question)) == ("unclear", True)


@pytest.mark.parametrize("error", [OverCap("The next text call would pass the cap."), ChargeUnknown("It was cut off.")])
async def test_what_may_not_be_paid_is_not_read(error: Exception) -> None:
    class Unpaid:
        async def read_intent(self, data: Any, ctx: Any) -> Any:
            raise error

    parsed = await ConversationHandler().understand(UNSURE, "story", also=[TextIntent(Unpaid(), "g1")])
    assert (parsed.intent, bool(parsed.question)) == ("unclear", True)


def test_the_copywriter_reads_no_messages() -> None:
    assert readers(LocalTextModel(), "g1") == []
