"""The doctor's look at the scorer that was chosen; VBench is asked what it has, which takes half a minute.

A scorer that is not ready is a warning: ads are made all the same, without scores.
Called by checkup.py. Tests: tests/test_cli/test_doctor_scorer.py
"""

from __future__ import annotations

import asyncio

from app.core.errors import AdMintError
from app.core.settings import Settings
from app.providers.registry import NO_SCORER, SCORERS
from cli_tools.finding import Finding

_VBENCH = "vbench"


def scorer(settings: Settings) -> Finding:
    """Who scores, and whether that one could."""
    name = settings.scorer
    if name == NO_SCORER:
        return Finding("Scorer", "ok", "none; videos get no score")
    if name not in SCORERS:
        return Finding(
            "Scorer", "fail", f"there is none called {name}", f"Choose one of: {', '.join(sorted(SCORERS))}."
        )
    return _vbench(settings) if name == _VBENCH else Finding("Scorer", "ok", f"{name}, on this machine")


def _vbench(settings: Settings) -> Finding:
    from app.providers.scoring_vbench.book import cpu_seconds
    from app.providers.scoring_vbench.place import Place, spoken
    from app.providers.scoring_vbench.readiness import readiness

    try:
        place = Place.of(settings)
        found = asyncio.run(readiness(place))
    except AdMintError as error:
        return Finding("Scorer", "warn", error.message, error.hint)
    told = found.installed
    text = f"VBench {told.package} on {told.device}, {len(place.measured)} dimensions"
    if found.recorded:
        hashes = ", ".join(f"{path} {digest}" for path, digest in found.recorded.items())
        text += f"; sha256 recorded of {hashes}"
    if found.has_gpu:
        return Finding("Scorer", "ok", text)
    if place.cpu:
        slow = f"Without a GPU, eight seconds of video take {spoken(cpu_seconds(place.measured, 8.0))}."
        return Finding("Scorer", "warn", text, slow)
    return Finding("Scorer", "warn", f"{text}: no GPU", "Set ADMINT_SCORER=embedded, or ADMINT_VBENCH_CPU=true.")
