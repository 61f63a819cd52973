"""A real clip scores above everything that is none, at any length, with any cuts declared, and the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.core.errors import MediaError
from app.providers.scoring_embedded.marks import to_score
from app.providers.scoring_embedded.measure import Options, measure, watched
from tests.fixtures.media import ClipSpec, Picture, write_clip
from tests.fixtures.real_clips import street

SIZE = (640, 272)
RANDOM = np.random.default_rng(5)


def colour_bars() -> Picture:
    colours = [(235, 235, 235), (235, 235, 16), (16, 235, 235), (16, 235, 16), (235, 16, 235), (235, 16, 16)]
    stripes = np.array(colours, np.uint8)[None]
    return np.asarray(cv2.resize(stripes, SIZE, interpolation=cv2.INTER_NEAREST))


def fakes() -> dict[str, list[Picture]]:
    """What must score below the real shot."""
    real = list(street())
    grey = np.full((272, 640, 3), 128, np.uint8)
    return {
        "frozen": [real[0]] * len(real),
        "noise": [RANDOM.integers(0, 256, grey.shape).astype(np.uint8) for _ in real],
        "shuffled": [real[number] for number in RANDOM.permutation(len(real))],
        "grey": [grey] * len(real),
        "bars": [colour_bars()] * len(real),
        "black": [0 * grey] * len(real),
    }


def written(path: Path, pictures: Sequence[Picture]) -> Path:
    size = (pictures[0].shape[1], pictures[0].shape[0])
    spec = ClipSpec(size=size, rate=Fraction(25), frames=len(pictures))
    return write_clip(path, spec, painter=lambda number: pictures[number])


def overall(path: Path, options: Options = Options()) -> float:  # noqa: B008  frozen
    score = to_score(measure(path, options), options)
    assert score.overall is not None
    return score.overall


@pytest.mark.ac("AC-4.4")
def test_a_real_clip_scores_above_what_is_none(tmp_path: Path) -> None:
    real = overall(written(tmp_path / "real.mp4", street()))
    assert real >= 80
    found = {name: overall(written(tmp_path / f"{name}.mp4", pictures)) for name, pictures in fakes().items()}
    assert all(score < 65 for score in found.values()), found


def test_a_corrupt_clip_has_no_number(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mp4", street()[:8])
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(MediaError):
        measure(path, Options())


def test_the_same_file_gives_the_same_numbers(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mp4", street()[:8])
    assert measure(path, Options()) == measure(path, Options())


def test_a_shot_declared_static_is_not_punished_for_standing_still(tmp_path: Path) -> None:
    path = written(tmp_path / "still.mp4", [street()[0]] * 20)
    assert overall(path, Options(static=True)) >= 80 > 65 > overall(path)


def test_cuts_that_are_meant_cost_no_coherence(tmp_path: Path) -> None:
    blue = np.zeros((272, 640, 3), np.uint8)
    other = [np.asarray(cv2.circle(blue.copy(), (150 + 12 * n, 140), 90, (240, 160, 20), -1)) for n in range(16)]
    path = written(tmp_path / "cut.mp4", [*street()[:16], *other])
    found = measure(path, Options()), measure(path, Options(edited=True))
    assert found[0].signals["cuts"] == found[1].signals["cuts"] == 1
    assert found[0].signals["subject_ends"] < 0.7 < 0.9 < found[1].signals["subject_ends"]


def test_a_reference_picture_is_compared_with_the_subject(tmp_path: Path) -> None:
    bgr = np.ascontiguousarray(street()[10][..., ::-1])
    own, other, broken = (tmp_path / name for name in ("own.png", "other.png", "broken.png"))
    cv2.imwrite(str(own), bgr)
    cv2.imwrite(str(other), np.ascontiguousarray(colour_bars()[..., ::-1]))
    broken.write_bytes(b"")
    path = written(tmp_path / "clip.mp4", street()[:12])
    same, foreign = measure(path, Options(references=(own, other))).references
    assert same > 0.9 > foreign + 0.1
    with pytest.raises(MediaError, match=r"broken\.png"):
        measure(path, Options(references=(broken,)))


def test_a_long_file_is_watched_for_a_minute_spread_over_it() -> None:
    seconds = [second for second in range(240) if watched(second + 0.5, 240.0)]
    assert len(seconds) == 60
    assert (seconds[0], seconds[-1]) == (3, 239)
    assert all(watched(second + 0.5, 59.0) for second in range(59))


def test_a_file_shorter_than_its_key_pictures_is_measured(tmp_path: Path) -> None:
    spec = replace(ClipSpec(), size=(64, 36), frames=2)
    found = measure(write_clip(tmp_path / "two.mp4", spec), Options())
    assert all(np.isfinite(value) for value in found.signals.values())
