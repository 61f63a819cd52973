"""Backdrop pictures: studio sets and simple places made of soft shapes and light, in the ad's colours.

Called by adapter.py; which place fits which kind is data in config/art/settings.yaml; shapes in scenery.py.
Tests: tests/test_providers/test_local_image/test_setting.py
"""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.kit.ids import seed_from
from app.kit.imaging.colour import Floats
from app.kit.yaml_source import quick_yaml
from app.providers.local_image.drawing import Stage
from app.providers.local_image.palettes import Roles, kind_group
from app.providers.local_image.raster import rasterise
from app.providers.local_image.scenery import SCENES

_DATA = Path(__file__).resolve().parents[2] / "config" / "art" / "settings.yaml"
_SURE = 3


def choose_setting(kind: str | None, certainty: int, seed: int) -> str:
    """Return the name of a setting; places only for a kind we are sure of, else a studio that claims nothing."""
    data = _data()
    places = data["by_kind"].get(kind_group(kind)) if certainty >= _SURE else None
    return str(random.Random(seed_from("setting", seed)).choice(places or data["studio"]))


def setting(name: str, roles: Roles, tone: str, size: tuple[int, int], seed: int) -> Floats:
    """Return HxWx3 float32 0-1 of a setting.

    Args:
        name: A key of scenery.SCENES.
        roles: Colours to keep to.
        tone: Decides between day and night, with the seed.
        size: Width and height in px.
        seed: Same seed, same picture.
    """
    rng = random.Random(seed_from("scenery", name, seed))
    dark = rng.random() < float(_data()["dark"].get(tone, 0.4))
    stage = Stage(roles, dark, size[0], size[1], rng)
    picture = rasterise(SCENES[name](stage))[..., :3]
    return _finished(picture, seed)


def _finished(picture: Floats, seed: int) -> Floats:
    """Add a vignette, fine grain and dither, so that slow gradients do not band."""
    height, width = picture.shape[:2]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    vignette = 1 - 0.2 * np.clip(x**2 * 0.62 + (y * 0.9) ** 2 * 0.62 - 0.22, 0, 1)
    noise = np.random.default_rng(seed).normal(0, 1, (height, width)).astype(np.float32)
    grain = 0.5 * noise + 0.8 * np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.1), np.float32)
    return np.clip(picture * vignette[..., None] + 0.011 * grain[..., None], 0, 1).astype(np.float32)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = quick_yaml(_DATA.read_text(encoding="utf-8"))
    return data
