from __future__ import annotations

import pytest

from app.providers.local_video import color


@pytest.mark.parametrize("text", ["#000000", "#ffffff", "#c2456b", "#1d4fd7", "#808080"])
def test_oklch_round_trip(text: str) -> None:
    assert color.to_hex(color.from_lch(color.to_lch(color.from_hex(text)))) == text


def test_contrast_is_wcag() -> None:
    assert color.contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert color.contrast(color.from_hex("#767676"), (1, 1, 1)) == pytest.approx(4.54, abs=0.01)


def test_colours_out_of_gamut_lose_chroma_not_hue() -> None:
    rgb = color.from_lch((0.7, 0.4, 150.0))
    assert all(0 <= c <= 1 for c in rgb)
    assert color.to_lch(rgb)[2] == pytest.approx(150.0, abs=3)


@pytest.mark.parametrize("ground", ["#000000", "#333333", "#777777", "#bbbbbb", "#ffffff", "#c2456b"])
def test_readable_reaches_the_ratio(ground: str) -> None:
    rgb = color.from_hex(ground)
    assert color.contrast(color.readable(color.from_hex("#b0662d"), [rgb]), rgb) >= 4.5
