"""Progress as a job's own log tells it: the last tqdm line. Nothing else measures it, and nothing is invented.

Called by orders.py. Tests: tests/test_providers/test_replicate/test_orders.py
"""

from __future__ import annotations

import re

_PERCENT = re.compile(r"(\d{1,3})%\|")


def measured(logs: str | None) -> float | None:
    """Return the share done (0-1), null when the log does not say."""
    found = _PERCENT.findall(logs or "")
    return min(int(found[-1]), 100) / 100 if found else None
