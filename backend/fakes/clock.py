"""The time the fakes live in: real time, which a script may move forward, speed up or hold still.

Used by everything that dates or waits. Tests: tests/test_fakes/test_predictions.py.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch. Whoever waits is woken when the clock is moved or `poke`d."""

    def __init__(self) -> None:
        self._base = time.time()
        self._anchor = time.monotonic()
        self._rate = 1.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        """Return the present moment."""
        return self._base + (time.monotonic() - self._anchor) * self._rate

    def move(self, advance: float = 0.0, rate: float | None = None) -> None:
        """Jump ahead by `advance` seconds and, if given, run at `rate` times real speed from now on (0 holds still)."""
        self._base, self._anchor = self.now() + advance, time.monotonic()
        if rate is not None:
            self._rate = rate
        self.poke()

    def poke(self) -> None:
        """Wake everyone who waits: something happened that may change what they wait for."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, moment: float | None, patience: float | None = None) -> None:
        """Return at `moment`, at the next poke, or after `patience` real seconds; None means without end."""
        left = [patience] if patience is not None else []
        if moment is not None and self._rate > 0:
            left.append(max(0.0, moment - self.now()) / self._rate)
        try:
            await asyncio.wait_for(self._moved.wait(), min(left) if left else None)
        except TimeoutError:
            return


def stamp(moment: float) -> str:
    """Return a moment as both vendors write it: ISO 8601 in UTC with microseconds and a Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
