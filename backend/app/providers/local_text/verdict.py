"""From faults to a Critique: messages, severities, score and the advice in one sentence. Used by all three critics.

Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

from app.providers.local_text.checks import Fault
from app.providers.local_text.data import CopyData
from app.schemas.story import Critique, Issue


def issue_of(data: CopyData, fault: Fault, scene_id: int | None = None) -> Issue:
    """A fault with its message filled in."""
    message = data.rules.issues[fault.code].format(**dict(fault.fill))
    return Issue.model_validate(
        {"code": fault.code, "message": message, "quote": fault.quote, "scene_id": scene_id, "severity": fault.severity}
    )


def verdict(data: CopyData, issues: list[Issue], criteria: dict[str, float]) -> Critique:
    """Weighted criteria less what the faults cost; a veto caps the score below approval."""
    limits, shares = data.rules.limits, data.rules.shares
    known = {name: value for name, value in criteria.items() if name in shares}
    total = sum(shares[name] for name in known)
    score = sum(shares[name] * value for name, value in known.items()) / total if total else 10.0
    vetoes = sum(issue.severity == "veto" for issue in issues)
    score -= limits["major_cost"] * sum(issue.severity == "major" for issue in issues)
    score -= limits["minor_cost"] * sum(issue.severity == "minor" for issue in issues)
    if vetoes:
        score = min(score, limits["veto_cap"]) - 0.5 * (vetoes - 1)
    score = round(max(0.0, min(10.0, score)), 1)
    worst = sorted(issues, key=lambda issue: ("veto", "major", "minor").index(issue.severity))
    advice = data.rules.advice
    named = "; ".join(
        f"scene {i.scene_id}: {i.message.rstrip('.')}" if i.scene_id else i.message.rstrip(".") for i in worst[:4]
    )
    return Critique(
        score=score,
        criteria={name: round(value, 1) for name, value in criteria.items()},
        issues=worst,
        feedback=advice["mend"].format(list=named) if worst else advice["good"],
        approved=not vetoes and score >= limits["approve"],
        by_rules=True,
    )
