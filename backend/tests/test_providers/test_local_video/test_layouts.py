"""Every layout, in every ratio: text stays in the safe zone, off the subject, readable; references are seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.providers.local_video import color
from app.providers.local_video.assets import load_assets
from app.providers.local_video.bake import bake
from app.providers.local_video.compositor import Plates, Player, pose_at
from app.providers.local_video.layouts import build
from app.providers.local_video.planes import Sprite
from app.providers.local_video.render import look_for, to_rgb
from app.providers.local_video.scene_spec import Box, Layer, SceneSpec, TextArt
from app.providers.local_video.stage import Stage
from app.schemas.providers import VideoRequest
from app.schemas.story import Copy
from app.schemas.unified_pipeline import Layout, ReferenceType
from tests.fixtures.clips import (
    LAYOUTS,
    LONG,
    SHORT,
    SIZES,
    bottle,
    busy_photo,
    draw,
    mark,
    payload_of,
    request_of,
    scene_of,
)

TYPES: dict[str, tuple[ReferenceType, ...]] = {
    "hero-split": ("product", "logo"),
    "full-bleed": ("environment",),
    "framed-photo": ("environment",),
    "type-beats": ("product",),
    "stack-list": ("product",),
    "titlecard": ("logo",),
    "logo-close": ("product", "logo"),
}


@dataclass
class Set:
    """A scene built and baked."""

    stage: Stage
    spec: SceneSpec
    drawables: dict[str, Any]

    def ink(self, layer: Layer) -> Box:
        """Return where the layer's ink is at the end of the scene."""
        sprite = self.drawables[layer.name]
        assert isinstance(sprite, Sprite)
        rows = np.flatnonzero(sprite.a.max(axis=1) > 60)
        columns = np.flatnonzero(sprite.a.max(axis=0) > 60)
        pose = pose_at(layer, self.spec.seconds)
        x, y = layer.box.x + sprite.x + pose.x, layer.box.y + sprite.y0 + pose.y
        return Box(x + columns[0], y + rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1)

    def shown(self, *roles: str) -> list[Layer]:
        """Return the layers of these roles that are on screen at the end."""
        end = self.spec.seconds
        return [la for la in self.spec.layers if la.role in roles and pose_at(la, end).alpha > 0.5]


def build_set(request: VideoRequest, folder: Path) -> Set:
    payload = payload_of(request, folder)
    assets = load_assets(payload["images"])
    look = look_for(request, assets)
    stage = Stage(request, look, assets, request.scene.duration)
    spec = build(stage)
    return Set(stage, spec, bake(spec, look, assets))


def _scenes() -> list[tuple[Layout, tuple[ReferenceType, ...]]]:
    bare: list[tuple[Layout, tuple[ReferenceType, ...]]] = [
        (name, ()) for name in ("type-beats", "stack-list", "titlecard", "logo-close")
    ]
    more: list[tuple[Layout, tuple[ReferenceType, ...]]] = [
        ("full-bleed", ("product",)),
        ("full-bleed", ("environment", "product")),
        ("framed-photo", ("environment", "product")),
    ]
    return [*((layout, TYPES[layout]) for layout in LAYOUTS), *bare, *more]


@pytest.mark.parametrize("ratio", SIZES)
@pytest.mark.parametrize(("layout", "types"), _scenes())
@pytest.mark.parametrize("copy", [SHORT, LONG], ids=["short", "long"])
def test_copy_stays_in_the_safe_zone_and_apart(
    layout: Layout, types: tuple[ReferenceType, ...], ratio: str, copy: Copy, tmp_path: Path
) -> None:
    for tone in ("calm", "bold", "playful"):
        made = build_set(request_of(scene_of(layout, types, copy), ratio, tone=tone), tmp_path)
        words = [(layer.name, made.ink(layer)) for layer in made.shown("copy")]
        assert words
        for name, ink in words:
            assert made.stage.safe_zone.holds(ink, slack=3), name
        for (one, first), (two, second) in combinations(words, 2):
            assert not first.inset(1, 2).overlaps(second.inset(1, 2)), (one, two)


@pytest.mark.parametrize("ratio", SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_copy_keeps_off_the_subject(layout: Layout, ratio: str, tmp_path: Path) -> None:
    sets: list[tuple[ReferenceType, ...]] = [("environment", "product")]
    if layout not in {"titlecard", "full-bleed"}:
        sets.append(("product",))
    for types in sets if layout != "titlecard" else []:
        made = build_set(request_of(scene_of(layout, types, LONG), ratio), tmp_path)
        subjects = [layer for layer in made.spec.layers if layer.role == "subject"]
        assert subjects
        for subject in subjects:
            drawn = made.drawables[subject.name]
            body = made.ink(subject) if isinstance(drawn, Sprite) else subject.box
            for layer in made.shown("copy"):
                assert not made.ink(layer).inset(1, 1).overlaps(body), layer.name


def _ground_under(made: Set) -> np.ndarray:
    """Return the picture at the end of the scene without its copy (H x W x 3)."""
    bare = replace(made.spec, layers=tuple(layer for layer in made.spec.layers if layer.role != "copy"))
    return cv2.blur(to_rgb(Player(bare, made.drawables).frame(bare.frames - 1)), (3, 3))


@pytest.mark.parametrize("ratio", SIZES)
@pytest.mark.parametrize(("layout", "types"), _scenes())
def test_text_has_contrast_on_what_is_really_behind_it(
    layout: Layout, types: tuple[ReferenceType, ...], ratio: str, tmp_path: Path
) -> None:
    for tone, palette in (("premium", ["#18191f", "#bea05a"]), ("playful", ["#ffe14d", "#00a3ff"]), ("warm", [])):
        made = build_set(request_of(scene_of(layout, types), ratio, tone=tone, palette=palette), tmp_path)
        ground = _ground_under(made) / 255
        for layer in made.shown("copy"):
            assert isinstance(layer.art, TextArt)
            box = made.ink(layer)
            x, y = max(0, round(box.x)), max(0, round(box.y))
            part = ground[y : round(box.bottom), x : round(box.right)].reshape(-1, 3)
            ratios = [color.contrast(layer.art.color, tuple(float(v) for v in pixel)) for pixel in part[::5]]
            assert np.percentile(ratios, 1) >= 4.5, (tone, layer.name)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["product", "character", "logo", "environment"])
