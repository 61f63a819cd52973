"""The machine's clocks behind the port."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.kit.clock import SystemClock


def test_wall_time_is_aware_utc_and_monotonic_time_never_steps_back() -> None:
    clock = SystemClock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert clock.now().utcoffset() == timedelta(0)
    first = clock.monotonic()
    assert clock.monotonic() >= first
