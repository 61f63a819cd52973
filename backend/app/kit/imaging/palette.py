"""Measure an image's colours, sharpness and light. Public face: app/kit/images.py.

Tests: tests/test_kit/test_images.py
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from app.kit.imaging.background import plain_background
from app.kit.imaging.colour import Bytes, Floats, rgb_to_hex, to_lab
from app.kit.imaging.cutout import has_real_alpha

_SIDE = 96
_CLUSTERS = 6
_MERGE = 12.0
_SEED = 20
_MIN_SHARE = 0.015
_MIN_SUBJECT = 0.01
_ACCENT_CHROMA = 25.0
_ACCENT_APART = 25.0


class Palette(NamedTuple):
    """Colours of an image, canvas excluded, as ``#rrggbb``.

    Attributes:
        dominant: Up to five, by area.
        accents: Up to three strong colours well apart from the first dominant one, most vivid first.
        shares: Area share (0-1) of each dominant colour.
    """

    dominant: list[str]
    accents: list[str]
    shares: list[float]


class _Cluster(NamedTuple):
    lab: Floats
    rgb: tuple[int, int, int]
    area: int


def measure_palette(rgba: Bytes) -> Palette:
    """Return the palette of HxWx4 uint8: Lab k-means on a 96 px copy, close colours merged, canvas left out."""
    pixels = _subject_pixels(_sample(rgba))
    if len(pixels) == 0:
        return Palette([], [], [])
    clusters = [c for c in _merged(_clusters(pixels)) if c.area >= _MIN_SHARE * len(pixels)]
    top = clusters[:5]
    vivid = sorted(clusters, key=lambda c: -_chroma(c))
    accents = [c for c in vivid if _chroma(c) >= _ACCENT_CHROMA and _apart(c, clusters[0]) >= _ACCENT_APART]
    return Palette(
        [rgb_to_hex(c.rgb) for c in top],
        [rgb_to_hex(c.rgb) for c in accents[:3]],
        [round(c.area / len(pixels), 4) for c in top],
    )


def measure_sharpness(rgba: Bytes) -> float:
    """Return the variance of the Laplacian of the grey picture, scaled so that its long side is 512 px."""
    grey = cv2.cvtColor(_over_grey(rgba), cv2.COLOR_RGB2GRAY)
    scale = 512 / max(grey.shape)
    copy = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return float(np.var(cv2.Laplacian(copy, cv2.CV_32F)))


def _sample(rgba: Bytes) -> Bytes:
    """Return a 96 px copy by picking pixels: no colours that the image does not have."""
    height, width = rgba.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(rgba, size, interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)


def _subject_pixels(sample: Bytes) -> Bytes:
    """Return Nx3 uint8: what is not canvas; all opaque pixels when nothing would be left."""
    rgb = np.ascontiguousarray(sample[..., :3])
    visible = sample[..., 3] >= 128
    background = None if has_real_alpha(sample) else plain_background(rgb)
    if background is not None:
        subject = visible & (background.distance >= background.key)
        if subject.mean() >= _MIN_SUBJECT:
            return rgb[subject]
    return rgb[visible]


def _clusters(pixels: Bytes) -> list[_Cluster]:
    lab = to_lab(pixels.reshape(-1, 1, 3)).reshape(-1, 3)
    count = min(_CLUSTERS, len(np.unique(pixels, axis=0)))
    cv2.setRNGSeed(_SEED)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 0.2)
    _, found_labels, _ = cv2.kmeans(lab, count, np.zeros((len(lab), 1), np.int32), stop, 3, cv2.KMEANS_PP_CENTERS)
    labels = np.asarray(found_labels).reshape(-1)
    found = []
    for index in range(count):
        members = pixels[labels == index]
        if len(members):
            found.append(_cluster(members))
    return sorted(found, key=lambda c: -c.area)


def _cluster(members: Bytes) -> _Cluster:
    middle = np.median(members, axis=0).astype(np.uint8)
    red, green, blue = (int(v) for v in middle)
    return _Cluster(to_lab(middle.reshape(1, 1, 3))[0, 0], (red, green, blue), len(members))


def _merged(clusters: list[_Cluster]) -> list[_Cluster]:
    """Merge clusters closer than delta E 12 into the larger one."""
    kept: list[_Cluster] = []
    for cluster in clusters:
        near = next((i for i, other in enumerate(kept) if _apart(cluster, other) < _MERGE), None)
        if near is None:
            kept.append(cluster)
        else:
            kept[near] = kept[near]._replace(area=kept[near].area + cluster.area)
    return sorted(kept, key=lambda c: -c.area)


def _apart(first: _Cluster, second: _Cluster) -> float:
    return float(np.linalg.norm(first.lab - second.lab))


def _chroma(cluster: _Cluster) -> float:
    return float(np.hypot(cluster.lab[1], cluster.lab[2]))


def _over_grey(rgba: Bytes) -> Bytes:
    alpha = rgba[..., 3:].astype(np.float32) / 255
    flat: Bytes = np.rint(rgba[..., :3] * alpha + 128 * (1 - alpha)).astype(np.uint8)
    return flat
