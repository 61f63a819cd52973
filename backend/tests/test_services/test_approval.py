"""Which approvals count: of this draft, at this price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest

from app.core.errors import Interrupted
from app.schemas.unified_pipeline import Gate, Quote, UserFeedback
from app.services.unified_pipeline.approval import Approval

FREE, PAID = Quote(digest="free"), Quote(total_usd=Decimal("1.20"), digest="paid")


def approval(quote: Quote | None = None) -> Approval:
    return Approval(cast("Any", None), Gate(stage="scenes", draft_digest="now", quote=quote), "scenes.gate.1", "scenes")


def word(action: str, draft: str = "", price: str = "") -> UserFeedback:
    given = {"id": "m", "stage": "scenes", "action": action, "draft_digest": draft, "quote_digest": price}
    return UserFeedback.model_validate(given)


@pytest.mark.parametrize(
    ("quote", "draft", "price", "refused"),
    [
        (None, "now", "", ""),
        (None, "", "", ""),
        (None, "before", "", "earlier draft"),
        (FREE, "now", "", ""),
        (FREE, "now", "free", ""),
        (FREE, "now", "paid", "price has changed"),
        (PAID, "now", "paid", ""),
        (PAID, "now", "", "price has changed"),
        (PAID, "now", "other", "price has changed"),
        (PAID, "before", "paid", "earlier draft"),
    ],
)
def test_an_approval_counts_for_this_draft_at_this_price(
    quote: Quote | None, draft: str, price: str, refused: str
) -> None:
    why = approval(quote)._refused(word("approve", draft, price))
    assert refused in why
    assert bool(why) is bool(refused)


@pytest.mark.parametrize("action", ["refine", "regenerate", "edit", "reorder", "cancel"])
def test_a_wish_is_taken_whatever_it_was_about(action: str) -> None:
    assert approval(PAID)._refused(word(action, "before", "other")) == ""


@pytest.mark.parametrize(("action", "why"), [("cancel", "You stopped it"), ("timeout", "Nobody answered in time")])
def test_leaving_a_gate_interrupts_the_run_and_says_why(action: str, why: str) -> None:
    with pytest.raises(Interrupted, match=f"waits at the scenes stage. {why}"):
        approval()._followed(word(action))


def test_any_other_word_is_handed_on() -> None:
    wish = word("refine")
    assert approval()._followed(wish) is wish
