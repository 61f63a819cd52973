"""The audio port computed on this machine: composes the bed in a process of its own and stores it.

Built by app/container.py. Tests: tests/test_providers/test_local_audio/test_model.py and the audio contract suite
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from app.core.errors import InvalidInput
from app.kit.worker import run_job
from app.ports.storage import Storage
from app.providers.registry import ProviderDeps
from app.schemas.providers import AudioRequest, CallContext, Result, Usage

NAME = "local"
MODEL = "local composer 1"
_SHORTEST_S = 1.0
_LONGEST_S = 600.0


class LocalAudioModel:
    """Adapter of ports.audio.AudioModel; free, offline, the same request gives the same bytes."""

    name = NAME

    def __init__(self, storage: Storage, work_dir: Path) -> None:
        self._storage = storage
        self._work_dir = work_dir

    async def compose(self, data: AudioRequest, output_key: str, ctx: CallContext) -> Result[str]:
        """See ports.audio.AudioModel. Raises InvalidInput for a length outside 1 s to 10 min."""
        if not _SHORTEST_S <= data.duration_s <= _LONGEST_S:
            raise InvalidInput(f"A music bed of {data.duration_s:g} s can't be composed.", hint="Ask for 1 s to 600 s.")
        await asyncio.to_thread(self._work_dir.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work_dir, prefix="music-") as folder:
            output = Path(folder) / "bed.wav"
            payload = {"request": data.model_dump(mode="json"), "output": str(output)}
            await run_job("app.providers.local_audio.composer:compose_job", payload)
            await self._storage.put_file(output_key, output, "audio/wav")
        return Result(value=output_key, provider=NAME, model=MODEL, usage=Usage(media_seconds=data.duration_s))


def build(deps: ProviderDeps) -> LocalAudioModel:
    """Build the adapter for providers/registry.py."""
    return LocalAudioModel(deps.storage, deps.work_dir)
