"""Consistency over the key pictures, and composition of each, from what the backbone sees.

Called by measure.py. Tests: tests/test_providers/test_scoring_embedded/test_looks.py
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.providers.scoring_embedded.backbone import Floats, Look, unit

_EDGE = 0.04
_POINTS = np.array([(0.5, 0.5), *[(x, y) for x in (1 / 3, 1 / 2, 2 / 3) for y in (1 / 3, 2 / 3)]])


def consistency(looks: list[Look]) -> dict[str, float]:
    """VBench's formula on subject and background vectors, their worst steps, and the two ends against each other."""
    found: dict[str, float] = {}
    for name in ("subject", "background"):
        vectors = np.array([getattr(look, name) for look in looks])
        found[f"{name}_consistency"] = vbench_consistency(vectors)
        third = max(1, len(vectors) // 3)
        found[f"{name}_ends"] = cosine(vectors[:third].mean(axis=0), vectors[-third:].mean(axis=0))
        steps = (vectors[:-1] * vectors[1:]).sum(axis=1)
        found[f"{name}_step"] = float(steps.min()) if len(steps) else 1.0
    return found


def vbench_consistency(vectors: NDArray[np.float32]) -> float:
    """Mean over i >= 1 of the mean of cos(i-1, i) and cos(0, i), negative ones as 0; 1 for a single vector."""
    if len(vectors) < 2:
        return 1.0
    before = np.maximum(0, (vectors[:-1] * vectors[1:]).sum(axis=1))
    first = np.maximum(0, vectors[1:] @ vectors[0])
    return float(np.mean((before + first) / 2))


def cosine(first: Floats, second: Floats) -> float:
    """Cosine of two vectors, 0 when one is zero."""
    return float(unit(first) @ unit(second))


def mean_vector(vectors: list[Floats]) -> Floats:
    """Return the unit mean."""
    return unit(np.mean(vectors, axis=0))


def composition(saliency: Floats) -> dict[str, float]:
    """Where the eye goes: distance to the nearest strong point, share that is salient, and what is cut off.

    `cut_sides`: how much of the subject's height lies on the left or right edge, 0 to 1, less where nothing stands out
    as a subject. The lower edge doesn't count, people and products stand there.
    """
    mass = saliency.astype(np.float64)
    total = mass.sum() + 1e-9
    y, x = ((np.arange(n) + 0.5) / n for n in mass.shape)
    centre = np.array([(mass.sum(axis=0) * x).sum(), (mass.sum(axis=1) * y).sum()]) / total
    return {
        "off_point": float(np.linalg.norm(_POINTS - centre, axis=1).min()),
        "cut_sides": _cut_sides(mass),
        "salient_area": float(np.mean(mass > 0.5 * max(float(mass.max()), 1e-6))),
    }


def _cut_sides(mass: NDArray[np.float64]) -> float:
    ground, peak = np.quantile(mass, (0.05, 0.99))
    seen = np.clip((mass - ground) / max(float(peak - ground), 1e-6), 0, 1)
    edge = max(1, round(_EDGE * mass.shape[0]))
    tall = max(float((seen > 0.5).any(axis=1).mean()), 0.05)
    sides = (seen[:, :edge].mean(axis=1), seen[:, -edge:].mean(axis=1))
    touching = max(float(np.clip((side - 0.35) / 0.3, 0, 1).mean()) for side in sides) / tall
    stands_out = np.clip((peak - ground - 0.25) / 0.2, 0, 1) * np.clip((0.6 - float((seen > 0.5).mean())) / 0.15, 0, 1)
    return float(min(1.0, touching) * stands_out)
