"""Finds the ad for a plan whose scenes are mostly settled: a new fact takes the one place that disturbs least.

Called by story_writer.py. Tests: tests/test_providers/test_local_text/test_fifteen_operations.py
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.providers.local_text.data import CopyData
from app.providers.local_text.plan import Plan
from app.providers.local_text.search import Ad, AdSearch

_LEAD_ROLES = frozenset({"reveal", "hook", "problem", "agitate"})


def best_ad(data: CopyData, plan: Plan, needs: frozenset[str]) -> tuple[Plan, Ad]:
    """The plan as it was opened and its best ad that tells the facts `needs` (span ids, or "audience").

    Settled scenes are opened one by one, only as many as the facts need.
    """
    ad = AdSearch(data, plan).best()
    while not needs <= ad.used:
        tried = [(opened, AdSearch(data, opened).best()) for opened in _opened(plan)]
        better = [pair for pair in tried if len(needs - pair[1].used) < len(needs - ad.used)]
        if not better:
            break
        plan, ad = min(better, key=_by_disturbance(ad, needs))
    return plan, ad


def _opened(plan: Plan) -> list[Plan]:
    """The plan with one more scene open; the last one only when there is no other."""
    last = len(plan.roles) - 1
    inner = [index for index in plan.settled if index != last] or list(plan.settled)
    plans = []
    for index in inner:
        settled = {at: copy for at, copy in plan.settled.items() if at != index}
        keep = plan.keep | {index: plan.settled[index]}
        visuals = plan.keep_visuals | {index: plan.settled_visuals.get(index, "")}
        plans.append(replace(plan, settled=settled, keep=keep, keep_visuals=visuals))
    return plans


def _by_disturbance(before: Ad, needs: frozenset[str]) -> Callable[[tuple[Plan, Ad]], tuple[int, int, int, float]]:
    """Facts lost, then headlines replaced (openings, the product's own and stated facts weigh more), then the score."""

    def key(pair: tuple[Plan, Ad]) -> tuple[int, int, int, float]:
        plan, after = pair
        replaced = 0
        for index, (old, new) in enumerate(zip(before.lines, after.lines, strict=True)):
            if old.headline != new.headline:
                replaced += 1 + (plan.roles[index] in _LEAD_ROLES) + bool(old.uses)
        return len(needs - after.used), len(before.used - after.used), replaced, -after.score

    return key
