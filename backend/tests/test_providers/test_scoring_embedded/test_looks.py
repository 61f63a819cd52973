"""Consistency follows VBench's formula; composition says where the eye goes."""

from __future__ import annotations

import numpy as np
import pytest

from app.providers.scoring_embedded.backbone import Look, unit
from app.providers.scoring_embedded.looks import composition, consistency, cosine, mean_vector, vbench_consistency

EAST, NORTH = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
BETWEEN = unit(EAST + NORTH)
MAP = np.ones((4, 4), np.float32)


def test_vbenchs_formula_to_the_letter() -> None:
    half = float(np.sqrt(0.5))
    assert vbench_consistency(np.array([EAST, BETWEEN, NORTH])) == pytest.approx((half + (half + 0) / 2) / 2)
    assert vbench_consistency(np.array([EAST, -EAST])) == 0
    assert vbench_consistency(np.array([EAST])) == 1


def test_the_ends_and_the_worst_step_are_told() -> None:
    found = consistency([Look(MAP, each, EAST) for each in (EAST, EAST, NORTH)])
    assert found["subject_step"] == found["subject_ends"] == pytest.approx(0, abs=1e-6)
    assert found["background_step"] == found["background_ends"] == found["background_consistency"] == pytest.approx(1)
    assert consistency([Look(MAP, EAST, EAST)])["subject_step"] == 1
    assert cosine(mean_vector([EAST, NORTH]), BETWEEN) == pytest.approx(1)
    assert cosine(EAST, 0 * EAST) == 0


def test_a_subject_cut_by_a_side_is_told_from_one_that_stands_on_the_ground() -> None:
    maps = {where: np.zeros((90, 160), np.float32) for where in ("centre", "left", "right", "ground")}
    maps["centre"][30:60, 65:95] = maps["left"][30:60, 0:30] = maps["right"][30:60, 130:] = 0.9
    maps["ground"][50:, 60:100] = 0.9
    found = {where: composition(each) for where, each in maps.items()}
    assert found["centre"]["cut_sides"] == found["ground"]["cut_sides"] == 0
    assert found["left"]["cut_sides"] == found["right"]["cut_sides"] == pytest.approx(1)
    assert found["centre"]["off_point"] < 0.02 < 0.2 < found["left"]["off_point"]
    assert all(np.isfinite(value) for value in composition(np.zeros((3, 5), np.float32)).values())
