"""The local composer behind its port: stores a 48 kHz stereo 16-bit WAV, free of charge."""

from __future__ import annotations

import wave
from decimal import Decimal
from pathlib import Path

import pytest

from app.core.errors import InvalidInput
from app.providers.local_audio.model import LocalAudioModel
from app.schemas.providers import AudioRequest, CallContext
from app.storage.local import LocalStorage

CTX = CallContext(generation_id="g", step="music")


async def test_a_bed_is_stored_exactly_as_long_as_asked(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "store")
    model = LocalAudioModel(storage, tmp_path / "work")
    result = await model.compose(AudioRequest(duration_s=2.5, cuts=[1.0], mood="playful"), "music/bed.wav", CTX)
    assert (result.value, result.cost_usd, result.usage.media_seconds) == ("music/bed.wav", Decimal(0), 2.5)
    async with storage.local_copy("music/bed.wav") as path:
        with wave.open(str(path)) as file:
            shape = (file.getframerate(), file.getnchannels(), file.getsampwidth(), file.getnframes())
    assert shape == (48_000, 2, 2, 120_000)
    assert list((tmp_path / "work").iterdir()) == []


async def test_the_same_request_gives_the_same_bytes(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "store")
    model = LocalAudioModel(storage, tmp_path / "work")
    for key in ("a.wav", "b.wav"):
        await model.compose(AudioRequest(duration_s=1.5, seed=9), key, CTX)
    assert await storage.read_bytes("a.wav") == await storage.read_bytes("b.wav")


@pytest.mark.parametrize("seconds", [0.2, 4000])
async def test_absurd_lengths_are_refused(tmp_path: Path, seconds: float) -> None:
    model = LocalAudioModel(LocalStorage(tmp_path / "store"), tmp_path / "work")
    with pytest.raises(InvalidInput, match="can't be composed"):
        await model.compose(AudioRequest(duration_s=seconds), "a.wav", CTX)
