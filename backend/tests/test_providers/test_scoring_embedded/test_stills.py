"""Each fault of a picture moves its own signal, in the right direction, the more the worse."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from app.providers.scoring_embedded.frames import Picture, Plane
from app.providers.scoring_embedded.stills import bars, blockiness, noise, sharpness, stills, texture, tilt
from tests.fixtures.real_clips import street


@pytest.fixture(scope="module")
def luma() -> Plane:
    grey = cv2.cvtColor(np.asarray(street()[4]), cv2.COLOR_RGB2GRAY)
    return (16 + np.asarray(grey, np.float32) * 219 / 255).astype(np.uint8)


def falls(values: list[float]) -> bool:
    return all(before > after for before, after in pairwise(values))


def test_blur_lowers_sharpness_and_contrast_doesnt(luma: Plane) -> None:
    blurred = [luma, *(np.asarray(cv2.GaussianBlur(luma, (0, 0), size)) for size in (1.0, 2.0, 4.0))]
    for name in ("sharp_fine", "sharp_coarse"):
        assert falls([sharpness(plane)[name] for plane in blurred])
    pale = (125 + 0.4 * (luma.astype(np.float32) - 125)).astype(np.uint8)
    assert sharpness(pale)["sharp_fine"] == pytest.approx(sharpness(luma)["sharp_fine"], abs=0.03)
    assert sharpness(np.full((64, 64), 90, np.uint8)) == {"sharp_fine": 1.0, "sharp_coarse": 1.0, "halo": 0.0}


def test_sharpened_edges_overshoot(luma: Plane) -> None:
    soft = cv2.GaussianBlur(luma, (0, 0), 1.5)
    sharper = [np.asarray(cv2.addWeighted(luma, 1 + amount, soft, -amount, 0)) for amount in (1.5, 4.0)]
    assert sharpness(luma)["halo"] == 0
    assert 0.02 < sharpness(sharper[0])["halo"] < sharpness(sharper[1])["halo"]
    assert sharpness(sharper[1][:, :470])["halo"] == 0


def test_a_starved_encoder_takes_the_finest_texture_first(luma: Plane) -> None:
    rough = [np.asarray(cv2.medianBlur(luma, size)) for size in (3, 5)]
    assert falls([texture(plane)["detail"] for plane in (luma, *rough)])


def test_noise_is_found_in_grey_levels(luma: Plane) -> None:
    grain = np.random.default_rng(1).normal(0, 1, luma.shape)
    for size in (6, 12):
        noisy = np.clip(luma + size * grain, 0, 255).astype(np.uint8)
        assert noise(noisy) == pytest.approx(size, rel=0.25)
    assert noise(luma) < 1
    assert noise(np.full((64, 64), 16, np.uint8)) == 0


def test_blocks_on_the_grid_are_seen_and_off_the_grid_are_not(luma: Plane) -> None:
    small = cv2.resize(luma, (80, 34), interpolation=cv2.INTER_AREA)
    blocky = np.asarray(cv2.resize(small, (640, 272), interpolation=cv2.INTER_NEAREST))
    mixed = np.asarray(cv2.addWeighted(luma, 0.7, blocky, 0.3, 0))
    assert blockiness(mixed) > 5 * max(blockiness(luma), 0.05)
    assert blockiness(mixed[3:, 3:]) < 0.5 * blockiness(mixed)


def test_a_drawing_is_flat_and_a_photo_is_not(luma: Plane) -> None:
    drawing = np.full((272, 640), 200, np.uint8)
    cv2.putText(drawing, "Brightwell", (80, 160), cv2.FONT_HERSHEY_DUPLEX, 3, 20, 5, cv2.LINE_AA)
    assert texture(drawing)["flat"] > 0.7 > 0.2 > texture(luma)["flat"]
    assert texture(np.full((64, 64), 90, np.uint8)) == {"detail": 1.0, "flat": 1.0}


def test_bars_are_measured_and_a_dark_ground_is_none(luma: Plane) -> None:
    barred = luma.copy()
    barred[:34] = barred[-34:] = 16
    assert bars(barred) == pytest.approx(0.25, abs=0.01)
    assert bars(barred.T) == pytest.approx(0.25, abs=0.01)
    night = np.full((272, 640), 18, np.uint8)
    night[100:160, 200:400] = 220
    assert (bars(night), bars(luma), bars(np.full((64, 64), 16, np.uint8))) == (0, 0, 0)


def test_leaning_lines_are_measured_in_degrees(luma: Plane) -> None:
    upright = np.full((270, 480), 60, np.uint8)
    upright[80:190, 120:360] = 200
    found = []
    for angle in (0, 8, 14):
        matrix = cv2.getRotationMatrix2D((240, 135), angle, 1)
        found.append(tilt(np.asarray(cv2.warpAffine(upright, matrix, (480, 270), borderValue=60))))
    assert found == pytest.approx([0, 8, 14], abs=1)


@pytest.mark.parametrize("shape", [(70, 50), (16, 16), (2, 640)])
def test_a_picture_without_content_has_numbers_too(shape: tuple[int, int]) -> None:
    grey = Picture(0.0, np.full(shape, 126, np.uint8), np.full((*shape, 3), 128, np.uint8))
    assert all(np.isfinite(value) for value in stills(grey).values())
