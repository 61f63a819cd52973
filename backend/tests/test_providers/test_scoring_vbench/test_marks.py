"""Marks follow VBench's own normalisation, worked out here a second time as its leaderboard script does it."""

from __future__ import annotations

import pytest

from app.ports.scoring import Score
from app.providers.scoring_vbench.book import book
from app.providers.scoring_vbench.marks import of_film, to_score
from tests.fixtures.vbench import recorded

LOWEST = {"subject_consistency": 0.1462, "background_consistency": 0.2615, "motion_smoothness": 0.706}
RAW = {name: average for name, (average, _) in recorded().items()}


def by_hand(*names: str) -> float:
    highest, half = {"motion_smoothness": 0.9975}, {"dynamic_degree": 0.5}
    total = sum(
        (RAW[name] - LOWEST.get(name, 0)) / (highest.get(name, 1) - LOWEST.get(name, 0)) * half.get(name, 1)
        for name in names
    )
    return 100 * total / sum(half.get(name, 1) for name in names)


@pytest.mark.parametrize("noncommercial", [True, False])
def test_the_overall_score_is_vbenchs_quality_over_what_was_measured(noncommercial: bool) -> None:
    measured = book().measured(noncommercial=noncommercial)
    raw = {name: RAW[name] for name in measured}
    score = to_score(raw, measured, "0.1.5", 8.0)
    assert score.overall == pytest.approx(by_hand(*measured), abs=0.01)
    assert score.coherence == pytest.approx(by_hand("subject_consistency", "background_consistency"), abs=0.01)
    if noncommercial:
        assert score.motion == pytest.approx(by_hand("motion_smoothness"), abs=0.01)
        assert score.visual_appeal == pytest.approx(by_hand("aesthetic_quality", "imaging_quality"), abs=0.01)
    else:  # a yes or no is no mark
        assert score.motion is None
        assert score.visual_appeal == pytest.approx(58.21)
    assert score.composition is None
    assert score.dimensions == pytest.approx(raw, abs=1e-5)
    assert (score.duration, score.reason, score.scorer) == (8.0, None, "vbench")


def test_what_is_outside_vbenchs_range_is_cut() -> None:
    raw = {**dict.fromkeys(RAW, 0.0), "motion_smoothness": 1.0}
    score = to_score(raw, book().dimensions, "0.1.5", 1.0)
    assert (score.coherence, score.motion, score.visual_appeal) == (0, 100, 0)


def clip(overall: float, motion: float | None, seconds: float, version: str = "1") -> Score:
    return Score(overall=overall, motion=motion, duration=seconds, scorer="vbench", scorer_version=version)


def test_a_film_is_the_mean_of_its_clips_by_length() -> None:
    film = of_film([clip(90, 80, 1), clip(60, 50, 2)], "1")
    assert (film.overall, film.motion, film.duration) == (70, 60, 3)
    assert (film.composition, film.coherence) == (None, None)
    assert of_film([clip(90, 80, 1), clip(60, None, 2)], "1").motion is None


def test_a_film_of_differently_measured_clips_has_none() -> None:
    film = of_film([clip(90, 80, 1), clip(60, 50, 2, "2")], "1")
    assert film.overall is None
    assert film.reason == "The clips were scored by different scorers. Score them again."
