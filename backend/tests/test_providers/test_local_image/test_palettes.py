"""Palettes: legal, readable, varied, deterministic; a given palette is kept to."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from app.kit.imaging.colour import hex_to_lab
from app.providers.local_image import palettes
from app.providers.local_image.palettes import choose_palette, kind_group, roles_of
from app.schemas.story import Tone

_TONES = get_args(Tone)


def test_every_palette_is_five_readable_colours() -> None:
    for name, colours in palettes._data()["palettes"].items():
        assert len(colours) == 5, name
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in colours), name
        dark, light, accent, _, ink = (hex_to_lab(colour)[0] for colour in colours)
        assert dark < 22 < 90 < light, name
        assert light - ink > 75, name
        assert 25 < accent < 85, name


def test_table_names_only_what_exists() -> None:
    data = palettes._data()
    assert set(data["tones"]) == set(_TONES)
    for group in ("tones", "kinds"):
        for name, names in data[group].items():
            assert set(names) <= set(data["palettes"]), name
    assert set(data["aliases"]) == set(data["kinds"])


@pytest.mark.parametrize("tone", _TONES)
@pytest.mark.parametrize("kind", [None, "food", "drinkware", "software", "something unheard of"])
def test_choice_is_stable_and_varied(tone: str, kind: str | None) -> None:
    chosen = [tuple(choose_palette(kind, tone, seed)) for seed in range(40)]
    assert chosen == [tuple(choose_palette(kind, tone, seed)) for seed in range(40)]
    assert all(colours in {tuple(p) for p in palettes._data()["palettes"].values()} for colours in chosen)


def test_seeds_kinds_and_tones_change_the_choice() -> None:
    assert len({tuple(choose_palette(None, "warm", seed)) for seed in range(40)}) >= 4
    assert choose_palette("food", "premium", 1) != choose_palette("software", "playful", 1)


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("drinkware", "drinkware"),
        ("Musical instrument", "music"),
        ("app", "software"),
        ("kitchen tool", "home"),
        (None, ""),
        ("zzz", ""),
    ],
)
def test_kind_words(kind: str | None, group: str) -> None:
    assert kind_group(kind) == group


def test_roles_follow_a_given_palette() -> None:
    roles = roles_of(["#f0efec", "#1f62c8", "#f5a623"], None, "calm", 1)
    assert abs(hex_to_lab(roles.dark)[2] - hex_to_lab("#1f62c8")[2]) < 60
    assert hex_to_lab(roles.dark)[2] < 0
    assert {roles.accent, roles.secondary} & {"#f5a623", "#1f62c8"}
    assert hex_to_lab(roles.light)[0] > 90
    assert hex_to_lab(roles.ink)[0] < 14


def test_grey_or_missing_palettes_use_the_table() -> None:
    assert list(roles_of([], "food", "warm", 5)) == choose_palette("food", "warm", 5)
    assert list(roles_of(["#808080", "#fafafa"], "food", "warm", 5)) == choose_palette("food", "warm", 5)
