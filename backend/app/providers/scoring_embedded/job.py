"""The scorer's job inside a worker process: many files in, one report each, the model loaded once.

Started by adapter.py through kit/worker.py. Tests: tests/test_providers/test_scoring_embedded/test_adapter.py
"""

from __future__ import annotations

import os
from typing import Any

from app.core.errors import AdMintError
from app.kit.worker import Report
from app.ports.scoring import ScoreRequest
from app.providers.scoring_embedded.marks import no_score, to_score
from app.providers.scoring_embedded.measure import Options, measure

_NICER = 5
"""On top of the worker's own 5: a score can wait, a render can't."""


def score_files(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Worker job: `requests` is a list of ScoreRequest; reports `{"place", "score"}` as each file is done."""
    os.nice(_NICER)
    for place, raw in enumerate(payload["requests"]):
        request = ScoreRequest.model_validate(raw)
        options = Options(request.static, request.edited, tuple(request.references))
        try:
            score = to_score(measure(request.video, options), options)
        except AdMintError as error:
            score = no_score(error.message)
        report({"place": place, "score": score.model_dump(mode="json")})
    return {}
