"""The worker's side: render one clip (or one still) from a JSON payload. Runs in a process of its own.

Started by adapter.py through app.kit.worker. Tests: tests/test_providers/test_local_video/test_render.py
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from app.kit.worker import Report
from app.providers.local_video.assets import Asset, load_assets
from app.providers.local_video.bake import bake
from app.providers.local_video.compositor import Player
from app.providers.local_video.encode import ClipWriter
from app.providers.local_video.layouts import build
from app.providers.local_video.look import Look, Theme, derive_look
from app.providers.local_video.planes import Planes
from app.providers.local_video.scene_spec import SceneSpec
from app.providers.local_video.stage import Stage
from app.schemas.providers import VideoRequest

_REPORT_EVERY_S = 0.25


def prepare(payload: dict[str, Any]) -> tuple[SceneSpec, Player]:
    """Return the scene and its player.

    Args:
        payload: ``request`` (a VideoRequest as JSON) and ``images`` (a list of ``type`` and local ``path``).
    """
    cv2.setNumThreads(1)
    request = VideoRequest.model_validate(payload["request"])
    assets = load_assets(payload["images"], limit=max(request.width, request.height))
    look = look_for(request, assets)
    stage = Stage(request, look, assets, round(request.scene.duration * request.fps) / request.fps)
    spec = build(stage)
    return spec, Player(spec, bake(spec, look, assets))


def look_for(request: VideoRequest, assets: list[Asset]) -> Look:
    """Return the ad's look; a photo that fills the frame brings day or night, a logo the side it shows on."""
    look = derive_look(request)
    layout = request.scene.layout
    photos = [asset for asset in assets if not asset.is_cutout]
    if layout == "full-bleed" and photos:
        return derive_look(request, "light" if photos[0].is_bright else "dark")
    logos = [asset for asset in assets if asset.type == "logo" and asset.is_cutout]
    if layout in {"logo-close", "titlecard"} and logos and not logos[0].shows_on(look.theme):
        other: Theme = "dark" if look.theme == "light" else "light"
        return derive_look(request, other) if logos[0].shows_on(other) else look
    return look


def render_clip(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Render to ``payload["output"]``; reports ``frames`` done and ``planned``, at most four times a second.

    Returns ``frames``. `payload` as for `prepare`, with ``output`` (a local path), ``comment`` (kept in the file) and,
    if wanted, ``poster`` (a local path) and ``poster_frame``: that frame is also saved there as JPEG.
    """
    spec, player = prepare(payload)
    report({"frames": 0, "planned": spec.frames})
    told = time.monotonic()
    with ClipWriter(Path(payload["output"]), (spec.width, spec.height), spec.fps, payload["comment"]) as writer:
        for number in range(spec.frames):
            frame = player.frame(number)
            writer.write(frame)
            if number == payload.get("poster_frame"):
                _save_picture(frame, payload["poster"])
            if time.monotonic() - told >= _REPORT_EVERY_S:
                told = time.monotonic()
                report({"frames": number + 1, "planned": spec.frames})
    report({"frames": spec.frames, "planned": spec.frames})
    return {"frames": spec.frames}


def render_still(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Draw frame ``payload["frame"]`` to ``payload["output"]`` as JPEG, by the same code as the clip's."""
    spec, player = prepare(payload)
    number = min(max(0, int(payload["frame"])), spec.frames - 1)
    _save_picture(player.frame(number), payload["output"])
    report({"frames": 1, "planned": 1})
    return {"frame": number}


def _save_picture(planes: Planes, path: str) -> None:
    Image.fromarray(to_rgb(planes)).save(path, "JPEG", quality=90, subsampling=0)


def to_rgb(planes: Planes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the picture as H x W x 3 sRGB bytes."""
    flat = np.concatenate([planes.y.ravel(), planes.uv[..., 0].ravel(), planes.uv[..., 1].ravel()])
    stacked = flat.reshape(planes.y.shape[0] * 3 // 2, planes.y.shape[1])
    return np.asarray(cv2.cvtColor(stacked, cv2.COLOR_YUV2RGB_I420), np.uint8)
