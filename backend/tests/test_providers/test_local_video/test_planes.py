from __future__ import annotations

import numpy as np
import pytest

from app.providers.local_video import color
from app.providers.local_video.compositor import Area, Player, area_of
from app.providers.local_video.planes import Planes, rounded_mask, solid, to_planes, to_sprite, yuv_of
from app.providers.local_video.render import to_rgb
from app.providers.local_video.scene_spec import Box, Cue, Layer, SceneSpec, ShapeArt


@pytest.mark.parametrize("text", ["#c2456b", "#102030", "#f4efe8", "#1d4fd7"])
def test_conversion_is_the_one_the_tags_promise(text: str) -> None:
    flat = np.broadcast_to(np.asarray(color.from_hex(text), np.float32), (8, 8, 3))
    back = to_rgb(to_planes(flat, dither=0.0)).reshape(-1, 3).mean(axis=0) / 255
    assert np.abs(back - color.from_hex(text)).max() < 0.02


def test_dither_breaks_bands() -> None:
    ramp = np.repeat(np.linspace(0.10, 0.12, 256, dtype=np.float32)[None, :, None], 64, 0).repeat(3, 2)
    plain, dithered = to_planes(ramp, dither=0.0).y, to_planes(ramp, dither=1.0).y
    assert len({tuple(column) for column in plain.T}) < 10
    assert len({tuple(column) for column in dithered.T}) > 200
    assert abs(float(dithered.mean()) - float(plain.mean())) < 0.3


def test_sprites_are_premultiplied_and_even() -> None:
    sprite = to_sprite(np.ones((5, 7, 3), np.float32), np.full((5, 7), 0.5, np.float32))
    assert sprite.size == (8, 6)
    assert int(sprite.y[0, 0]) == pytest.approx(yuv_of((1, 1, 1))[0] * 0.5, abs=1)
    assert int(sprite.uv[0, 0, 0]) == pytest.approx(64, abs=1)


def test_rounded_masks() -> None:
    mask = rounded_mask(20, 10, 5)
    assert mask[0, 0] < 40
    assert mask[5, 10] == 255
    assert rounded_mask(6, 4, 0).min() == 255


def _one_layer(cues: tuple[Cue, ...], clip: Box | None = None) -> SceneSpec:
    layer = Layer("square", "decor", ShapeArt((1, 1, 1)), Box(20, 20, 20, 20), cues, clip)
    return SceneSpec(80, 60, 10, 10, (Layer("ground", "backdrop", ShapeArt((0, 0, 0)), Box(0, 0, 80, 60)), layer))


def _played(spec: SceneSpec, number: int) -> Planes:
    square = solid((1.0, 1.0, 1.0), np.full((20, 20), 255, np.uint8))
    black = solid((0.0, 0.0, 0.0), np.full((60, 80), 255, np.uint8))
    return Player(spec, {"ground": black, "square": square}).frame(number)


def _center(y: np.ndarray) -> tuple[float, float]:
    weight = y.astype(float) - 16
    rows, columns = np.mgrid[0 : y.shape[0], 0 : y.shape[1]] + 0.5
    return float((columns * weight).sum() / weight.sum()), float((rows * weight).sum() / weight.sum())


def test_moves_are_sub_pixel_and_luma_and_chroma_agree() -> None:
    for x in (0.0, 0.25, 0.5, 1.0, 3.7):
        frame = _played(_one_layer((Cue("x", 0, 1, x, x),)), 5)
        assert _center(frame.y) == pytest.approx((30 + x, 30.0), abs=0.03)


def test_scale_keeps_the_pivot_still() -> None:
    frame = _played(_one_layer((Cue("scale", 0, 1, 1.5, 1.5),)), 5)
    assert _center(frame.y) == pytest.approx((30.0, 30.0), abs=0.05)
    assert float((frame.y.astype(float) - 16).sum() / 219) == pytest.approx(900, rel=0.03)


def test_clip_wipe_and_alpha_limit_what_is_drawn() -> None:
    assert (_played(_one_layer((), Box(20, 20, 20, 10)), 0).y > 100).sum() == 200
    assert 180 <= (_played(_one_layer((Cue("wipe", 0, 1, 0.5, 0.5),)), 0).y > 100).sum() <= 260
    assert int(_played(_one_layer((Cue("alpha", 0, 1, 0.5, 0.5),)), 0).y[30, 30]) == pytest.approx(126, abs=2)


def test_layers_may_leave_the_frame() -> None:
    for prop, value in (("x", -35.0), ("x", 75.0), ("y", 55.5), ("y", -39.5)):
        frame = _played(_one_layer((Cue(prop, 0, 1, value, value),)), 0)  # type: ignore[arg-type]
        assert frame.y.shape == (60, 80)


def test_areas_are_even() -> None:
    assert area_of(Box(1.2, 3.0, 4.0, 4.0)) == Area(0, 2, 6, 8)
