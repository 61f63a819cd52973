"""A result file is taken only when it is what was asked for, in the units we know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from app.core.errors import BadOutput
from app.providers.scoring_vbench.answers import Answer, raw_values
from app.providers.scoring_vbench.book import book
from tests.fixtures.vbench import recorded


def read(results: dict[str, Any]) -> dict[str, float]:
    answer = Answer.model_validate_json(json.dumps({"results": results}))
    assert answer.results is not None
    return raw_values(answer.results, book().dimensions)


def test_the_averages_of_a_recorded_file_are_its_values() -> None:
    results = recorded()
    assert read(results) == pytest.approx({key: average for key, (average, _) in results.items()})


def test_what_vbench_itself_wrote_has_the_documented_shape() -> None:
    written, documented = recorded("random_weights.captured.json"), recorded()
    assert {name: shape(each) for name, each in written.items()} == {n: shape(e) for n, e in documented.items()}
    with pytest.raises(BadOutput, match=r"imaging_quality is -0\.00304648, which is not"):
        read(written)  # its weights were random numbers
    values = read({**written, "imaging_quality": recorded()["imaging_quality"]})
    assert values["dynamic_degree"] == 1.0


def shape(said: Any) -> Any:
    if isinstance(said, dict):
        return {key: shape(value) for key, value in said.items()}
    return [shape(each) for each in said] if isinstance(said, list) else type(said).__name__


def one(value: Any, average: Any = None) -> list[Any]:
    return [value if average is None else average, [{"video_path": "clip.mp4", "video_results": value}]]


@pytest.mark.parametrize(
    ("dimension", "said", "why"),
    [
        ("imaging_quality", one(0.69), "imaging_quality is 0.69, but its video is 0.69"),
        ("imaging_quality", one(69.4, 69.4), "imaging_quality is 69.4, but"),
        ("aesthetic_quality", one(5.8), "aesthetic_quality is 5.8, which is not between 0 and 1"),
        ("subject_consistency", one(-0.2), "not between"),
        ("dynamic_degree", one(value=True, average=0.0), "dynamic_degree is 0, but its video is 1"),
        ("motion_smoothness", [0.9, []], "0 videos instead of one"),
        ("motion_smoothness", [0.9, one(0.9)[1] * 2], "2 videos instead of one"),
        ("temporal_flickering", one(0.9), "temporal_flickering"),
        ("subject_consistency", None, "instead of"),
    ],
)
def test_a_result_that_cannot_be_right_is_refused(dimension: str, said: Any, why: str) -> None:
    results = {**recorded(), dimension: said}
    if said is None:
        del results[dimension]
    with pytest.raises(BadOutput, match="can't be right") as caught:
        read(results)
    assert why in caught.value.message


@pytest.mark.parametrize("said", [one("0.9"), one(float("nan")), one(float("inf")), [0.9], 0.9, one(value=None)])
def test_what_has_another_shape_is_no_answer(said: Any) -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate_json(json.dumps({"results": {"subject_consistency": said}}))


def test_rounding_may_leave_the_range_by_a_hair() -> None:
    assert read({**recorded(), "subject_consistency": one(1.0000001)})["subject_consistency"] == 1.0
