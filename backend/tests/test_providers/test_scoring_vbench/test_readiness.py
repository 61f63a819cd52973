"""Everything but a video is looked at: the environment, the GPU, the weights."""

from __future__ import annotations

import pytest

from app.core.errors import ConfigError
from app.providers.scoring_vbench.readiness import readiness
from tests.fixtures.vbench import StandIn


async def test_what_is_there_is_told_and_new_weights_are_recorded_once(stand_in: StandIn) -> None:
    first = await readiness(stand_in.plays("measure", device="A GPU").place())
    assert (first.installed.device, first.has_gpu) == ("A GPU", True)
    assert len(first.recorded) == 10
    again = await readiness(stand_in.plays("measure").place())
    assert (again.recorded, again.has_gpu) == ({}, False)


async def test_what_is_missing_is_an_error(stand_in: StandIn) -> None:
    with pytest.raises(ConfigError, match="not installed: clip"):
        await readiness(stand_in.plays("refuse", kind="not_installed", detail="clip").place())
    (stand_in.weights / "clip_model" / "ViT-B-32.pt").unlink()
    with pytest.raises(ConfigError, match=r"1 of VBench's 10 files .*ViT-B-32\.pt"):
        await readiness(stand_in.plays("measure").place())
