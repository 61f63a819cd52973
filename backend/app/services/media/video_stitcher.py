"""Joins a generation's clips into the final video: which clips, in what order, for how long, under which music.

Built by app/container.py; called by services/unified_pipeline/video_stage.py. The mechanics are
app/kit/media/stitch.py, run in a process of their own. Tests: tests/test_services/test_video_stitcher.py
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from pydantic import Field

from app.core.errors import InvalidInput
from app.kit.ids import digest
from app.kit.media.stitch import Stitched, adoptable
from app.kit.worker import run_job
from app.ports.storage import Storage
from app.schemas.base import Model


class ClipInput(Model):
    """One clip in film order; `duration_s` is how much of it is used, from its start."""

    key: str
    duration_s: float = Field(gt=0)
    clip_id: int


class StitchReport(Model):
    """What was stored. `normalised` names the clips whose pictures had to be re-encoded to match the others."""

    duration_s: float
    frames: int
    normalised: list[int] = Field(default_factory=list, description="Clip ids.")
    bytes: int
    adopted: bool = Field(default=False, description="True when a finished, verified output was already there.")


class VideoStitcher:
    """Stitches clips of the object store into one video of the object store."""

    def __init__(self, storage: Storage, work_dir: Path) -> None:
        self._storage = storage
        self._work_dir = work_dir

    async def stitch(
        self,
        clips: Sequence[ClipInput],
        *,
        bed_key: str | None,
        output_key: str,
        on_progress: Callable[[float], None] = lambda _: None,
    ) -> StitchReport:
        """Store the joined video under `output_key` and say what it is; a finished one is adopted.

        Args:
            clips: In film order.
            bed_key: Music bed (WAV), or None.
            output_key: Where the mp4 goes; nothing appears there unless whole and verified.
            on_progress: Receives 0-1 now and then.

        Raises:
            InvalidInput: no clips, or one (named) is not a readable video.
            MediaError: a clip (named) does not decode, or the result fails its check.
            NotFound: a clip or the bed is not stored.
        """
        if not clips:
            raise InvalidInput("There are no clips to stitch.", hint="Generate at least one clip first.")
        async with AsyncExitStack() as stack:
            paths = [await stack.enter_async_context(self._storage.local_copy(clip.key)) for clip in clips]
            bed = await stack.enter_async_context(self._storage.local_copy(bed_key)) if bed_key else None
            stamp = await asyncio.to_thread(_stamp, clips, paths, bed)
            done = await self._adopted(output_key, stamp)
            if done is not None:
                return _report(done, clips, adopted=True)
            payload = _payload(clips, paths, bed) | {"stamp": stamp}
            return _report(await self._made(payload, output_key, on_progress), clips, adopted=False)

    async def _made(self, payload: dict[str, Any], output_key: str, on_progress: Callable[[float], None]) -> Stitched:
        await asyncio.to_thread(self._work_dir.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work_dir, prefix="stitch-") as folder:
            output = Path(folder) / "final.mp4"
            done = await run_job(
                "app.kit.media.stitch:stitch_job",
                payload | {"output": str(output)},
                lambda report: on_progress(report["fraction"]),
            )
            await self._storage.put_file(output_key, output, "video/mp4")
        return Stitched(**done)

    async def _adopted(self, output_key: str, stamp: str) -> Stitched | None:
        if not await self._storage.exists(output_key):
            return None
        async with self._storage.local_copy(output_key) as path:
            return await asyncio.to_thread(adoptable, path, stamp)


def _payload(clips: Sequence[ClipInput], paths: Sequence[Path], bed: Path | None) -> dict[str, Any]:
    return {
        "clips": [
            {"path": str(path), "label": f"Clip {clip.clip_id}", "duration_s": clip.duration_s}
            for clip, path in zip(clips, paths, strict=True)
        ],
        "bed": str(bed) if bed else None,
    }


def _report(done: Stitched, clips: Sequence[ClipInput], *, adopted: bool) -> StitchReport:
    return StitchReport(
        duration_s=done.duration,
        frames=done.frames,
        normalised=[clips[position].clip_id for position in done.normalised],
        bytes=done.size,
        adopted=adopted,
    )


def _stamp(clips: Sequence[ClipInput], paths: Sequence[Path], bed: Path | None) -> str:
    """Return a digest of everything the output is made of: bytes, order and lengths."""
    parts = [[_file_digest(path), clip.duration_s] for clip, path in zip(clips, paths, strict=True)]
    return digest([parts, _file_digest(bed) if bed else None])


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
