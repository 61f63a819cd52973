"""A film's score comes from its clips: weighted by length; half of its coherence is how alike the clips look."""

from __future__ import annotations

import pytest

from app.ports.scoring import Score, Vectors, alike, similarity
from app.providers.scoring_embedded.film import cross_clip, overall_of
from app.providers.scoring_embedded.marks import NAME, VERSION


def clip(mark: float, seconds: float = 4.0, look: tuple[float, float] = (1.0, 0.0), version: str = VERSION) -> Score:
    parts = dict.fromkeys(("overall", "composition", "coherence", "motion", "visual_appeal"), mark)
    vectors = Vectors(kind="test", subject=list(look), background=list(look))
    return Score(**parts, vectors=vectors, duration=seconds, scorer=NAME, scorer_version=version)


def test_means_are_weighted_by_length() -> None:
    film = overall_of([clip(90, 6), clip(60, 2)])
    assert film.motion == pytest.approx(82.5)
    assert film.duration == 8
    assert film.dimensions["cross_clip"] == 1


def test_clips_that_look_alike_make_a_more_coherent_film() -> None:
    same, other = overall_of([clip(90), clip(90)]), overall_of([clip(90), clip(90, look=(0.0, 1.0))])
    assert same.coherence is not None
    assert other.coherence is not None
    assert same.coherence == pytest.approx(95)
    assert other.coherence < 65
    assert (other.motion, other.dimensions["in_clip_coherence"]) == (90, 0.9)


def test_one_clip_has_no_neighbour() -> None:
    film = overall_of([clip(90)])
    assert film.coherence == 90
    assert "cross_clip" not in film.dimensions
    assert cross_clip([clip(90), clip(90).model_copy(update={"vectors": None})]) is None


def test_scores_of_two_versions_are_not_mixed() -> None:
    film = overall_of([clip(90), clip(90, version="0.9")])
    assert film.overall is None
    assert film.reason


def test_similarity_is_0_for_what_has_nothing_in_common_and_1_for_the_same() -> None:
    first = Vectors(kind="test", subject=[1.0, 0.0], background=[1.0, 0.0])
    assert similarity(first, first) == 1
    assert similarity(first, first.model_copy(update={"kind": "other"})) is None
    assert alike([1.0, 0.0], [0.0, 1.0]) == 0
    assert alike([1.0, 0.0], [0.8, 0.6]) == pytest.approx(0.6)
    assert alike([0.0, 0.0], [1.0, 0.0]) == 0
