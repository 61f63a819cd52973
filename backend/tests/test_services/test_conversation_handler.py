"""Words to intent. The rule that matters: nothing unclear is ever an approval."""

from __future__ import annotations

import pytest

from app.services.pipeline.conversation_handler import ConversationHandler


@pytest.fixture(scope="module")
def handler() -> ConversationHandler:
    return ConversationHandler()


@pytest.mark.parametrize("message", ["yes", "Yes!", "ok", "Looks good", "approve.", "  continue ", "Love it!"])
def test_plain_approvals(handler: ConversationHandler, message: str) -> None:
    assert handler.parse_intent(message, "story").intent == "approve"


@pytest.mark.parametrize(
    "message",
    [
        "yes, but make it shorter",
        "I like it but the ending is weak",
        "ok except scene 2",
        "not good",
        "looks good?? not really",
        "approve nothing",
        "good grief",
        "hm",
        "",
        "👍🏽 maybe",
    ],
)
@pytest.mark.parametrize("stage", ["story", "scenes"])
def test_anything_mixed_or_unclear_is_never_an_approval(handler: ConversationHandler, message: str, stage: str) -> None:
    assert handler.parse_intent(message, stage).intent != "approve"


@pytest.mark.parametrize("message", ["regenerate", "try again", "Redo!"])
def test_regenerate(handler: ConversationHandler, message: str) -> None:
    assert handler.parse_intent(message, "story").intent == "regenerate"


def test_feedback_is_passed_on_word_for_word(handler: ConversationHandler) -> None:
    parsed = handler.parse_intent(" Make it funnier, please ", "story")
    assert (parsed.intent, parsed.text) == ("refine", "Make it funnier, please")


def test_a_named_scene_is_edited_at_the_scenes_gate_only(handler: ConversationHandler) -> None:
    parsed = handler.parse_intent("make scene 2 more dramatic", "scenes")
    assert (parsed.intent, parsed.scene_id) == ("edit", 2)
    assert handler.parse_intent("make scene 2 more dramatic", "story").intent == "refine"


def test_one_unknown_word_asks_back(handler: ConversationHandler) -> None:
    assert handler.parse_intent("purple", "story").intent == "unclear"
