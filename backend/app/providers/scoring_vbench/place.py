"""Where VBench is on this machine, what it may do there, and what to tell a user when it does not work.

Called by adapter.py, readiness.py and cli_tools/checkup_scorer.py.
Tests: tests/test_providers/test_scoring_vbench/test_adapter.py
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from app.core.errors import ConfigError
from app.core.settings import Settings
from app.providers.scoring_vbench import weights
from app.providers.scoring_vbench.answers import Refusal
from app.providers.scoring_vbench.book import Book, Dimension, book


@dataclass(frozen=True)
class Place:
    """Where VBench is and what it may do. `python` null: it was never said where."""

    python: Path | None
    weights: Path
    cpu: bool
    noncommercial: bool
    work: Path
    table: Book = field(default_factory=book)

    @classmethod
    def of(cls, settings: Settings) -> Place:
        """Read the settings. Raises ConfigError when the table of VBench's numbers is broken."""
        python = settings.vbench_python
        return cls(
            python=python.expanduser() if python else None,
            weights=settings.vbench_weights.expanduser(),
            cpu=settings.vbench_cpu,
            noncommercial=settings.vbench_noncommercial,
            work=settings.work_path,
        )

    @cached_property
    def measured(self) -> dict[str, Dimension]:
        """The dimensions that are measured here."""
        return self.table.measured(noncommercial=self.noncommercial)

    def verify(self) -> dict[str, str]:
        """Look at the weights; see weights.verify."""
        return weights.verify(self.weights, self.table.files_of(self.measured))

    def interpreter(self) -> Path:
        """Return the Python that holds VBench. Raises ConfigError when it was never named."""
        if self.python is None:
            raise ConfigError(
                "ADMINT_VBENCH_PYTHON is not set, so VBench can't be found.",
                hint="docs/how-to/use-vbench.md shows how to set it up; ADMINT_SCORER=embedded needs nothing.",
            )
        return self.python

    def request(self, do: str, **more: Any) -> dict[str, Any]:
        """Return a question to the worker."""
        where = {"package": self.table.package, "weights": str(self.weights.absolute())}
        return {"do": do, **where, "cpu": self.cpu, **more}

    def refused(self, refusal: Refusal, cpu_s: float = 0.0) -> ConfigError:
        """Return what to tell a user of the worker's refusal. `cpu_s`: how long it would take without a GPU."""
        setup, detail = "Run `make vbench`, or see docs/how-to/use-vbench.md.", refusal.detail[:200]
        if refusal.kind == "no_gpu":
            what = f"VBench needs a GPU and found none ({detail}). Without one this would take {spoken(cpu_s)}."
            return ConfigError(what, hint="ADMINT_VBENCH_CPU=true allows that; ADMINT_SCORER=embedded takes seconds.")
        if refusal.kind == "other_version":
            what = f"VBench {detail} is installed; AdMint knows the numbers of {self.table.package}."
            return ConfigError(what, hint=setup)
        if refusal.kind == "download":
            what = f"VBench wanted to download something, which AdMint never lets it: {detail}."
            return ConfigError(what, hint="docs/how-to/use-vbench.md says which files to put where.")
        return ConfigError(f"VBench is not installed: {detail}.", hint=setup)


def spoken(seconds: float) -> str:
    """Return a long time in words."""
    minutes = max(1, round(seconds / 60))
    return f"about {minutes} minute{'s' if minutes > 1 else ''}" if minutes < 120 else f"about {minutes / 60:.1f} hours"
