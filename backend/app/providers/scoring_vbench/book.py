"""VBench's numbers as data: its dimensions with their normalisation, the files they need, and whose they are.

The data is app/config/scoring/vbench.yaml. Called by adapter.py, marks.py, weights.py and tools/try_vbench.py.
Tests: tests/test_providers/test_scoring_vbench/test_book.py
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from app.kit.checked_yaml import read_checked
from app.schemas.base import Model

NAME = "vbench"
_SHOWN = "config/scoring/vbench.yaml"
_USUAL_PIXELS = 1280 * 720
Part = Literal["coherence", "motion", "visual_appeal"]


class Dimension(Model):
    """One dimension of VBench: the range and weight of its own normalisation, and where we show it.

    `unit`: what one unit of a single video's value is worth in the average, which is 0-1. `cpu_s`: processor seconds
    for a second of 720p video; `full_size` ones grow with the picture.
    """

    low: float
    high: float
    weight: float = Field(gt=0)
    unit: float = Field(gt=0)
    part: Part | None = None
    cpu_s: float = Field(gt=0)
    full_size: bool = False

    def normalised(self, raw: float) -> float:
        """Return a raw value as VBench normalises it; 0-1, what lies outside its range is cut."""
        return min(1.0, max(0.0, (raw - self.low) / (self.high - self.low)))


class WeightFile(Model):
    """One file VBench loads. `sha256` null: upstream gives none. `commercial`: its licence allows commercial use."""

    needed_by: list[str] = Field(min_length=1)
    source: str
    sha256: str | None = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    commercial: bool


class Book(Model):
    """The whole table. `package` is the release of `vbench` it holds for; `files` by path below the weights folder."""

    package: str
    dimensions: dict[str, Dimension]
    files: dict[str, WeightFile]

    def measured(self, *, noncommercial: bool) -> dict[str, Dimension]:
        """Return the dimensions that may be measured: all, or those whose files all allow commercial use."""
        barred = {name for file in self.files.values() if not file.commercial for name in file.needed_by}
        return {name: each for name, each in self.dimensions.items() if noncommercial or name not in barred}

    def files_of(self, dimensions: dict[str, Dimension]) -> dict[str, WeightFile]:
        """Return the files these dimensions need."""
        return {path: file for path, file in self.files.items() if set(file.needed_by) & set(dimensions)}

    def version(self, *, noncommercial: bool) -> str:
        """Return what scores are kept under: those of other dimensions don't compare, so their number is in it."""
        return f"{self.package} ({len(self.measured(noncommercial=noncommercial))} dimensions)"


def cpu_seconds(dimensions: dict[str, Dimension], duration_s: float, pixels: int = _USUAL_PIXELS) -> float:
    """Return about how many seconds one processor works on a video of that length and picture size."""
    scale = pixels / _USUAL_PIXELS
    return duration_s * sum(each.cpu_s * (scale if each.full_size else 1) for each in dimensions.values())


@lru_cache(maxsize=1)
def book() -> Book:
    """Return the table. Raises ConfigError that begins `config/scoring/vbench.yaml:line:`."""
    return read_checked(files("app").joinpath("config", "scoring", "vbench.yaml"), _SHOWN, Book)[0]
