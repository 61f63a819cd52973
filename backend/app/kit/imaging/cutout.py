"""Lift a subject off a plain background; says no rather than cut badly. Public face: app/kit/images.py.

Steps: model the background, key what is connected to the border, let go of soft shadows, veto weak results, then
solve alpha in a thin band along the edge and take the background's colour out of it.
Tests: tests/test_kit/test_images.py
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from app.kit.imaging.background import Background, plain_background
from app.kit.imaging.colour import Bytes, Floats, from_lab, to_lab

Mask = NDArray[np.bool_]
_MIN_SIDE = 48
_REAL_ALPHA = 0.002
_MAX_SHADOW_SHARE = 0.45
_MAX_WEAK_EDGE = 0.12
_MAX_HOLE = 0.004


def has_real_alpha(rgba: Bytes) -> bool:
    """True when HxWx4 uint8 is transparent somewhere that can be seen (0.2 % of its pixels) and not everywhere."""
    clear = float(np.mean(rgba[..., 3] < 128))
    return _REAL_ALPHA <= clear < 1 - _REAL_ALPHA


def cut_out(rgba: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Return the subject on transparency (HxWx4 uint8, straight alpha), or None when no clean cut is possible.

    A picture that is already transparent is returned itself. The same size and position are kept.

    Args:
        rgba: HxWx4 uint8, straight (not premultiplied) alpha.
    """
    if has_real_alpha(rgba):
        return rgba
    if min(rgba.shape[:2]) < _MIN_SIDE:
        return None
    rgb = np.ascontiguousarray(rgba[..., :3])
    background = plain_background(rgb)
    if background is None:
        return None
    subject = _subject(rgb, background)
    return None if subject is None else _matte(rgb, subject, background)


def _subject(rgb: Bytes, background: Background) -> Mask | None:
    """Return the subject's mask after all vetoes, or None."""
    smooth: Floats = np.asarray(cv2.GaussianBlur(background.distance, (3, 3), 0), np.float32)
    outside = _reached_from_border(smooth < background.key)
    hard = ~outside
    if not 0.01 <= hard.mean() <= 0.9 or _has_see_through_hole(hard, smooth):
        return None
    outside |= _shadow(rgb, outside, background)
    subject = _without_specks(~outside)
    if not 0.01 <= subject.mean() <= 0.9 or subject.sum() < (1 - _MAX_SHADOW_SHARE) * hard.sum():
        return None
    weak = _weak_edge_share(subject, smooth, background.key)
    return None if weak > _MAX_WEAK_EDGE or _is_ragged(subject) or _touches_border(subject) else subject


def _reached_from_border(passable: Mask) -> Mask:
    """Return the passable pixels connected to the picture's border."""
    framed = np.pad(passable, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(framed, connectivity=4)
    reached: Mask = (labels == labels[0, 0])[1:-1, 1:-1]
    return reached


def _shadow(rgb: Bytes, outside: Mask, background: Background) -> Mask:
    """Return soft cast shadow next to the background: same hue, darker, no edge in it."""
    lab = to_lab(np.asarray(cv2.GaussianBlur(rgb, (5, 5), 0), np.uint8))
    darker = background.colours[..., 0] - lab[..., 0]
    tint: Floats = np.linalg.norm(lab[..., 1:] - background.colours[..., 1:], axis=2)
    light = np.ascontiguousarray(lab[..., 0])
    slope = cv2.magnitude(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)) / 8
    scale = min(rgb.shape[:2]) / 512
    soft = (darker > -2) & (darker < 60) & (tint < 5) & (slope < 2.2 / max(scale, 0.5))
    return _reached_from_border(outside | soft)


def _without_specks(mask: Mask) -> Mask:
    """Drop what is smaller than 0.5 % of the largest piece, and thin threads."""
    opened = np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, _disc(1)), np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    if count < 2:
        return np.zeros_like(mask)
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = 1 + np.flatnonzero(areas >= 0.005 * areas.max())
    out: Mask = np.isin(labels, kept)
    return out


