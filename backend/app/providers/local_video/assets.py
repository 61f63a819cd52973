"""The reference images of a clip, decoded once: which of them is a cut-out, which can only be shown as a photo.

Called by render.py with local paths; read by layouts (sizes) and bakers (pixels).
Tests: tests/test_providers/test_local_video/
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.kit.images import cut_out, decode_rgba, has_real_alpha
from app.providers.local_video.planes import Bytes
from app.schemas.unified_pipeline import ReferenceType

_LARGEST = 1600
"""Longest side kept, in pixels: no layout shows an image larger than that at 1080p."""


@dataclass(frozen=True)
class Asset:
    """One usable image. `rgba` is H x W x 4 uint8, straight alpha; a cut-out is trimmed to its subject."""

    type: ReferenceType
    rgba: Bytes
    is_cutout: bool

    @property
    def aspect(self) -> float:
        """Width over height."""
        return float(self.rgba.shape[1] / self.rgba.shape[0])

    @property
    def is_bright(self) -> bool:
        """True when a photo's lower left, where words go, is light enough for dark ink."""
        height, width = self.rgba.shape[:2]
        corner = self.rgba[height // 3 :, : width * 2 // 3, :3].astype(np.float32)
        return float((corner @ np.array([0.299, 0.587, 0.114], np.float32)).mean()) > 150

    def shows_on(self, theme: str) -> bool:
        """True when a cut-out's pixels stand out from a dark (dark, vivid) or a light ground."""
        seen = self.rgba[self.rgba[..., 3] > 128][:, :3].astype(np.float32)
        if seen.size == 0:
            return True
        luma = seen @ np.array([0.299, 0.587, 0.114], np.float32)
        lost = luma > 190 if theme == "light" else luma < 95
        return float(lost.mean()) < 0.3


def load_assets(references: list[dict[str, Any]], limit: int = _LARGEST) -> list[Asset]:
    """Decode every reference (dicts with ``type`` and ``path``). Raises InvalidInput for an unreadable one."""
    return [_load(entry["type"], Path(entry["path"]), limit) for entry in references]


def _load(kind: ReferenceType, path: Path, limit: int) -> Asset:
    rgba = _shrunk(decode_rgba(path.read_bytes()), limit)
    if has_real_alpha(rgba):
        return Asset(kind, _trimmed(rgba), is_cutout=True)
    if kind == "environment":
        return Asset(kind, rgba, is_cutout=False)
    cut = cut_out(rgba)
    return Asset(kind, rgba, is_cutout=False) if cut is None else Asset(kind, _trimmed(cut), is_cutout=True)


def _shrunk(rgba: Bytes, limit: int) -> Bytes:
    height, width = rgba.shape[:2]
    scale = limit / max(height, width)
    if scale >= 1:
        return rgba
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    alpha = rgba[..., 3:].astype(np.float32) / 255
    colour = cv2.resize(rgba[..., :3] * alpha, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    straight = colour / np.maximum(small[..., None], 1 / 255)
    return np.round(np.dstack([np.clip(straight, 0, 255), small * 255])).astype(np.uint8)


def _trimmed(rgba: Bytes) -> Bytes:
    """Return the picture cut to the box of its visible pixels, with one clear pixel around."""
    rows = np.flatnonzero(rgba[..., 3].max(axis=1) > 12)
    columns = np.flatnonzero(rgba[..., 3].max(axis=0) > 12)
    if rows.size == 0 or columns.size == 0:
        return rgba
    inner = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.pad(inner, ((1, 1), (1, 1), (0, 0)))
