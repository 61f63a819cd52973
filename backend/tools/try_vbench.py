"""`make test-vbench`: the real VBench, end to end, where it is set up; where it is not, what is missing.

Scores a moving clip, then the same picture standing still, which must come out as consistent as can be. The settings
are AdMint's own (ADMINT_VBENCH_*); unset, the environment of `make vbench` is taken.
Tests: tests/test_providers/test_scoring_vbench/test_try_vbench.py
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from app.core.errors import AdMintError
from app.core.settings import load_settings
from app.ports.scoring import Score
from app.providers.scoring_vbench.adapter import VBenchScorer
from app.providers.scoring_vbench.place import Place
from app.providers.scoring_vbench.readiness import readiness

_USUAL = Path(__file__).parents[2] / ".venv-vbench" / "bin" / "python"
_WIDTH, _HEIGHT, _FRAMES, _RATE = 320, 192, 16, Fraction(8)
_STILL = ("subject_consistency", "background_consistency")
_ALIKE = 0.999


def main() -> int:
    """Return the exit code: 0 when VBench scored as it should."""
    try:
        place = Place.of(load_settings())
        if place.python is None:
            place = replace(place, python=_USUAL)
        told = asyncio.run(readiness(place)).installed
        _say(f"VBench {told.package}, torch {told.torch}, on {told.device}: {', '.join(place.measured)}")
    except AdMintError as error:
        _say("VBench could not be tried.", error.message, error.hint)
        return 1
    moving, still = asyncio.run(_scores(VBenchScorer(place)))
    if moving.reason or still.reason:
        _say("There is no score.", moving.reason or "", still.reason or "")
        return 1
    faults = _faults(moving, still)
    _say(f"moving: {_shown(moving)}", f"still:  {_shown(still)}", *faults, "Failed." if faults else "As it should be.")
    return 1 if faults else 0


async def _scores(scorer: VBenchScorer) -> tuple[Score, Score]:
    with tempfile.TemporaryDirectory() as folder:
        clips = [_write(Path(folder) / f"step-{step}.mp4", step) for step in (4, 0)]
        return await scorer.score(clips[0]), await scorer.score(clips[1])


def _write(path: Path, step: int) -> Path:
    """Write two seconds of a texture that moves `step` pixels a frame."""
    texture = np.random.default_rng(0).integers(40, 220, (_HEIGHT // 8, _WIDTH // 8)).astype(np.uint8)
    picture = np.kron(texture, np.ones((8, 8), np.uint8))
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=_RATE, options={"preset": "veryfast", "crf": "12"})
        stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        for number in range(_FRAMES):
            shown = np.roll(picture, step * number, axis=1)[..., None].repeat(3, axis=2)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        output.mux(stream.encode(None))
    return path


def _faults(moving: Score, still: Score) -> list[str]:
    faults = []
    for name in _STILL:
        if still.dimensions[name] < _ALIKE:
            faults.append(f"{name} of a still picture is {still.dimensions[name]}, which should be 1.")
        if moving.dimensions[name] >= still.dimensions[name]:
            faults.append(f"{name} does not fall when the picture moves.")
    return faults


def _shown(score: Score) -> str:
    return f"{score.overall} of 100, {', '.join(f'{name} {value:g}' for name, value in score.dimensions.items())}"


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines if line))


if __name__ == "__main__":
    sys.exit(main())