def test_every_listed_reference_is_seen(layout: Layout, kind: ReferenceType, tmp_path: Path) -> None:
    types: tuple[ReferenceType, ...] = ("product", "character", "logo", "environment")
    request = request_of(scene_of(layout, types))
    other = {
        "product": bottle((30, 160, 90)),
        "character": bottle((240, 200, 40)),
        "logo": mark((200, 40, 60)),
        "environment": busy_photo(9),
    }[kind]
    before = draw(payload_of(request, tmp_path), [9])[0].astype(int)
    after = draw(payload_of(request, tmp_path, **{kind: other}), [9])[0].astype(int)
    assert (np.abs(before - after).max(axis=2) > 12).sum() >= 40


@pytest.mark.parametrize("ratio", SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_extras_stay_in_the_safe_zone(layout: Layout, ratio: str, tmp_path: Path) -> None:
    types: tuple[ReferenceType, ...] = ("product", "character", "logo", "environment")
    made = build_set(request_of(scene_of(layout, types, LONG), ratio), tmp_path)
    words = [made.ink(layer) for layer in made.shown("copy")]
    marks = [layer for layer in made.shown("mark") if layer.name in {"mark", "medallion-0", "medallion-1", "logo"}]
    assert marks
    for layer in marks:
        assert made.stage.safe_zone.holds(layer.box, slack=3), layer.name
        assert not any(layer.box.inset(1, 1).overlaps(ink.inset(1, 1)) for ink in words), layer.name


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "logo-close"])
@pytest.mark.parametrize("types", [(), ("product",), ("environment",)])
def test_scenes_are_never_still(layout: Layout, types: tuple[ReferenceType, ...], tmp_path: Path) -> None:
    if layout in {"hero-split", "full-bleed", "framed-photo"} and not types:
        return
    request = request_of(scene_of(layout, types, duration=6.0))
    frames = draw(payload_of(request, tmp_path), list(range(5, 60, 6)))
    for one, two in pairwise(frames):
        assert (np.abs(one.astype(int) - two.astype(int)).max(axis=2) >= 2).mean() > 0.01


def test_the_end_card_holds_still(tmp_path: Path) -> None:
    request = request_of(scene_of("logo-close", ("product", "logo"), duration=4.0))
    frames = draw(payload_of(request, tmp_path), [26, 30, 39])
    assert all(np.array_equal(frames[0], frame) for frame in frames[1:])


def test_a_plain_photo_that_cannot_be_cut_gets_a_card(tmp_path: Path) -> None:
    request = request_of(scene_of("hero-split", ("product",)))
    payload = payload_of(request, tmp_path, product=busy_photo())
    assets = load_assets(payload["images"])
    assert not assets[0].is_cutout
    stage = Stage(request, look_for(request, assets), assets, 1.0)
    assert "card" in {layer.name for layer in build(stage).layers}


def test_a_dark_logo_shows_on_a_dark_ad(tmp_path: Path) -> None:
    request = request_of(scene_of("logo-close", ("logo",)), tone="epic", palette=["#24365e"])
    payload = payload_of(request, tmp_path, logo=mark((20, 20, 30)))
    picture = draw(payload, [9])[0]
    height, width = picture.shape[:2]
    middle = picture[: height // 2, width // 4 : -width // 4].mean(axis=2)
    assert float(np.percentile(middle, 95) - np.percentile(middle, 5)) > 80


def test_layer_names_are_unique_and_layouts_complete(tmp_path: Path) -> None:
    for layout in LAYOUTS:
        made = build_set(request_of(scene_of(layout, ("product", "logo", "character", "environment"))), tmp_path)
        names = [layer.name for layer in made.spec.layers]
        assert len(names) == len(set(names))
        first = made.drawables[names[0]]
        assert isinstance(first, Plates) or layout == "full-bleed"


def test_the_picture_of_a_beats_scene_waits_for_the_lock(tmp_path: Path) -> None:
    made = build_set(request_of(scene_of("type-beats", ("product",), duration=4.0)), tmp_path)
    [subject] = [layer for layer in made.spec.layers if layer.role == "subject"]
    assert pose_at(subject, 1.0).alpha == 0
    assert pose_at(subject, 3.5).alpha == 1
