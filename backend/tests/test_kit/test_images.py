"""kit.images: what is refused and why, what a copy keeps, cut-outs against the truth, palettes and sharpness."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from app.core.errors import InvalidInput
from app.kit.images import check_image, cut_out, decode_rgba, measure_image, normalise_image
from tests.fixtures.pictures import (
    Picture,
    encoded,
    noise,
    overlap,
    png_claiming,
    subject_on,
    true_mask,
    with_alpha,
)

_TWO_FRAMES = [Image.fromarray(noise(seed=1))]
_REFUSALS = {
    "text named png": (b"only words", "cup.png is not a PNG, JPEG or WebP image"),
    "empty": (b"", "cup.png is not a PNG, JPEG or WebP image"),
    "gif": (encoded(noise(), "GIF"), "cup.png is not a PNG, JPEG or WebP image"),
    "bmp": (encoded(noise(), "BMP"), "cup.png is not a PNG, JPEG or WebP image"),
    "svg": (b"<svg xmlns='x'></svg>", "cup.png is not a PNG, JPEG or WebP image"),
    "bomb": (png_claiming(30_000, 30_000), "more than 40 megapixels"),
    "just over": (png_claiming(6_400, 6_400), "more than 40 megapixels"),
    "cut jpeg": (encoded(noise(), "JPEG")[:2500], "damaged or cut short"),
    "cut png": (encoded(noise())[:9000], "damaged or cut short"),
    "cut webp": (encoded(noise(), "WEBP")[:900], "damaged or cut short"),
    "animated webp": (encoded(noise(), "WEBP", save_all=True, append_images=_TWO_FRAMES), "is an animation"),
    "animated png": (encoded(noise(), "PNG", save_all=True, append_images=_TWO_FRAMES), "is an animation"),
    "small": (encoded(noise(400, 63)), "only 400 × 63 pixels"),
    "one colour": (encoded(Image.new("RGB", (90, 90), "#c04020")), "is blank"),
    "all transparent": (encoded(Image.new("RGBA", (90, 90), (200, 9, 9, 0))), "is blank"),
}


@pytest.mark.parametrize("case", _REFUSALS)
def test_refuses_by_name_with_reason_and_next_step(case: str) -> None:
    data, reason = _REFUSALS[case]
    for take_in in (check_image, normalise_image):
        with pytest.raises(InvalidInput) as refused:
            take_in(data, name="cup.png")
        assert refused.value.message.startswith("cup.png")
        assert reason in refused.value.message
        assert refused.value.hint.endswith(".")


def test_refuses_large_files_before_looking_at_them() -> None:
    with pytest.raises(InvalidInput, match=r"cup\.png is 0\.1 MB; the limit is 0 MB"):
        check_image(bytes(100_000), max_bytes=1000, name="cup.png")


def test_refuses_damaged_bytes_with_invalid_input_only() -> None:
    whole = encoded(noise(), "PNG"), encoded(noise(), "JPEG"), encoded(noise(), "WEBP")
    rng = np.random.default_rng(3)
    outcomes = set()
    for data in whole:
        for _ in range(60):
            broken = bytearray(data)
            for position in rng.integers(0, len(broken), 6):
                broken[position] ^= int(rng.integers(1, 256))
            try:
                check_image(bytes(broken))
                outcomes.add("fine")
            except InvalidInput:
                outcomes.add("refused")
    assert outcomes == {"fine", "refused"}


def test_facts_of_good_images() -> None:
    see_through = with_alpha(noise())
    see_through[:20, :, 3] = 0
    assert check_image(encoded(noise())) == (120, 90, "PNG", False)
    assert check_image(encoded(see_through)) == (120, 90, "PNG", True)
    assert check_image(encoded(noise(), "JPEG")) == (120, 90, "JPEG", False)
    assert check_image(encoded(see_through, "WEBP")) == (120, 90, "WEBP", True)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_every_colour_mode_becomes_plain_rgb(mode: str) -> None:
    grey = Image.fromarray(np.tile(np.linspace(0, 255, 128).astype(np.uint8), (80, 1)))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    else:
        image = grey.convert("RGB").convert(mode) if mode in {"P", "CMYK"} else grey.convert(mode)
    copy = normalise_image(encoded(image, "JPEG" if mode == "CMYK" else "PNG"))
    rgba = decode_rgba(copy.data)
    assert rgba.shape == (80, 128, 4)
    assert rgba[..., 3].min() == 255
    assert abs(int(rgba[:, -8:, 0].mean()) - 250) < 12
    assert abs(int(rgba[:, :8, 0].mean()) - 6) < 12


def test_copy_is_upright_and_bare() -> None:
    left_red = np.zeros((80, 160, 3), np.uint8)
    left_red[:, :80, 0] = 220
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "maker of the camera"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    data = encoded(left_red, "JPEG", exif=exif, quality=95, comment=b"home address")
    assert b"maker of the camera" in data
    copy = normalise_image(data)
    assert (copy.width, copy.height, copy.content_type) == (80, 160, "image/jpeg")
    pixels = decode_rgba(copy.data)
    assert pixels[20, 40, 0] > 180
    assert pixels[140, 40, 0] < 40
    opened = Image.open(io.BytesIO(copy.data))
    assert len(opened.getexif()) == 0
    assert "exif" not in opened.info
    for secret in (b"maker of the camera", b"home address", b"Exif"):
        assert secret not in copy.data


def test_png_text_and_profile_go() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "somebody")
    copy = normalise_image(encoded(noise(), "PNG", pnginfo=info))
    assert b"somebody" not in copy.data
    assert np.array_equal(decode_rgba(copy.data)[..., :3], noise())


def test_copy_keeps_alpha_and_limits_size() -> None:
    see_through = with_alpha(noise(300, 200))
    see_through[:60, :, 3] = 0
    copy = normalise_image(encoded(see_through, "WEBP", lossless=True), max_side=150)
    assert (copy.width, copy.height, copy.has_alpha, copy.content_type) == (150, 100, True, "image/png")
    assert decode_rgba(copy.data)[5, 5, 3] == 0
    assert decode_rgba(copy.data)[90, 70, 3] == 255


@pytest.mark.parametrize("shape", ["ellipse", "bottle", "disc"])
@pytest.mark.parametrize(
    ("background", "colour"),
    [
        ((252, 252, 252), (196, 40, 32)),
        ((236, 238, 231), (30, 84, 150)),
        ((22, 22, 26), (224, 180, 66)),
        ((60, 150, 90), (240, 236, 230)),
    ],
)
def test_cut_out_matches_the_truth(shape: str, background: tuple[int, int, int], colour: tuple[int, int, int]) -> None:
    cut = cut_out(subject_on(background, colour, shape))
    assert cut is not None
    mask = true_mask(shape)
    assert overlap(cut[..., 3], mask) > 0.97
    edge = (cut[..., 3] > 40) & (cut[..., 3] < 215)
    assert edge.any()
    seen = cut[..., :3][edge].astype(np.float32)
    to_subject = np.abs(seen - np.array(colour, np.float32)).mean()
    to_background = np.abs(seen - np.array(background, np.float32)).mean()
    assert to_subject < 0.15 * to_background


def test_cut_out_survives_jpeg() -> None:
    picture = subject_on((250, 250, 250), (196, 40, 32), "bottle")
    squeezed = decode_rgba(encoded(picture[..., :3], "JPEG", quality=70))
    cut = cut_out(squeezed)
    assert cut is not None
    assert overlap(cut[..., 3], true_mask("bottle")) > 0.97


def test_cut_out_lets_go_of_a_soft_shadow() -> None:
    mask = true_mask("bottle")
    shadow = np.zeros_like(mask)
    cv2.ellipse(shadow, (160, 272), (95, 16), 0, 0, 360, 1.0, -1)
    shadow = cv2.GaussianBlur(shadow, (0, 0), 9)[..., None] * 0.4
    back = np.full((320, 320, 3), 246, np.float32) * (1 - shadow)
    picture = back * (1 - mask[..., None]) + np.array((205, 120, 30), np.float32) * mask[..., None]
    cut = cut_out(with_alpha(np.rint(picture).astype(np.uint8)))
    assert cut is not None
    assert overlap(cut[..., 3], mask) > 0.97


def test_cut_out_opens_a_hole_when_the_background_has_a_colour_of_its_own() -> None:
    mask = true_mask("disc")
    hole = np.asarray(cv2.resize(mask, (96, 96), interpolation=cv2.INTER_AREA))
    mask[112:208, 112:208] -= hole
    picture = np.array((150, 190, 170), np.float32) * (1 - mask[..., None]) + 60 * mask[..., None]
    cut = cut_out(with_alpha(np.rint(picture).astype(np.uint8)))
    assert cut is not None
    assert cut[160, 160, 3] == 0
    assert overlap(cut[..., 3], mask) > 0.97


def test_cut_out_of_a_large_picture_keeps_its_size_and_edge() -> None:
    mask = true_mask("bottle", 1500)
    picture = np.full((1500, 1500, 3), 250, np.float32) * (1 - mask[..., None])
    picture += np.array((30, 84, 150), np.float32) * mask[..., None]
    cut = cut_out(with_alpha(np.rint(picture).astype(np.uint8)))
    assert cut is not None
    assert cut.shape == (1500, 1500, 4)
    assert overlap(cut[..., 3], mask) > 0.99


def test_transparent_picture_is_its_own_cut_out() -> None:
    picture = subject_on((250, 250, 250), (196, 40, 32))
    picture[..., 3] = (true_mask("ellipse") * 255).astype(np.uint8)
    assert cut_out(picture) is picture


def _not_cuttable() -> dict[str, Picture]:
    white = (250, 250, 250)
    label = subject_on((255, 255, 255), (30, 84, 150), "square")
    label[130:200, 110:210, :3] = 255
    touching = subject_on(white, (196, 40, 32), "bottle")
    touching[60:, 115:205, :3] = (196, 40, 32)
    stripes = subject_on(white, (196, 40, 32))
    stripes[:, ::16, :3] = 40
    two_tone = subject_on(white, (196, 40, 32))
    two_tone[:160, :30, :3] = (40, 90, 160)
    return {
        "noise": with_alpha(noise(320, 320)),
        "smooth noise": with_alpha(np.asarray(cv2.GaussianBlur(noise(320, 320), (0, 0), 9), np.uint8)),
        "stripes": stripes,
        "two-tone": two_tone,
        "white on white": subject_on(white, (244, 244, 244)),
        "label or hole": label,
        "runs out of the picture": touching,
        "nothing there": subject_on(white, white),
    }


@pytest.mark.parametrize("case", _not_cuttable())
def test_no_cut_out_rather_than_a_bad_one(case: str) -> None:
    assert cut_out(_not_cuttable()[case]) is None


def test_palette_is_exact_and_leaves_the_canvas_out() -> None:
    picture = with_alpha(np.full((240, 240, 3), 250, np.uint8))
    picture[60:180, 60:180, :3] = (200, 40, 30)
    picture[60:110, 60:110, :3] = (20, 40, 130)
    measured = measure_image(picture)
    assert measured.plain_background
    assert measured.palette.dominant == ["#c8281e", "#142882"]
    assert measured.palette.accents == ["#142882"]
    assert measured.palette.shares[0] == pytest.approx(0.83, abs=0.02)


def test_palette_leaves_transparent_pixels_out() -> None:
    picture = with_alpha(np.zeros((120, 120, 3), np.uint8))
    picture[..., 3] = 0
    picture[30:90, 30:90] = (240, 180, 20, 255)
    measured = measure_image(picture)
    assert measured.has_alpha
    assert measured.palette.dominant == ["#f0b414"]


def test_palette_merges_what_looks_alike_and_repeats_itself() -> None:
    halves = with_alpha(np.full((100, 200, 3), (30, 120, 60), np.uint8))
    halves[:, 100:, :3] = (33, 124, 63)
    assert measure_image(halves).palette.dominant in (["#1e783c"], ["#217c3f"])
    busy = with_alpha(noise(200, 200))
    assert measure_image(busy) == measure_image(busy)


def test_sharpness_tells_blur() -> None:
    sharp = with_alpha(
        np.kron(np.indices((16, 16)).sum(0) % 2, np.ones((20, 20)))[..., None].repeat(3, 2).astype(np.uint8) * 200
    )
    blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 8), np.uint8)
    assert measure_image(sharp).sharpness > 20 * measure_image(blurred).sharpness
