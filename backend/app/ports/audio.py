"""Music beds. Adapters: app/providers/*_audio.py. Suite: tests/test_providers/test_local_audio/."""

from __future__ import annotations

from typing import Protocol

from app.schemas.providers import AudioRequest, CallContext, Result


class AudioModel(Protocol):
    """Composes a bed exactly as long as the ad."""

    async def compose(self, data: AudioRequest, output_key: str, ctx: CallContext) -> Result[str]:
        """Store a 48 kHz stereo 16-bit WAV of `data.duration_s` seconds under `output_key`; return the key."""
