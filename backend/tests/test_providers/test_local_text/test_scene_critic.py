"""The scene critic: a scene changed in one way loses points for just that."""

from __future__ import annotations

from typing import Any

import pytest

from app.schemas.story import Copy
from tests.test_providers.test_local_text.ads import SIX, judge_scene, scene, story

TOLD = story(SIX[1])
GOOD = scene(TOLD, 2)
LAST = scene(TOLD, 5)
FAULTS: list[tuple[str, Any, dict[str, Any]]] = [
    ("description_length", GOOD, {"description": "The kayak on a shore."}),
    ("no_lock", GOOD, {"description": GOOD.description.replace("teal body", "steel body")}),
    ("no_camera", GOOD, {"camera": " "}),
    ("drawn_text", GOOD, {"description": GOOD.description + " A caption appears."}),
    ("cliche", GOOD, {"description": GOOD.description + " A game-changer on the water."}),
    ("no_person", GOOD, {"description": GOOD.description + " A woman lifts the boat."}),
    ("brand_misspelt", GOOD, {"description": GOOD.description + " The name Tarm is seen."}),
    ("scene_duration", GOOD, {"duration": 9.0}),
    ("copy_changed", GOOD, {"copy_text": Copy(headline="Something else.")}),
    ("layout_last", LAST, {"layout": "titlecard"}),
    ("missing_cta", LAST, {"copy_text": LAST.copy_text.model_copy(update={"cta": None})}),
    ("list_items", GOOD, {"layout": "stack-list"}),
    ("beats_items", GOOD, {"layout": "type-beats"}),
]


@pytest.mark.parametrize(("code", "good", "change"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_is_named_and_costs(code: str, good: Any, change: dict[str, Any]) -> None:
    before = judge_scene(TOLD, good)
    after = judge_scene(TOLD, good.model_copy(update=change))
    assert before.approved
    assert code not in [issue.code for issue in before.issues]
    assert code in [issue.code for issue in after.issues]
    assert after.score < before.score


def test_places_are_not_invented_for_unknown_things() -> None:
    told = story(SIX[3])
    shot = scene(told, 3)
    moved = shot.model_copy(update={"description": shot.description + " On a beach."})
    assert "above_level" in [issue.code for issue in judge_scene(told, moved).issues]
