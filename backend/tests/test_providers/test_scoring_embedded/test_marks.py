"""The ramps are sound data; a severe fault is not averaged away; what is declared static may stand still."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.providers.scoring_embedded.marks import (
    along,
    book,
    no_score,
    overall,
    rounded,
    sub_scores,
    to_score,
    weakest_counts,
)
from app.providers.scoring_embedded.measure import Measured, Options

CLEAN = {name: max(ramp.points, key=lambda point: point[1])[0] for name, ramp in book().ramps.items()} | {"flat": 0.0}


@pytest.mark.parametrize("name", sorted(book().ramps))
def test_a_ramp_rises_in_value_and_bends_one_way(name: str) -> None:
    ramp = book().ramps[name]
    for points in (ramp.points, ramp.drawn or ramp.points):
        assert all(before < after for (before, _), (after, _) in pairwise(points))
        assert all(0 < mark <= 1 for _, mark in points)
        marks = [mark for _, mark in points]
        assert marks in (sorted(marks), sorted(marks, reverse=True))
    assert ramp.why.endswith(".")


def test_every_sub_score_has_ramps_and_a_weight() -> None:
    assert {ramp.score for ramp in book().ramps.values()} == set(book().weights)
    assert sum(book().weights.values()) == pytest.approx(1)


def test_all_well_is_full_marks_and_one_severe_fault_shows() -> None:
    assert overall(sub_scores(CLEAN, static=False)) == pytest.approx(1)
    noisy = sub_scores({**CLEAN, "noise": 20.0}, static=False)
    assert noisy["visual_appeal"] < 0.4 < noisy["coherence"]
    assert overall(noisy) < 0.6
    assert weakest_counts([(1.0, 9.0), (0.0, 1.0)]) < 0.5


def test_a_drawn_picture_is_held_to_its_own_ramp() -> None:
    ramp = book().ramps["frozen"]
    assert ramp.mark(0.8, 0.0) < ramp.mark(0.8, 0.5) < ramp.mark(0.8, 1.0)
    assert along([(0.0, 1.0), (1.0, 0.0)], 7.0) == 0


def test_a_clip_declared_static_may_stand_still() -> None:
    frozen = {**CLEAN, "frozen": 1.0}
    assert sub_scores(frozen, static=True)["motion"] == pytest.approx(1)
    assert sub_scores(frozen, static=False)["motion"] < 0.5


def test_a_score_carries_what_made_it() -> None:
    measured = Measured(dict(CLEAN), [1.0, 0.0], [0.0, 1.0], "hsv-histogram", 2.0, references=[1.0, 0.75, 0.2])
    score = to_score(measured, Options())
    assert (score.overall, score.dimensions["backbone"], score.duration) == (100, 0, 2)
    assert score.references == [1.0, 0.5, 0.0]
    assert score.vectors is not None
    assert score.vectors.kind == "hsv-histogram"
    assert no_score("It broke.").reason == "It broke."
    assert (rounded(1.2), rounded(-1), rounded(0.51239)) == (100, 0, 51.24)
