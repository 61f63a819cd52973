from __future__ import annotations

from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from app.providers.local_video.render import prepare
from app.providers.local_video.transitions import REST, halves, treatment
from app.schemas.unified_pipeline import Transition
from tests.fixtures.clips import draw, payload_of, request_of, scene_of


def _boundary(kind: Transition, tmp_path: Path) -> tuple[NDArray[np.uint8], ...]:
    """Return (middle of A, last of A, first of B, middle of B) of two different scenes of one ad."""
    one = scene_of("hero-split", ("product",), duration=2.0, transition_out=kind)
    two = scene_of("titlecard", duration=2.0, transition_in=kind)
    first = draw(payload_of(request_of(one, clip_index=0), tmp_path), [12, 19])
    second = draw(payload_of(request_of(two, clip_index=1), tmp_path), [0, 14])
    return first[0], first[1], second[0], second[1]


def _detail(picture: NDArray[np.uint8]) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())


@pytest.mark.parametrize("kind", ["overexpose", "dip"])
def test_exposure_meets_on_one_colour(kind: Transition, tmp_path: Path) -> None:
    middle, last, first, _ = _boundary(kind, tmp_path)
    assert np.abs(last.astype(int) - first.astype(int)).max() <= 2
    assert abs(float(last.mean()) - float(middle.mean())) > 15


@pytest.mark.parametrize("kind", ["overexpose", "dip"])
def test_exposure_meets_between_a_dark_photo_and_a_light_ad(kind: Transition, tmp_path: Path) -> None:
    night = scene_of("full-bleed", ("environment",), transition_out=kind)
    day = scene_of("titlecard", transition_in=kind)
    dark = np.full((90, 160, 4), (20, 16, 24, 255), np.uint8)
    last = draw(payload_of(request_of(night, tone="calm"), tmp_path, environment=dark), [9])[0]
    first = draw(payload_of(request_of(day, tone="calm"), tmp_path), [0])[0]
    assert np.abs(last.astype(int) - first.astype(int)).max() <= 2


@pytest.mark.parametrize("kind", ["blur-through", "zoom-through"])
def test_blur_meets(kind: Transition, tmp_path: Path) -> None:
    before, last, first, after = _boundary(kind, tmp_path)
    assert _detail(last) < 0.25 * _detail(before)
    assert _detail(first) < 0.25 * _detail(after)
    assert abs(float(last.mean()) - float(first.mean())) < 20


def test_velocity_cut_leaves_and_enters_in_one_direction_past_bare_ground(tmp_path: Path) -> None:
    _, last, first, _ = _boundary("velocity-cut", tmp_path)
    assert _detail(last) < 60
    assert _detail(first) < 60
    spec, _ = prepare(payload_of(request_of(scene_of("titlecard", transition_out="velocity-cut")), tmp_path))
    shifts = [treatment(spec, n).shift for n in range(spec.frames)]
    assert min(shifts) < 0
    spec, _ = prepare(payload_of(request_of(scene_of("titlecard", transition_in="velocity-cut")), tmp_path))
    assert max(treatment(spec, n).shift for n in range(spec.frames)) > 0


@pytest.mark.parametrize("kind", get_args(Transition))
def test_the_middle_of_a_clip_is_left_alone(kind: Transition, tmp_path: Path) -> None:
    scene = scene_of("titlecard", transition_in=kind, transition_out=kind)
    spec, _ = prepare(payload_of(request_of(scene), tmp_path))
    assert treatment(spec, spec.frames // 2) == REST


def test_an_ad_starts_clean_and_may_only_end_in_a_dip() -> None:
    head, tail = halves(("blur-through", "zoom-through"), (0, 3), 4.0)
    assert (head.kind, tail.kind) == ("hard-cut", "zoom-through")
    head, tail = halves(("blur-through", "zoom-through"), (2, 3), 4.0)
    assert (head.kind, tail.kind) == ("blur-through", "hard-cut")
    assert halves(("hard-cut", "dip"), (2, 3), 4.0)[1].kind == "dip"


def test_joints_stay_short_in_short_clips() -> None:
    head, tail = halves(("dip", "dip"), (1, 3), 1.0)
    assert head.seconds <= 0.2
    assert tail.seconds <= 0.2
