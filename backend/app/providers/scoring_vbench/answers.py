"""What the worker may answer, and nothing else: a result file of VBench, what is installed, or why there is neither.

Called by adapter.py and process.py. Tests: tests/test_providers/test_scoring_vbench/test_answers.py
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt

from app.core.errors import BadOutput
from app.providers.scoring_vbench.book import NAME, Dimension
from app.schemas.base import Model

_CLOSE = 1e-6
_ROUNDING = 1e-3
"""How far single precision may carry a value out of 0-1."""
Number = Annotated[StrictFloat | StrictInt, Field(allow_inf_nan=False)]


class VideoResult(BaseModel):
    """One video in a result file. `video_results` is in the dimension's own unit; a bool for `dynamic_degree`."""

    model_config = ConfigDict(extra="ignore")

    video_path: str
    video_results: StrictBool | Number


ResultFile = dict[str, tuple[Number, list[VideoResult]]]
"""A result file of VBench: by dimension the average over the videos, and each video's own value."""


class Refusal(Model):
    """Why the worker did not measure. `detail` is what it saw there."""

    kind: Literal["not_installed", "other_version", "no_gpu", "download"]
    detail: str = ""


class Installed(Model):
    """What the other environment holds. `device` is the GPU's name, or `cpu`."""

    package: str
    torch: str
    device: str


class Answer(Model):
    """What the worker prints: exactly one of these."""

    results: ResultFile | None = None
    installed: Installed | None = None
    refusal: Refusal | None = None


def raw_values(results: ResultFile, asked: dict[str, Dimension]) -> dict[str, float]:
    """Return the average of each dimension, 0-1, of a result file over exactly one video.

    The average is taken, never the video's own value, whose unit differs by dimension; that the two agree proves
    that the units are still those we know.

    Raises:
        BadOutput: Other dimensions than asked for, several videos, units that don't agree, a value out of range.
    """
    if set(results) != set(asked):
        raise _bad(f"it measured {_listed(results)} instead of {_listed(asked)}")
    values = {}
    for name, (average, videos) in results.items():
        if len(videos) != 1:
            raise _bad(f"{name} has {len(videos)} videos instead of one")
        if abs(average - videos[0].video_results * asked[name].unit) > _CLOSE:
            raise _bad(f"{name} is {average:g}, but its video is {float(videos[0].video_results):g}")
        if not -_ROUNDING <= average <= 1 + _ROUNDING:
            raise _bad(f"{name} is {average:g}, which is not between 0 and 1")
        values[name] = min(1.0, max(0.0, float(average)))
    return values


def _bad(what: str) -> BadOutput:
    return BadOutput(f"VBench's result can't be right: {what}.", provider=NAME)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
