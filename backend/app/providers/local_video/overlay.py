"""Words over film: a clip made elsewhere brought to the ad's length, rate and size, with the scene's own copy on it.

The copy, the logo and the cuts are drawn by the same layouts as local clips, so that paid and free scenes of one ad
belong together; where a layout draws its own ground, a tint of it lies over the film instead. Written by the same
encoder as local clips: the stitch copies both. A worker job, started by app/providers/replicate_video.
Tests: tests/test_providers/test_local_video/test_overlay.py
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from PIL import Image

from app.core.errors import MediaError
from app.kit.media import sound
from app.kit.media.cover import covering_frames
from app.kit.media.facts import open_media, probe, video_of
from app.kit.worker import Report
from app.providers.local_video.assets import Asset, load_assets
from app.providers.local_video.bake import bake
from app.providers.local_video.compositor import Player
from app.providers.local_video.encode import ClipWriter
from app.providers.local_video.layouts import build
from app.providers.local_video.look import Look
from app.providers.local_video.planes import Bytes, Planes
from app.providers.local_video.render import look_for, to_rgb
from app.providers.local_video.scene_spec import BackdropArt, Layer, SceneSpec, ShapeArt
from app.providers.local_video.stage import Stage
from app.schemas.providers import VideoRequest
from app.schemas.unified_pipeline import Layout, ReferenceType, Scene

_PICTURED: tuple[Layout, ...] = ("hero-split", "full-bleed", "framed-photo")
_FILM, _TINT = 0, 0.62
_SAMPLES = 5
_DROPPED = ("ghost", "bokeh", "disc")
_BIT_RATE = 160_000


def finish_clip(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Worker entry.

    Args:
        payload: ``request`` (a VideoRequest as JSON), ``source`` (the film), ``images`` (list of ``type`` and ``path``;
            only the logo is used), ``keep_sound``, ``output``, ``comment``, ``poster`` and ``poster_frame``.
        report: Receives ``frames`` and ``planned`` at the end.

    Returns:
        ``frames``: exactly the scene's length.

    Raises:
        InvalidInput, MediaError: The film can't be read.
    """
    cv2.setNumThreads(1)
    request = VideoRequest.model_validate(payload["request"])
    source, output = Path(payload["source"]), Path(payload["output"])
    spec, player = prepare_over(request, source, payload["images"])
    silent = output.with_suffix(".silent.part") if payload["keep_sound"] else output
    with ClipWriter(silent, (spec.width, spec.height), spec.fps, payload["comment"]) as writer:
        for number, ground in enumerate(_exactly(source, request, spec.frames)):
            frame = player.frame_over(number, ground)
            writer.write(frame)
            if number == payload["poster_frame"]:
                Image.fromarray(to_rgb(frame)).save(payload["poster"], "JPEG", quality=90, subsampling=0)
    if silent != output:
        _with_sound(silent, source, output, payload["comment"])
        silent.unlink()
    report({"frames": spec.frames, "planned": spec.frames})
    return {"frames": spec.frames}


def prepare_over(request: VideoRequest, source: Path, images: list[dict[str, Any]]) -> tuple[SceneSpec, Player]:
    """Return the scene as layers over its film, and their player."""
    scene = _over_film(request.scene)
    request = request.model_copy(update={"scene": scene})
    logos = load_assets([image for image in images if image["type"] == "logo"][:1])
    assets = [_film_asset(request, source), *logos]
    look = look_for(request, assets)
    stage = Stage(request, look, assets, round(scene.duration * request.fps) / request.fps)
    spec = build(stage)
    layers = (
        tuple(_layer_over(layer, look, stage) for layer in spec.layers if _stays(layer)) if _has_copy(scene) else ()
    )
    spec = replace(spec, layers=layers)
    return spec, Player(spec, bake(spec, look, assets))


