"""One measurement of one file, whatever the scorer does: a time limit, one more try, and a reason instead of an error.

Called by vbench_scorer.py and `admint score`. Tests: tests/test_services/test_measuring.py
"""

from __future__ import annotations

import asyncio
import logging

from app.core.errors import AdMintError
from app.ports.scoring import Score, Scorer, ScoreRequest

log = logging.getLogger(__name__)
LEAST_S = 60.0
PER_SECOND = 6.0
PATIENCE = (1, 3)
"""Time limits of the two attempts, as factors: a busy machine starves what stands back, so the second gets longer."""


def time_limit(duration_s: float) -> float:
    """Return how many seconds scoring a video of `duration_s` may take at first."""
    return max(LEAST_S, PER_SECOND * duration_s)


async def measure(scorer: Scorer, request: ScoreRequest, duration_s: float) -> Score:
    """Return the score of a file. Never raises for what the scorer does: a failure is a score with a reason.

    A failure is tried once more: it may have been a crash, or a machine that was too busy.

    Args:
        scorer: Who measures.
        request: A local file, and what is meant by it.
        duration_s: Its length in seconds, for the time limit.
    """
    reason = ""
    for patience in PATIENCE:
        limit = patience * scorer.slowness * time_limit(duration_s)
        try:
            async with asyncio.timeout(limit):
                (score,) = await scorer.score_all([request])
            if score.overall is not None:
                return score
            reason = score.reason or "The scorer gave no score."
        except TimeoutError:
            reason = f"Scoring took longer than {limit:g} seconds."
        except AdMintError as error:
            reason = str(error)
        except Exception:
            log.exception("scorer broke", extra={"scorer": scorer.name})
            reason = "The scorer broke. Details are in the log."
        log.warning("scoring failed", extra={"limit_s": limit, "reason": reason, "video": request.video.name})
    return without_score(scorer, reason)


def without_score(scorer: Scorer, reason: str) -> Score:
    """Return what is stored where there is no score: no numbers, and why."""
    return Score(scorer=scorer.name, scorer_version=scorer.version, reason=reason)
