"""Settings: every scene draws, places only when sure, day and night, deterministic."""

from __future__ import annotations

import numpy as np
import pytest

from app.providers.local_image import setting as module
from app.providers.local_image.drawing import mix
from app.providers.local_image.palettes import Roles
from app.providers.local_image.scenery import SCENES
from app.providers.local_image.setting import choose_setting, setting

_ROLES = Roles("#10243f", "#ebf1f8", "#2c6fbb", "#f0b35a", "#0c1a2e")


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_is_a_full_soft_picture(name: str) -> None:
    picture = setting(name, _ROLES, "neutral", (192, 108), 1)
    assert picture.shape == (108, 192, 3)
    assert 0 <= picture.min() <= picture.max() <= 1
    assert picture.std() > 0.02
    assert np.array_equal(picture, setting(name, _ROLES, "neutral", (192, 108), 1))
    assert not np.array_equal(picture, setting(name, _ROLES, "neutral", (192, 108), 2))


def test_tone_decides_between_day_and_night() -> None:
    means = {
        tone: np.mean([setting("cyclorama", _ROLES, tone, (64, 36), seed).mean() for seed in range(8)])
        for tone in ("epic", "playful")
    }
    assert means["epic"] < 0.4 < 0.55 < means["playful"]


def test_places_only_when_sure_of_the_product() -> None:
    studio = set(module._data()["studio"])
    for certainty in (0, 1, 2):
        assert {choose_setting("event", certainty, seed) for seed in range(20)} <= studio
    assert {choose_setting("event", 3, seed) for seed in range(20)} == {"stage"}
    assert {choose_setting("unheard of", 3, seed) for seed in range(20)} <= studio
    assert len({choose_setting(None, 0, seed) for seed in range(40)}) == len(studio)


def test_data_names_only_scenes_that_exist() -> None:
    data = module._data()
    assert set(data["studio"]) <= set(SCENES)
    for kind, names in data["by_kind"].items():
        assert set(names) <= set(SCENES), kind


def test_mix_goes_from_one_to_the_other() -> None:
    assert mix("#204060", "#ffffff", 0.0) == "#204060"
    assert mix("#204060", "#ffffff", 1.0) == "#ffffff"
