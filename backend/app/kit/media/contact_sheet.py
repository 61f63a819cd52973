"""A picture of a whole film: a grid of evenly spaced frames with their times, as PNG.

Run as a job: `app.kit.worker.run_job("app.kit.media.contact_sheet:contact_sheet_job", payload)`.
Tests: tests/test_kit/test_media_contact_sheet.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from app.core.errors import InvalidInput, MediaError
from app.kit.media.facts import open_media, probe, video_of

Picture = NDArray[np.uint8]
_GAP = 6
_PAPER = 24


def contact_sheet_job(payload: dict[str, Any], report: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Worker entry.

    Args:
        payload: ``path`` (video), ``output`` (PNG path), ``columns`` (4), ``rows`` (3), ``cell_width`` (320 pixels).
        report: Receives ``{"fraction"}`` as cells are filled.

    Returns:
        ``{"width", "height", "times"}``: the sheet's size and the seconds shown.
    """
    columns, rows = int(payload.get("columns", 4)), int(payload.get("rows", 3))
    cells: list[tuple[float, Picture]] = []
    for cell in frames_at_even_times(Path(payload["path"]), columns * rows, int(payload.get("cell_width", 320))):
        cells.append(cell)
        report({"fraction": len(cells) / (columns * rows)})
    sheet = contact_sheet(cells, columns)
    output = Path(payload["output"])
    part = output.with_name(f".{output.name}.part.png")
    part.write_bytes(cv2.imencode(".png", sheet)[1].tobytes())
    part.replace(output)
    return {"width": sheet.shape[1], "height": sheet.shape[0], "times": [round(time, 3) for time, _ in cells]}


def frames_at_even_times(path: Path, count: int, width: int) -> Iterator[tuple[float, Picture]]:
    """Yield `count` (seconds, BGR picture `width` pixels wide): the middles of equal parts of the film.

    A film with fewer frames repeats some. Raises InvalidInput, MediaError as `probe`.
    """
    video = probe(path).video
    if video is None:
        raise InvalidInput(f"{path.name} has no video in it.", hint="Give a video file.")
    wanted = [int((index + 0.5) * video.frames / count) for index in range(count)]
    height = max(2, round(width * video.height / video.width))
    with open_media(path) as container:
        stream = video_of(container, path.name)
        for number in wanted:
            frame = _frame_at(container, stream, number, float(video.rate))
            picture = cv2.resize(frame.to_ndarray(format="bgr24"), (width, height), interpolation=cv2.INTER_AREA)
            yield number / float(video.rate), picture.astype(np.uint8)


def _frame_at(container: InputContainer, stream: VideoStream, number: int, rate: float) -> av.VideoFrame:
    """Decode frame `number`, from the key frame before it."""
    base, start = float(stream.time_base or 1), float(stream.start_time or 0)
    container.seek(int(start + number / rate / base), stream=stream)
    last: av.VideoFrame | None = None
    for frame in container.decode(stream):
        last = frame
        if round((float(frame.pts or 0) - start) * base * rate) >= number:
            return frame
    if last is None:
        raise MediaError(f"Frame {number} can't be decoded.", hint="Make the film again.")
    return last


def contact_sheet(cells: list[tuple[float, Picture]], columns: int) -> Picture:
    """Return the grid (BGR); every cell carries its time as m:ss.t in the lower left corner."""
    height, width = cells[0][1].shape[:2]
    rows = -(-len(cells) // columns)
    size = (rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, 3)
    sheet: Picture = np.full(size, _PAPER, np.uint8)
    for index, (time, picture) in enumerate(cells):
        top = _GAP + index // columns * (height + _GAP)
        left = _GAP + index % columns * (width + _GAP)
        sheet[top : top + height, left : left + width] = _stamped(picture, time)
    return sheet


def _stamped(picture: Picture, time: float) -> Picture:
    text = f"{int(time // 60)}:{time % 60:04.1f}"
    scale = picture.shape[1] / 640
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    stamped = picture.copy()
    bottom = stamped.shape[0]
    cv2.rectangle(stamped, (0, bottom - height - 8), (width + 8, bottom), (0, 0, 0), -1)
    cv2.putText(stamped, text, (4, bottom - 4), cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return stamped
