"""The host that serves outputs. It wants no token, notes when one reaches it, and forgets files after an hour.

Mounted by fakes/app.py on the second port. Tests: tests/test_fakes/test_media.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from PIL import Image  # noqa: F401 - its plug-ins load here, before the first request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from fakes.faults import Broken
from fakes.media import ClipShape, clip, clip_size, mark_of, padding, picture, picture_size
from fakes.predictions import Prediction
from fakes.script import Call, Do, Output
from fakes.world import Operation, World

_LOCK = asyncio.Lock()
_CHUNK = b"\0" * 1_000_000
_TYPES = {"mp4": "video/mp4", "png": "image/png", "jpg": "image/jpeg"}


async def download(world: World, call: Call, do: Do) -> Response:
    """Serve what a prediction made."""
    now = world.clock.now()
    prediction = world.shelf.predictions.get(call.path.split("/")[1])
    if prediction is None or prediction.phase(now).status != "succeeded" or prediction.removed(now):
        return PlainTextResponse("Not found", 404)
    wanted = do.output or prediction.do.output or Output()
    if wanted.gone or not call.path.endswith(prediction.file_name):
        return PlainTextResponse("Not found", 404)
    response = await _response(world, prediction, wanted)
    return Broken(response, 0.5, reset=False) if wanted.cut else response


async def _response(world: World, prediction: Prediction, wanted: Output) -> Response:
    kind = _TYPES[prediction.file_name.rsplit(".", 1)[1]]
    if wanted.corrupt:
        return Response(b"\0not what it says it is\0" * 400, media_type=kind)
    async with _LOCK:  # one at a time: making media keeps a core busy
        body = await asyncio.to_thread(make, prediction, wanted, world.script.settings.scale)
    if not wanted.pad_mb:
        return Response(body, media_type=kind)

    async def pieces() -> AsyncIterator[bytes]:
        yield body
        yield padding(wanted.pad_mb)
        for _ in range(wanted.pad_mb):
            yield _CHUNK

    length = len(body) + len(padding(wanted.pad_mb)) + wanted.pad_mb * len(_CHUNK)
    return StreamingResponse(pieces(), headers={"content-length": str(length)}, media_type=kind)


def make(prediction: Prediction, wanted: Output, scale: float) -> bytes:
    """Return the file of a prediction: the shape its input asks for, marked with its prompt."""
    settled, mark = prediction.settled, mark_of(prediction.prompt)
    scale = wanted.scale or scale
    ratio = str(settled["aspect_ratio"])
    if prediction.model.kind == "video":
        width, height = clip_size(ratio, settled["resolution"], scale)
        seconds = wanted.duration_s or float(settled["duration"])
        return clip(ClipShape(width, height, seconds, mark, audio=bool(settled["generate_audio"])))
    shape = "1:1" if ratio == "match_input_image" else ratio
    width, height = picture_size(shape, str(settled.get("resolution", "1K")), scale)
    return picture(width, height, mark, str(settled["output_format"]))


OPERATIONS = [Operation("media", "download", "GET", "/{id}/{file}", download, needs_token=False)]
