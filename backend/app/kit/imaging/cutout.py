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
_WORK_SIDE = 1024
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
    scale = min(1.0, _WORK_SIDE / max(rgb.shape[:2]))
    small = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    background = plain_background(small)
    subject = None if background is None else _subject(small, background)
    if background is None or subject is None:
        return None
    return _matte(rgb, _enlarged(subject.astype(np.float32), rgb) > 0.5, _enlarged(background.colours, rgb), scale)


def _subject(rgb: Bytes, background: Background) -> Mask | None:
    """Return the subject's mask after all vetoes, or None."""
    smooth: Floats = np.asarray(cv2.GaussianBlur(background.distance, (3, 3), 0), np.float32)
    outside = _reached_from_border(smooth < background.key)
    hard = float((~outside & (smooth >= background.key)).mean())
    if not 0.01 <= hard <= 0.9:
        return None
    outside |= _shadow(rgb, outside, background)
    outside |= _pockets(outside, smooth, background.key)
    outside = _tightened(outside, smooth)
    subject = _without_specks(~outside)
    if not max(0.01, (1 - _MAX_SHADOW_SHARE) * hard) <= subject.mean() <= 0.9:
        return None
    holes = _holes(subject, smooth, background.key)
    if holes.any():
        if _is_whitish_or_black(background):
            return None
        subject &= ~holes
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
    greyed = (darker > -2) & (darker < 60) & (tint < 5)
    reached = _reached_from_border(outside | (greyed & (slope < 2.2 / max(scale, 0.5))))
    shade = (reached & ~outside).astype(np.uint8)
    return reached | (np.asarray(cv2.dilate(shade, _disc(3)), np.uint8).astype(bool) & greyed)


def _pockets(outside: Mask, distance: Floats, key: float) -> Mask:
    """Return scraps of background caught in the outline: of its colour and a few pixels from it."""
    near = np.asarray(cv2.dilate(outside.astype(np.uint8), _disc(5)), np.uint8).astype(bool)
    caught = (~outside & (distance < key)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(caught, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < _MAX_HOLE * float((~outside).sum())
    touching = np.zeros(count, np.bool_)
    touching[np.unique(labels[near & (caught > 0)])] = True
    touching[0] = False
    out: Mask = (touching & small)[labels]
    return out


def _tightened(outside: Mask, distance: Floats) -> Mask:
    """Move the outline in, by a few pixels at most, to where the contrast is: glow and fringe are left outside."""
    near = np.asarray(cv2.dilate(outside.astype(np.uint8), _disc(6)), np.uint8).astype(bool)
    contrast = np.asarray(cv2.dilate(distance, _disc(7)), np.float32)
    return _reached_from_border(outside | (near & (distance < 0.35 * contrast)))


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


def _holes(subject: Mask, distance: Floats, key: float) -> Mask:
    """Return sizeable enclosed parts that look just like the background: holes, or labels of the same colour."""
    same = (subject & (distance < 2.5)).astype(np.uint8)
    core = np.asarray(cv2.morphologyEx(same, cv2.MORPH_OPEN, _disc(2)), np.uint8).astype(bool)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        (subject & (distance < key)).astype(np.uint8), connectivity=4
    )
    inside = np.bincount(labels[core], minlength=len(stats))
    large = (stats[:, cv2.CC_STAT_AREA] > _MAX_HOLE * float(subject.sum())) & (inside > 0)
    large[0] = False
    out: Mask = large[labels]
    return out


def _is_whitish_or_black(background: Background) -> bool:
    """True for backgrounds whose colour a label may well share, so that nobody can tell a label from a hole."""
    light, green_red, blue_yellow = (float(v) for v in np.median(background.colours.reshape(-1, 3), axis=0))
    return (light > 86 or light < 16) and float(np.hypot(green_red, blue_yellow)) < 9


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


def _matte(rgb: Bytes, subject: Mask, behind: Floats, scale: float) -> Bytes:
    """Return HxWx4 uint8: alpha solved in a thin band along the outline, choked, its colours decontaminated.

    `behind` is the background in Lab; `scale` is how much smaller the mask was made.
    """
    radius = round(2 / scale) + (1 if min(subject.shape) >= 900 else 0)
    mask = subject.astype(np.uint8)
    sure = np.asarray(cv2.erode(mask, _disc(radius)), np.uint8).astype(bool)
    band = np.asarray(cv2.dilate(mask, _disc(radius)), np.uint8).astype(bool) & ~sure
    nearest = _nearest_inside(rgb, sure)
    inner, pixels = nearest[band].astype(np.float32), rgb[band].astype(np.float32)
    back = from_lab(behind[band][:, None])[:, 0].astype(np.float32)
    span = inner - back
    share = np.sum((pixels - back) * span, axis=1) / np.maximum(np.sum(span * span, axis=1), 64.0)
    alpha: Floats = np.clip((share - 0.12) / 0.78, 0, 1).astype(np.float32)[:, None]
    lifted = (pixels - (1 - alpha) * back) / np.maximum(alpha, 0.05)
    trust = np.clip((alpha - 0.35) / 0.6, 0, 1)
    colour = np.where(sure[..., None], rgb, nearest)
    colour[band] = np.clip(np.rint(trust * lifted + (1 - trust) * inner), 0, 255).astype(np.uint8)
    opacity = sure.astype(np.uint8) * np.uint8(255)
    opacity[band] = np.rint(alpha[:, 0] * 255).astype(np.uint8)
    return np.dstack([colour, opacity])


def _nearest_inside(rgb: Bytes, sure: Mask) -> Bytes:
    """Return, for each pixel, the colour of the nearest sure subject pixel."""
    _, labels = cv2.distanceTransformWithLabels(
        (~sure).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner = np.zeros(int(labels.max()) + 1, np.int64)
    owner[labels[sure]] = np.flatnonzero(sure)
    nearest: Bytes = rgb.reshape(-1, 3)[owner[labels]]
    return nearest


def _enlarged(field: Floats, rgb: Bytes) -> Floats:
    if field.shape[:2] == rgb.shape[:2]:
        return field
    size = rgb.shape[1], rgb.shape[0]
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _disc(radius: int) -> Bytes:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
