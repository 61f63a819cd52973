"""What the bench says about a set of scores: rank rates, doses, controls, levels. Called by run.py."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from defects import CONTROLS, DEFECTS
from measuring import Key, Signals

from app.providers.scoring_embedded.marks import book, overall, sub_scores

Scorer = Callable[[Signals], float]


def ours(signals: Signals) -> float:
    """Our overall score, 0-100."""
    return 100 * overall(sub_scores(signals, static=False))


def ours_for(name: str) -> Scorer:
    """Our sub-score `name`, 0-100."""
    return lambda signals: 100 * dict(sub_scores(signals, static=False))[name]  # type: ignore[index]


def vbench_formulas(signals: Signals) -> float:
    """Mean of VBench's temporal formulas as they stand (flickering exact, the models behind the others replaced)."""
    names = ("temporal_flickering", "motion_smoothness_dis", "subject_consistency", "background_consistency")
    return 100 * statistics.fmean(signals[name] for name in names)


def histogram(signals: Signals) -> float:
    """The cheapest baseline: how alike the colour histograms of neighbouring key pictures are."""
    return 100 * signals["histogram_baseline"]


def rank_rate(
    measured: dict[Key, Signals], score: Callable[[str], Scorer], sources: Collection[str], defects: Collection[str]
) -> tuple[float, list[str]]:
    """Share of defective clips that score below their clean one, and those that don't."""
    misses, count = [], 0
    for (name, defect, dose), signals in measured.items():
        if name not in sources or defect not in defects:
            continue
        scorer, count = score(defect), count + 1
        if scorer(signals) >= scorer(measured[name, "clean", 0]) - 0.005:
            misses.append(f"{name} {defect} {dose}")
    return (1 - len(misses) / count if count else float("nan")), misses


def target(defect: str) -> Scorer:
    """The sub-score that must notice a defect."""
    return ours_for(DEFECTS[defect][1])


def dose_correlation(measured: dict[Key, Signals], sources: Collection[str]) -> dict[str, float]:
    """Spearman of dose and overall score (falling is +1), by defect: mean over sources, dose 0 is the clean clip."""
    found: dict[str, float] = {}
    for defect in DEFECTS:
        each = []
        for name in sources:
            scores = [ours(measured[name, "clean", 0]), *(ours(measured[name, defect, dose]) for dose in (1, 2, 3, 4))]
            each.append(-spearman(np.arange(5.0), np.round(scores, 2)))
        found[defect] = statistics.fmean(each)
    return found


def spearman(first: Any, second: Any) -> float:
    """Rank correlation; equal values share their mean rank."""
    ranks = [_ranks(np.asarray(values, float)) for values in (first, second)]
    if any(rank.std() == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def _ranks(values: Any) -> Any:
    return np.array([(values < value).sum() + (values == value).sum() / 2 for value in values])


def controls(measured: dict[Key, Signals], sources: Collection[str]) -> dict[str, dict[str, float]]:
    """Change of the overall score by control and source."""
    return {
        control: {name: ours(measured[name, control, 0]) - ours(measured[name, "clean", 0]) for name in sources}
        for control in CONTROLS
    }


def levels(measured: dict[Key, Signals], sources: Collection[str]) -> dict[str, Any]:
    """Overall scores of clean clips, of the severest dose by defect (median), and which severe ones stay above 60."""
    severe = {defect: [ours(measured[name, defect, 4]) for name in sources] for defect in DEFECTS}
    return {
        "clean": {name: round(ours(measured[name, "clean", 0]), 1) for name in sources},
        "severe_median": {defect: round(statistics.median(values), 1) for defect, values in severe.items()},
        "severe_at_most_60": round(float(np.mean([value <= 60 for values in severe.values() for value in values])), 3),
        "swaps_and_morphs_at_most_65": round(
            float(np.mean([v <= 65 for d in ("swap", "morph") for v in severe[d]])), 3
        ),
        "sub_scores": sorted(book().weights),
    }


def summary(measured: dict[Key, Signals], sources: Collection[str], defects: Collection[str]) -> dict[str, Any]:
    """Rank rates of ours and of the baselines over these sources and defects."""
    overall_rate, overall_misses = rank_rate(measured, lambda _: ours, sources, defects)
    target_rate, target_misses = rank_rate(measured, target, sources, defects)
    return {
        "overall": round(overall_rate, 4),
        "target": round(target_rate, 4),
        "vbench_formulas": round(rank_rate(measured, lambda _: vbench_formulas, sources, defects)[0], 4),
        "histogram": round(rank_rate(measured, lambda _: histogram, sources, defects)[0], 4),
        "overall_misses": overall_misses,
        "target_misses": target_misses,
    }
