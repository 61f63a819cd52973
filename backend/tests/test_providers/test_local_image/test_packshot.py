"""Packshots, still lifes and wordmarks: lit, centred, transparent, in the palette, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from app.kit.imaging.colour import Floats
from app.providers.local_image import catalogue
from app.providers.local_image.lettering import lettering
from app.providers.local_image.packshot import packshot, still_life, wordmark
from app.providers.local_image.palettes import Roles
from app.providers.local_image.raster import fitted, over, rasterise, relight

_BLUE = Roles("#10243f", "#ebf1f8", "#2c6fbb", "#f0b35a", "#0c1a2e")
_RED = Roles("#3a1216", "#fdf0ea", "#e0412f", "#f3b13c", "#2a0d10")


def _mean_colour(image: Floats) -> Floats:
    weight = image[..., 3:]
    return (image[..., :3] * weight).sum((0, 1)) / weight.sum()


@pytest.mark.parametrize("product", ["water bottle", "backpack", "unheard of thing", None])
def test_stands_alone_in_the_middle(product: str | None) -> None:
    image = packshot(product, None, "Hydra", _BLUE, 1, 200)
    assert image.shape == (200, 200, 4)
    assert 0 <= image.min() <= image.max() <= 1
    alpha = image[..., 3]
    assert alpha[[0, -1]].max() == alpha[:, [0, -1]].max() == 0
    rows, columns = np.nonzero(alpha > 0.5)
    assert abs(rows.mean() - 100) < 30
    assert abs((columns.min() + columns.max()) / 2 - 100) < 6
    assert max(np.ptp(rows), np.ptp(columns)) > 165


@pytest.mark.parametrize("product", ["water bottle", "backpack", "unheard of thing"])
def test_palette_changes_the_colours(product: str) -> None:
    blue, red = (_mean_colour(packshot(product, None, None, roles, 1, 160)) for roles in (_BLUE, _RED))
    assert blue[2] > blue[0]
    assert red[0] > red[2]


def test_natural_things_stay_what_they_are() -> None:
    blue, red = (_mean_colour(packshot("banana", None, None, roles, 1, 160)) for roles in (_BLUE, _RED))
    assert np.abs(blue - red).max() < 0.06


def test_same_seed_same_pixels_other_seed_other_face() -> None:
    first = packshot("water bottle", None, "Hydra", _BLUE, 1, 160)
    assert np.array_equal(first, packshot("water bottle", None, "Hydra", _BLUE, 1, 160))
    others = [packshot("water bottle", None, "Hydra", _BLUE, seed, 160) for seed in range(2, 8)]
    assert any(not np.array_equal(first, other) for other in others)


def test_label_carries_the_brand_or_the_users_words() -> None:
    bare = packshot("water bottle", None, "", _BLUE, 1, 160)
    branded = packshot("water bottle", None, "Hydra", _BLUE, 1, 160)
    other = packshot("water bottle", None, "Aqua", _BLUE, 1, 160)
    assert not np.array_equal(branded, other)
    assert not np.array_equal(branded, bare)


def test_words_no_face_can_set_or_too_long_leave_the_label_empty() -> None:
    empty = packshot(None, None, None, _BLUE, 1, 160)
    assert np.array_equal(packshot(None, None, "水筒", _BLUE, 1, 160), empty)
    assert np.array_equal(packshot(None, None, "x" * 40, _BLUE, 1, 160), empty)


def test_shading_gives_form() -> None:
    flat = rasterise(
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200">'
        '<circle cx="100" cy="100" r="70" fill="#808080"/></svg>'
    )
    lit = relight(flat, "#ffffff", "#ffffff", 1.0)
    light = lit[..., :3].mean(axis=2)
    assert light[45, 80] > light[100, 100] > light[160, 90]
    assert np.array_equal(lit[..., 3], flat[..., 3])


def test_fitted_fills_the_share_and_over_keeps_what_is_below() -> None:
    dot = np.zeros((50, 80, 4), np.float32)
    dot[10:20, 30:50] = (1, 0, 0, 1)
    placed = fitted(dot, 100, 0.8)
    rows, columns = np.nonzero(placed[..., 3] > 0.5)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (40, 80)
    assert np.array_equal(over(np.zeros_like(dot), dot)[15, 40], dot[15, 40])


def test_every_form_and_a_sample_of_icons_draw() -> None:
    for name, facts in catalogue._data()["forms"].items():
        noun = catalogue._split(facts.get("nouns", ""))
        if noun:
            assert packshot(noun[0], None, "Acme", _RED, 3, 96)[..., 3].mean() > 0.03, name
    for icon in sorted(catalogue._data()["objects"])[::40]:
        noun = catalogue._split(catalogue._data()["objects"][icon])[0]
        assert packshot(noun, None, None, _RED, 3, 96)[..., 3].mean() > 0.03, icon


def test_still_life_has_two_arrangements() -> None:
    pictures = [still_life(_BLUE, seed, 120) for seed in range(6)]
    assert len({picture.tobytes() for picture in pictures}) == 2
    assert np.array_equal(pictures[0], still_life(_BLUE, 0, 120))


def test_wordmark_is_type_only() -> None:
    mark = wordmark("Ledger & Sons", _BLUE, 1, 200)
    assert mark is not None
    assert 0.02 < mark[..., 3].mean() < 0.4
    assert wordmark("水筒", _BLUE, 1, 200) is None


def test_lettering_fits_its_box_and_refuses_what_does_not() -> None:
    text = lettering("Two words", (200, 80), "#102030", 1)
    assert text is not None
    assert text.shape == (80, 200, 4)
    assert lettering("W" * 80, (60, 30), "#102030", 1) is None
    greek = lettering("Καφές", (200, 80), "#102030", 1)
    assert greek is not None
    assert greek[..., 3].max() > 0.9
