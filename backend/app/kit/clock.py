"""The machine's clocks, as the clock port. Made by app/container.py. Tests: tests/test_kit/test_clock.py"""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """Clock port over the machine's clocks."""

    def now(self) -> datetime:
        """See ports.clock.Clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See ports.clock.Clock."""
        return time.monotonic()
