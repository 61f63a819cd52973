"""What waits for one slow client: a bounded queue that gives up transient messages first, then gives up the client.

Filled by session_feed.py, emptied by the client's own task. Tests: tests/test_services/test_transient_pacer.py
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One message as text, made once for all clients. Durable ones have a `seq`; a newer transient of the same
    `key` makes an older one worthless."""

    text: str
    seq: int | None = None
    key: Key = ()


class ClientQueue:
    """Frames in order for one reader. `put` never waits."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._frames: deque[Frame] = deque()
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: Frame) -> bool:
        """Append a frame. False: it is durable and there is no room, so this client has missed something."""
        if self._closed:
            return True
        if len(self._frames) >= self._capacity and not self._make_room():
            return frame.seq is None
        self._frames.append(frame)
        self._changed.set()
        return True

    async def get(self) -> Frame | None:
        """Return the next frame, null once the queue is closed."""
        while not self._closed:
            if self._frames:
                return self._frames.popleft()
            self._changed.clear()
            await self._changed.wait()
        return None

    def close(self) -> None:
        """Drop what waits and end the reader."""
        self._closed = True
        self._frames.clear()
        self._changed.set()

    def _make_room(self) -> bool:
        """Drop the transient frames that a newer one outdates; when there are none, the oldest transient one."""
        newest = {frame.key: place for place, frame in enumerate(self._frames) if frame.seq is None}
        kept = [
            frame for place, frame in enumerate(self._frames) if frame.seq is not None or newest[frame.key] == place
        ]
        if len(kept) == len(self._frames):
            oldest = next((place for place, frame in enumerate(kept) if frame.seq is None), None)
            if oldest is None:
                return False
            del kept[oldest]
        self._frames = deque(kept)
        return True