def _has_see_through_hole(subject: Mask, distance: Floats) -> bool:
    """True when a sizeable enclosed part looks just like the background: a hole or a white label, nobody can tell."""
    same = (subject & (distance < 2.5)).astype(np.uint8)
    core = np.asarray(cv2.morphologyEx(same, cv2.MORPH_OPEN, _disc(2)), np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=4)
    largest = int(stats[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0
    return largest > _MAX_HOLE * float(subject.sum())


def _weak_edge_share(subject: Mask, distance: Floats, key: float) -> float:
    """Return the share of the outline where the subject barely differs from the background."""
    mask = subject.astype(np.uint8)
    edge = mask.astype(bool) & ~np.asarray(cv2.erode(mask, _disc(1)), np.uint8).astype(bool)
    reach = max(3, round(min(mask.shape) * 0.006))
    strongest = np.asarray(cv2.dilate(distance, _disc(reach)), np.float32)
    return float(np.mean(strongest[edge] < 2.0 * key)) if edge.any() else 1.0


def _is_ragged(subject: Mask) -> bool:
    """True when the outline is much longer than that of its smoothed self: the key bit into texture."""
    radius = max(2, round(min(subject.shape) * 0.008))
    mask = subject.astype(np.uint8)
    smooth = cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_OPEN, _disc(radius)), cv2.MORPH_CLOSE, _disc(radius))
    return bool(_outline(mask) > 1.9 * _outline(np.asarray(smooth, np.uint8)) + 8 * radius)


def _outline(mask: Bytes) -> float:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return float(sum(cv2.arcLength(contour, closed=True) for contour in contours))


def _touches_border(subject: Mask) -> bool:
    """True when the subject runs out of the picture: its cut side would show."""
    border = np.concatenate([subject[0], subject[-1], subject[:, 0], subject[:, -1]])
    return float(border.mean()) > 0.01


def _matte(rgb: Bytes, subject: Mask, background: Background) -> Bytes:
    """Return HxWx4 uint8: alpha solved in a thin band along the outline, choked, its colours decontaminated."""
    radius = 2 if min(subject.shape) < 900 else 3
    mask = subject.astype(np.uint8)
    sure = np.asarray(cv2.erode(mask, _disc(radius)), np.uint8).astype(bool)
    band = np.asarray(cv2.dilate(mask, _disc(radius)), np.uint8).astype(bool) & ~sure
    pixels = rgb.astype(np.float32)
    inner = _nearest_inside(pixels, sure)
    behind = from_lab(background.colours).astype(np.float32)
    span = inner - behind
    alpha: Floats = np.sum((pixels - behind) * span, axis=2) / np.maximum(np.sum(span * span, axis=2), 64.0)
    alpha = np.where(band, np.clip((alpha - 0.12) / 0.78, 0, 1), sure).astype(np.float32)
    lifted = (pixels - (1 - alpha[..., None]) * behind) / np.maximum(alpha[..., None], 0.05)
    trust = np.clip((alpha[..., None] - 0.35) / 0.6, 0, 1)
    clean = np.where(band[..., None], trust * lifted + (1 - trust) * inner, pixels)
    clean[alpha <= 0] = inner[alpha <= 0]
    out: Bytes = np.dstack([np.clip(np.rint(clean), 0, 255), np.rint(alpha * 255)]).astype(np.uint8)
    return out


def _nearest_inside(pixels: Floats, sure: Mask) -> Floats:
    """Return, for each pixel, the colour of the nearest sure subject pixel."""
    _, labels = cv2.distanceTransformWithLabels(
        (~sure).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner = np.zeros(int(labels.max()) + 1, np.int64)
    owner[labels[sure]] = np.flatnonzero(sure)
    flat: Floats = pixels.reshape(-1, 3)[owner[labels]]
    return flat


def _disc(radius: int) -> Bytes:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
