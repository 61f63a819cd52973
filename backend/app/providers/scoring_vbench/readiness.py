"""Whether VBench could score here: the environment, the GPU, the weights. Everything but a video.

Called by cli_tools/checkup_scorer.py. Tests: tests/test_providers/test_scoring_vbench/test_readiness.py
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from app.core.errors import BadOutput
from app.providers.scoring_vbench.answers import Installed
from app.providers.scoring_vbench.book import NAME
from app.providers.scoring_vbench.place import Place
from app.providers.scoring_vbench.process import ask


@dataclass(frozen=True)
class Readiness:
    """What is there. `recorded`: sha256 of the weights that were seen for the first time."""

    installed: Installed
    recorded: dict[str, str]

    @property
    def has_gpu(self) -> bool:
        """False when torch sees none."""
        return self.installed.device != "cpu"


async def readiness(place: Place) -> Readiness:
    """Look at everything but a video. Importing torch takes a while.

    Raises:
        AdMintError: What is missing, and how to get it.
    """
    answer = await ask(place.interpreter(), place.work, place.request("look"))
    if answer.refusal is not None:
        raise place.refused(answer.refusal)
    if answer.installed is None:
        raise BadOutput("VBench's worker answered another question.", provider=NAME)
    return Readiness(answer.installed, await asyncio.to_thread(place.verify))
