"""Builds the plan of an ad from the brief, the framework and the feedback.

Called by story_writer.py. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts
from app.providers.local_text.plan import Plan, custom_beats, fit_beats, roles_for
from app.schemas.providers import DirectorInput
from app.schemas.story import Framework, Tone


def make_plan(data: CopyData, facts: Facts, task: DirectorInput) -> Plan:
    """The plan before feedback: beats fitted to the scenes, roles, tone and what the material allows."""
    beats = list(task.framework_plan.beats)
    if task.framework == "custom" and task.brief.framework_text:
        beats = custom_beats(task.brief.framework_text, data) or beats
    count = len(task.scene_durations)
    notes = []
    if count < len(beats):
        notes.append(data.rules.notes["word_limit"])
    fitted = fit_beats(beats, count)
    tone: Tone = facts.tone if facts.tone_said else task.tone
    plan = Plan(
        facts=facts,
        framework=task.framework,
        durations=list(task.scene_durations),
        beats=fitted,
        roles=roles_for(fitted, task.framework, data),
        tone=tone,
        seed=task.seed,
        notes=notes,
    )
    _wishes(plan)
    _degrade(plan, data, task.framework)
    return plan


def _wishes(plan: Plan) -> None:
    wishes = plan.facts.constraints
    if wishes:
        plan.humour = False
    if wishes & {"salesy", "pushy", "cheesy", "hard sell", "questions", "hype"}:
        plan.questions = False


def _degrade(plan: Plan, data: CopyData, framework: Framework) -> None:
    """A framework whose material is missing falls back to attention and reveal, and says so."""
    facts = plan.facts
    if "problem" not in plan.roles:
        return
    if facts.of_type("problem") or facts.audience_kind == "without":
        return
    note = data.rules.notes["degraded"].format(missing="problem", framework=framework)
    plan.notes.append(note)
    plan.roles = ["hook" if role == "problem" else role for role in plan.roles]
    if "agitate" in plan.roles:
        at = plan.roles.index("agitate")
        plan.roles = ["fact" if role == "agitate" else role for role in plan.roles]
        if "reveal" in plan.roles[at:]:
            plan.roles[plan.roles.index("reveal")] = "fact"
            plan.roles[at] = "reveal"
