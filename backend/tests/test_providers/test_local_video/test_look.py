from __future__ import annotations

from typing import get_args

import pytest

from app.providers.local_video import color
from app.providers.local_video.fonts import faces
from app.providers.local_video.look import Theme, derive_look
from app.schemas.story import Tone
from tests.fixtures.clips import request_of, scene_of

PALETTES = [[], ["#c2456b"], ["#18191f", "#bea05a"], ["#ffffff", "#fafafa"], ["#ffe14d", "#00ff66"], ["#0000ff"]]


@pytest.mark.parametrize("tone", get_args(Tone))
@pytest.mark.parametrize("palette", PALETTES)
def test_text_reads_on_every_ground(tone: Tone, palette: list[str]) -> None:
    for seed in range(4):
        for theme in (None, *get_args(Theme)):
            look = derive_look(request_of(scene_of("titlecard"), tone=tone, palette=palette, ad_seed=seed), theme)
            for ink in (look.ink, look.muted, look.accent_text):
                assert min(color.contrast(ink, ground) for ground in look.grounds) >= 4.5
            assert color.contrast(look.on_accent, look.accent) >= 4.5
            assert {look.pair.display, look.pair.accent, look.pair.body, look.pair.label} <= set(faces())


def test_all_clips_of_an_ad_share_their_look() -> None:
    one = request_of(scene_of("titlecard"), seed=1, clip_index=0)
    two = request_of(scene_of("hero-split", ("product",)), seed=99, clip_index=2)
    assert derive_look(one) == derive_look(two)
    assert derive_look(one) != derive_look(one.model_copy(update={"ad_seed": 6}))


@pytest.mark.parametrize("palette", ["#c2456b", "#1d4fd7", "#1f7d4a", "#e9a028"])
def test_the_palette_tints_the_ground_and_the_accent(palette: str) -> None:
    hue = color.to_lch(color.from_hex(palette))[2]
    for theme in get_args(Theme):
        look = derive_look(request_of(scene_of("titlecard"), palette=[palette]), theme)
        for tone in (look.deep, look.base, look.accent):
            _, chroma, own = color.to_lch(tone)
            assert chroma > 0.012
            assert abs((own - hue + 180) % 360 - 180) < 15


def test_no_pure_black_or_white() -> None:
    for seed in range(12):
        look = derive_look(request_of(scene_of("titlecard"), ad_seed=seed))
        assert not {(0.0, 0.0, 0.0), (1.0, 1.0, 1.0)} & {look.deep, look.base, look.pool, look.ink}
