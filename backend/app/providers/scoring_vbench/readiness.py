"""Whether VBench could score here, for `admint doctor` and `make test-vbench`: the weights, the package, the GPU.

Tests: tests/test_providers/test_scoring_vbench/test_readiness.py
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from app.core.errors import BadOutput
from app.core.settings import Settings
from app.providers.scoring_vbench import weights
from app.providers.scoring_vbench.adapter import Place, refused
from app.providers.scoring_vbench.answers import Installed
from app.providers.scoring_vbench.book import NAME, book, cpu_seconds
from app.providers.scoring_vbench.process import ask


@dataclass(frozen=True)
class Readiness:
    """All that is needed is there. `recorded`: sha256 of files seen for the first time. `cpu_pace`: without a GPU."""

    installed: Installed
    dimensions: list[str]
    recorded: dict[str, str]
    cpu_allowed: bool
    cpu_pace: float


async def readiness(settings: Settings) -> Readiness:
    """Look at everything but a video. Importing torch takes a while.

    Raises:
        AdMintError: What is missing, and how to get it.
    """
    place = Place.of(settings)
    python, measured = place.interpreter(), book().measured(noncommercial=place.noncommercial)
    answer = await ask(python, place.work, place.request("look"))
    if answer.refusal is not None:
        raise refused(answer.refusal, 0.0)
    if answer.installed is None:
        raise BadOutput("VBench's worker answered another question.", provider=NAME)
    recorded = await asyncio.to_thread(weights.verify, place.weights, book().files_of(measured))
    return Readiness(answer.installed, list(measured), recorded, place.cpu, cpu_seconds(measured, 1.0))
