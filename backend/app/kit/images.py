"""Still images: safe decoding, cut-outs and measurement. Knows nothing of ads.

Called by services/media/image_processor.py, the local providers and the renderer. Everything here is CPU work:
call it in a thread. Arrays are HxWx4 uint8 sRGB with straight alpha.
Tests: tests/test_kit/test_images.py
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from app.core.errors import InvalidInput
from app.kit.imaging.background import plain_background
from app.kit.imaging.cutout import cut_out, has_real_alpha
from app.kit.imaging.palette import Palette, measure_palette, measure_sharpness

__all__ = [
    "ImageFacts",
    "ImageMeasures",
    "NormalisedImage",
    "Palette",
    "check_image",
    "cut_out",
    "decode_rgba",
    "has_real_alpha",
    "measure_image",
    "normalise_image",
]

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MIN_SIDE = 64
_BLANK = 2.0
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_SAVE_AS = "Save it as PNG, JPEG or WebP and try again."
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, struct.error, zlib.error)

warnings.simplefilter("error", Image.DecompressionBombWarning)


class ImageFacts(NamedTuple):
    """What a checked image is. Width and height are pixels after its orientation is applied."""

    width: int
    height: int
    format: str
    has_alpha: bool


class NormalisedImage(NamedTuple):
    """An image encoded anew from its pixels: upright, sRGB, without metadata."""

    data: bytes
    content_type: str
    width: int
    height: int
    has_alpha: bool


class ImageMeasures(NamedTuple):
    """What can be measured in any image. `plain_background` is the border being one even colour."""

    width: int
    height: int
    has_alpha: bool
    plain_background: bool
    sharpness: float
    palette: Palette


def check_image(data: bytes, *, max_bytes: int = MAX_BYTES, name: str = "image") -> ImageFacts:
    """Decode an untrusted image and return its facts.

    Raises:
        InvalidInput: Too large, not PNG, JPEG or WebP, over 40 megapixels, animated, broken, under 64 px, or blank.
    """
    image, kind = _decode(data, max_bytes, name)
    _refuse_useless(image, name)
    return ImageFacts(image.width, image.height, kind, image.mode == "RGBA")


def normalise_image(data: bytes, *, max_side: int = 2048, name: str = "image") -> NormalisedImage:
    """Encode an untrusted image anew from its pixels, at most `max_side` px long: PNG if lossless or transparent.

    Raises:
        InvalidInput: As `check_image`.
    """
    image, kind = _decode(data, MAX_BYTES, name)
    _refuse_useless(image, name)
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    if kind == "JPEG":
        image.save(target, "JPEG", quality=92, subsampling=0)
    else:
        image.save(target, "PNG", compress_level=4)
    content_type = "image/jpeg" if kind == "JPEG" else "image/png"
    return NormalisedImage(target.getvalue(), content_type, image.width, image.height, image.mode == "RGBA")


def decode_rgba(data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
    """Return HxWx4 uint8 of an image in an allowed format, upright. Raises InvalidInput."""
    image, _ = _decode(data, 8 * MAX_BYTES, name)
    return np.asarray(image.convert("RGBA"), np.uint8)


def measure_image(rgba: NDArray[np.uint8]) -> ImageMeasures:
    """Measure HxWx4 uint8: size, transparency, plain background, sharpness and palette."""
    height, width = rgba.shape[:2]
    see_through = has_real_alpha(rgba)
    plain = not see_through and plain_background(_small(rgba)) is not None
    return ImageMeasures(width, height, see_through, plain, round(measure_sharpness(rgba), 1), measure_palette(rgba))


def _decode(data: bytes, max_bytes: int, name: str) -> tuple[Image.Image, str]:
    """Return the upright image in mode RGB or RGBA, and its format; judges the header before any pixel."""
    if len(data) > max_bytes:
        raise InvalidInput(
            f"{name} is {len(data) / 2**20:.1f} MB; the limit is {max_bytes / 2**20:.0f} MB.",
            hint="Save a smaller copy, for example a JPEG with a long side of 2048 pixels.",
        )
    image = _open(data, name)
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    _judge_header(image, kind, name)
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
        return _plain_mode(upright), kind
    except _UNREADABLE as error:
        raise _damaged(name) from error


def _open(data: bytes, name: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name) from error
    except _UNREADABLE as error:
        if data.startswith(_SIGNATURES) or (data[:4], data[8:12]) == (b"RIFF", b"WEBP"):
            raise _damaged(name) from error
        raise InvalidInput(f"{name} is not a PNG, JPEG or WebP image.", hint=_SAVE_AS) from error


def _judge_header(image: Image.Image, kind: str, name: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels(name)
    if kind != "JPEG" and getattr(image, "n_frames", 1) > 1:
        raise InvalidInput(f"{name} is an animation.", hint="Save one frame of it as PNG, JPEG or WebP.")


def _too_many_pixels(name: str) -> InvalidInput:
    return InvalidInput(
        f"{name} has more than {MAX_PIXELS // 1_000_000} megapixels.",
        hint="Scale it down to a long side of 2048 pixels or less.",
    )


def _damaged(name: str) -> InvalidInput:
    return InvalidInput(
        f"{name} is damaged or cut short: its picture data can't be read.", hint="Export or download it again."
    )


def _plain_mode(image: Image.Image) -> Image.Image:
    """Return the image in sRGB, mode RGB, or RGBA when some pixel is not opaque."""
    if image.mode.startswith("I") or image.mode == "F":
        image = Image.fromarray((np.clip(np.asarray(image, np.float32) / 257, 0, 255)).astype(np.uint8))
    see_through = image.has_transparency_data
    image = _to_srgb(image, "RGBA" if see_through else "RGB")
    if see_through and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    return clean


def _to_srgb(image: Image.Image, mode: str) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, *_UNREADABLE):
            pass
    return image.convert(mode)


def _refuse_useless(image: Image.Image, name: str) -> None:
    """FR16: refuse what no ad can be made of."""
    if min(image.size) < MIN_SIDE:
        raise InvalidInput(
            f"{name} is only {image.width} × {image.height} pixels; the short side must be at least {MIN_SIDE}.",
            hint="Use a larger original: 1000 pixels or more looks sharp.",
        )
    small = image.convert("RGBA").convert("RGBa").resize((64, 64), Image.Resampling.BOX)
    if float(np.asarray(small, np.float32).std(axis=(0, 1)).max()) < _BLANK:
        raise InvalidInput(f"{name} is blank: it is one flat colour.", hint="Pick an image that shows something.")


def _small(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    image = Image.fromarray(np.ascontiguousarray(rgba[..., :3]))
    image.thumbnail((512, 512), Image.Resampling.BILINEAR)
    return np.asarray(image, np.uint8)
