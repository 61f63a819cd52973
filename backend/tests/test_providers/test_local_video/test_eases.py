from __future__ import annotations

import pytest

from app.providers.local_video.eases import EASES, ease


@pytest.mark.parametrize("name", sorted(EASES))
def test_ends_are_exact_and_progress_is_clamped(name: str) -> None:
    assert ease(name, 0) == pytest.approx(0, abs=1e-9)
    assert ease(name, 1) == pytest.approx(1)
    assert ease(name, -3) == ease(name, 0)
    assert ease(name, 7) == ease(name, 1)


def test_only_the_playful_one_overshoots_and_by_little() -> None:
    peaks = {name: max(ease(name, n / 200) for n in range(201)) for name in EASES}
    assert {name for name, peak in peaks.items() if peak > 1.0001} == {"back-out"}
    assert peaks["back-out"] < 1.10


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        ease("wobble", 0.5)
