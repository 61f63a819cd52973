"""The time the fakes live in: real time, which a script may move forward, speed up or hold still.

Used by everything that dates or waits. Tests: tests/test_fakes/test_replicate.py.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch. Whoever waits is woken when the clock is moved or `poke`d."""

    def __init__(self) -> None:
        self._moved = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """Return to real time."""
        self._base, self._anchor, self._rate = time.time(), time.monotonic(), 1.0
        self.poke()

    def now(self) -> float:
        """Return the present moment."""
        return self._base + (time.monotonic() - self._anchor) * self._rate

    def move(self, advance: float = 0.0, rate: float | None = None, at: float | None = None) -> None:
        """Jump to `at` if given, ahead by `advance` seconds, and run at `rate` times real speed (0 holds still)."""
        self._base, self._anchor = (self.now() if at is None else at) + advance, time.monotonic()
        if rate is not None:
            self._rate = rate
        self.poke()

    def poke(self) -> None:
        """Wake everyone who waits: something happened that may change what they wait for."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, moment: float | None) -> None:
        """Return at `moment` or at the next poke; None means without end."""
        ends = moment is not None and self._rate > 0
        left = max(0.0, (moment or 0.0) - self.now()) / self._rate if ends else None
        try:
            await asyncio.wait_for(self._moved.wait(), left)
        except TimeoutError:
            return


def stamp(moment: float) -> str:
    """Return a moment as both vendors write it: ISO 8601 in UTC with microseconds and a Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
