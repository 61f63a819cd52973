"""One line of the doctor's report. Made by checkup*.py, shown by views.py.

Tests: tests/test_cli/test_doctor.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the report. `mend` says what to do; empty when all is well."""

    name: str
    state: State
    found: str
    mend: str = ""
