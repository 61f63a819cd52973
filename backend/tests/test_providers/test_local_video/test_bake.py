from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.errors import InvalidInput
from app.providers.local_video import color
from app.providers.local_video.assets import Asset, load_assets
from app.providers.local_video.backdrop import bake_backdrop
from app.providers.local_video.look import derive_look
from app.providers.local_video.product import cast_shadow, finished, fitted, reflection
from app.providers.local_video.scene_spec import BackdropArt
from tests.fixtures.clips import bottle, busy_photo, request_of, scene_of, write_picture

LOOK = derive_look(request_of(scene_of("titlecard")), "dark")
BOTTLE = Asset("product", bottle()[19:402, 39:202], is_cutout=True)


def test_cut_outs_are_trimmed_and_photos_are_not(tmp_path: Path) -> None:
    cut, photo = load_assets(
        [
            {"type": "product", "path": str(write_picture(tmp_path / "a.png", bottle()))},
            {"type": "product", "path": str(write_picture(tmp_path / "b.png", busy_photo()))},
        ]
    )
    assert cut.is_cutout
    assert cut.aspect == pytest.approx(163 / 383, abs=0.02)
    assert (photo.is_cutout, photo.rgba.shape) == (False, (270, 480, 4))


def test_a_plain_background_is_keyed(tmp_path: Path) -> None:
    rgba = bottle()
    rgba = np.pad(rgba, ((60, 60), (60, 60), (0, 0)))
    share = rgba[..., 3:] / 255
    white = np.dstack([(rgba[..., :3] * share + 255 * (1 - share)).astype(np.uint8), np.full(rgba.shape[:2], 255)])
    path = write_picture(tmp_path / "w.png", white.astype(np.uint8))
    assert load_assets([{"type": "product", "path": str(path)}])[0].is_cutout


def test_large_pictures_are_reduced_and_broken_ones_refused(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", busy_photo())
    assert load_assets([{"type": "environment", "path": str(path)}], limit=100)[0].rgba.shape == (56, 100, 4)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(InvalidInput):
        load_assets([{"type": "product", "path": str(tmp_path / "broken.png")}])


def test_fitting_keeps_the_shape() -> None:
    rgb, alpha = fitted(BOTTLE, 100, 100)
    assert rgb.shape[:2] == alpha.shape
    assert alpha.shape[0] == 100
    assert alpha.shape[1] / alpha.shape[0] == pytest.approx(BOTTLE.aspect, abs=0.03)


def test_the_finish_keeps_the_product_recognisable() -> None:
    rgb, alpha = fitted(BOTTLE, 200, 400)
    lit, matte = finished(rgb, alpha, LOOK)
    solid = matte > 0.99
    assert float(np.abs(lit - rgb)[solid].mean()) < 0.08
    assert float(matte.sum()) == pytest.approx(float(alpha.sum()), rel=0.03)


def test_the_shadow_lies_on_the_standing_line_and_darkens() -> None:
    _, alpha = fitted(BOTTLE, 200, 400)
    sprite, pad = cast_shadow(alpha, LOOK)
    rows = sprite.a.astype(float).sum(axis=1)
    assert abs(float((rows * np.arange(rows.size)).sum() / rows.sum()) - rows.size / 2) < 2
    assert sprite.size[0] >= alpha.shape[1] + 2 * pad
    assert int(sprite.a[:, 0].max()) < 12


def test_the_reflection_fades_out() -> None:
    sprite = reflection(*fitted(BOTTLE, 200, 400), LOOK)
    assert int(sprite.a[2].max()) > 40
    assert int(sprite.a[-1].max()) <= 1


@pytest.mark.parametrize("theme", ["dark", "vivid", "light"])
@pytest.mark.parametrize("picture", [None, busy_photo()[..., :4]])
def test_backdrops_stay_inside_the_looks_own_range(theme: str, picture: np.ndarray | None) -> None:
    look = derive_look(request_of(scene_of("titlecard")), theme)  # type: ignore[arg-type]
    plates = bake_backdrop(BackdropArt((0.7, 0.4), (0.6, 0.4), 0.8), (320, 180), look, picture)
    lumas = sorted(float(np.dot(c, (65.481, 128.553, 24.966))) + 16 for c in look.grounds)
    for plate in (plates.one, plates.two):
        assert lumas[0] - 12 <= float(np.percentile(plate.y, 1))
        assert float(np.percentile(plate.y, 99)) <= lumas[-1] + 12
    assert not np.array_equal(plates.one.y, plates.two.y)


def test_the_light_stands_where_it_is_told() -> None:
    plates = bake_backdrop(BackdropArt((0.8, 0.4), (0.8, 0.4)), (320, 180), LOOK, None)
    assert float(plates.one.y[72, 256]) > float(plates.one.y[72, 40]) + 15
    assert color.contrast(LOOK.ink, LOOK.pool) >= 4.5
