from __future__ import annotations

import pytest

from app.providers.local_video.scene_spec import Box, Cue, value_at


def test_the_latest_started_cue_rules() -> None:
    cues = (Cue("alpha", 1.0, 2.0, 0.0, 1.0, "linear"), Cue("alpha", 3.0, 4.0, 1.0, 0.2, "linear"))
    assert [value_at(cues, "alpha", t) for t in (0.0, 1.5, 2.5, 3.5, 9.0)] == pytest.approx([0.0, 0.5, 1.0, 0.6, 0.2])


def test_properties_without_a_cue_rest() -> None:
    assert value_at((), "scale", 1.0) == 1.0
    assert value_at((), "x", 1.0) == 0.0


def test_a_cue_without_length_is_a_step() -> None:
    cues = (Cue("alpha", 1.0, 1.0, 0.0, 1.0),)
    assert (value_at(cues, "alpha", 0.99), value_at(cues, "alpha", 1.0)) == (0.0, 1.0)


def test_boxes() -> None:
    box = Box(10, 20, 30, 40)
    assert (box.right, box.bottom, box.cx, box.cy) == (40, 60, 25, 40)
    assert box.overlaps(Box(39, 59, 5, 5))
    assert not box.overlaps(Box(40, 20, 5, 5))
    assert box.holds(box.inset(2, 3))
    assert not box.holds(Box(9, 20, 5, 5))
    assert box.holds(Box(9, 20, 5, 5), slack=1)