def _over_film(scene: Scene) -> Scene:
    """Return the scene with the film as its picture: layouts made of words keep theirs, the others fill the frame.

    Beats flood the whole frame with colour, which would hide the film: their lines stand as a list.
    """
    logo: list[ReferenceType] = ["logo"] if "logo" in scene.references else []
    if scene.layout == "type-beats" and scene.copy_text.items:
        return scene.model_copy(update={"layout": "stack-list", "references": logo})
    if scene.layout in (*_PICTURED, "type-beats"):
        return scene.model_copy(update={"layout": "full-bleed", "references": ["environment", *logo]})
    return scene.model_copy(update={"references": logo})


def _has_copy(scene: Scene) -> bool:
    copy = scene.copy_text
    words = (copy.kicker, copy.headline, copy.support, copy.cta, copy.url, *copy.items)
    return any(words) or "logo" in scene.references


def _film_asset(request: VideoRequest, source: Path) -> Asset:
    """Return one picture that stands for the whole film where words are laid over it: the worst case of its frames."""
    count = round(request.scene.duration * request.fps)
    wanted = {round(count * (share + 0.5) / _SAMPLES) for share in range(_SAMPLES)}
    seen = [to_rgb(planes) for number, planes in enumerate(_exactly(source, request, count)) if number in wanted]
    mean = np.mean(seen, axis=0).astype(np.uint8)
    bright = Asset("environment", _opaque(mean), is_cutout=False).is_bright
    worst = np.min(seen, axis=0) if bright else np.max(seen, axis=0)
    return Asset("environment", _opaque(worst), is_cutout=False)


def _opaque(rgb: Bytes) -> Bytes:
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


def _stays(layer: Layer) -> bool:
    return layer.name != "photo" and layer.role != "subject" and not layer.name.startswith(_DROPPED)


def _layer_over(layer: Layer, look: Look, stage: Stage) -> Layer:
    """Return the layer; a ground of its own becomes a tint over the film."""
    if not isinstance(layer.art, BackdropArt):
        return layer
    tint = look.pool if look.theme == "light" else look.deep
    return Layer("tint", "backdrop", ShapeArt(tint, _TINT), stage.frame)


def _exactly(source: Path, request: VideoRequest, count: int) -> Iterator[Planes]:
    """Yield `count` frames of the film in the ad's shape; one that ends early holds its last picture."""
    last: Planes | None = None
    given = 0
    for frame in covering_frames(source, (request.width, request.height), request.fps):
        if given == count:
            return
        last, given = _planes(frame), given + 1
        yield last
    if last is None:
        raise MediaError("The clip has no picture in it.", hint="Make it again.")
    for _ in range(count - given):
        yield last


def _planes(frame: av.VideoFrame) -> Planes:
    y, u, v = (_plane(frame, index) for index in range(3))
    return Planes(y, np.dstack([u, v]))


def _plane(frame: av.VideoFrame, index: int) -> Bytes:
    plane = frame.planes[index]
    view = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return np.ascontiguousarray(view[:, : plane.width])


def _with_sound(silent: Path, source: Path, output: Path, comment: str) -> None:
    """Write the finished pictures with the film's own sound, as long as they are."""
    video = probe(silent).video
    heard = sound.silence(0) if probe(source).audio is None else sound.read_sound(source)[0]
    assert video is not None
    track = sound.fitted(heard, round(video.duration * sound.RATE))
    options = {"movflags": "+faststart"}
    with av.open(str(output), "w", format="mp4", options=options) as target, open_media(silent) as made:
        target.metadata["comment"] = comment
        pictures = target.add_stream_from_template(video_of(made, silent.name))
        audio = target.add_stream("aac", rate=sound.RATE, layout="stereo")
        audio.codec_context.bit_rate = _BIT_RATE
        for picture in made.demux(video_of(made, silent.name)):
            if picture.size:
                picture.stream = pictures
                target.mux(picture)
        for packet in sound.encode_aac(audio, track):
            target.mux(packet)
