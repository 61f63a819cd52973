"""Applies operations to a plan, and fits a plan to a previous draft: what to keep, what to write anew.

Called by story_writer.py. Tests: tests/test_providers/test_local_text/test_feedback.py
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, cast

from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts, Product, Span
from app.providers.local_text.feedback import Operation
from app.providers.local_text.nouns import Nouns
from app.providers.local_text.plan import Plan
from app.providers.local_text.product import ProductFinder
from app.providers.local_text.remarks import remark
from app.providers.local_text.words import bare, content, straight
from app.schemas.story import Copy, Critique, Story


def edit_facts(facts: Facts, operations: list[Operation], data: CopyData) -> Facts:
    """The facts after all feedback: names, audience, mentions and drops."""
    for step in operations:
        if step.name == "brand" and step.text:
            facts = facts.with_changes(brand=step.text)
        elif step.name == "url":
            facts = facts.with_changes(url=step.text)
        elif step.name == "cta":
            facts = facts.with_changes(cta=step.text)
        elif step.name == "audience":
            facts = facts.with_changes(audience=step.text, audience_kind="label")
        elif step.name == "name":
            facts = _named(facts, step.text, data)
        elif step.name == "mention" and all(span.text != step.text for span in facts.spans):
            mention = Span(f"mention{len(facts.spans)}", "mention", step.text)
            facts = facts.with_changes(spans=(*facts.spans, mention))
        elif step.name == "drop":
            facts = _dropped(facts, step.text)
    return facts


def _named(facts: Facts, text: str, data: CopyData) -> Facts:
    """A new name: what the user calls it is printed; what kind of thing it is stays known."""
    finder = ProductFinder(data, Nouns(data))
    if finder.gate(text) and Nouns(data).head(text.split()):
        return facts.with_changes(product=finder.describe(text))
    if facts.product and facts.certainty and text[:1].isupper():
        return facts.with_changes(brand=text)
    old = facts.product
    new = Product(
        text, text, text.split()[-1].lower(), "unknown", old.kind if old else None, old.certainty if old else 1
    )
    return facts.with_changes(product=new)


def _dropped(facts: Facts, text: str) -> Facts:
    wanted = straight(bare(text)).lower()
    spans = tuple(span for span in facts.spans if wanted not in straight(span.text).lower())
    changes: dict[str, object] = {"spans": spans}
    if facts.audience and (wanted in straight(facts.audience).lower() or wanted in ("audience", "who it is for")):
        changes["audience"] = None
    if facts.url and wanted in (facts.url.lower(), "url", "website", "link", "web address"):
        changes["url"] = None
    product = facts.product
    if product and wanted in product.phrase.lower().split()[:-1]:
        kept = [word for word in product.phrase.split() if word.lower() != wanted]
        core = [word for word in product.core.split() if word.lower() != wanted]
        changes["product"] = replace(product, phrase=" ".join(kept), core=" ".join(core))
    return facts.with_changes(**changes)


def edit_plan(plan: Plan, operations: list[Operation], data: CopyData, previous: Story | None) -> None:
    """Tone, length, order, lines and call to action; momentary wishes count only in the newest sentence."""
    newest = max((step.turn for step in operations), default=0)
    for step in operations:
        _edit(plan, step, data, previous)
        _remember(plan, step, data)
        if step.turn == newest:
            _momentary(plan, step, previous)
        _check_scene(plan, step, data)


def _edit(plan: Plan, step: Operation, data: CopyData, previous: Story | None) -> None:
    at = _index(step.scene, plan)
    if step.name in _SIMPLE:
        _SIMPLE[step.name](plan, step)
    elif step.name == "swap":
        _swap(plan, step, data, previous)
    elif step.name == "set_line" and at is not None:
        plan.fixed[at] = step.text
    elif step.name == "scene_tone" and at is not None and step.tone:
        plan.fixed_tones[at] = step.tone
    elif step.name == "replace":
        _replace(plan, step, previous)


def _momentary(plan: Plan, step: Operation, previous: Story | None) -> None:
    """Wishes about the draft the user has just seen."""
    at = _index(step.scene, plan)
    if step.name in ("fresh", "scene_tone") and at is not None:
        plan.fresh.add(at)
        plan.end_fact = plan.end_fact or at == len(plan.roles) - 1
    elif step.name == "regenerate":
        plan.fresh.update(range(len(plan.roles)))
        plan.keep.clear()
    if previous and step.name in ("fresh", "regenerate", "scene_tone"):
        table = plan.stale_lines if step.name == "regenerate" else plan.banned_lines
        for index in plan.fresh & set(range(len(previous.scenes) - 1)):
            table.add(_key(previous.scenes[index].copy_text.headline))


def _key(headline: str) -> str:
    return straight(bare(headline)).lower()


def _tone(plan: Plan, step: Operation) -> None:
    plan.tone = step.tone or plan.tone


def _tone_off(plan: Plan, step: Operation) -> None:
    if plan.tone in (step.tone, "neutral"):
        plan.tone = "calm" if step.tone in ("bold", "epic") else "neutral"


def _shorter(plan: Plan, _step: Operation) -> None:
    plan.short = True


def _no_questions(plan: Plan, _step: Operation) -> None:
    plan.questions = False


def _no_humour(plan: Plan, _step: Operation) -> None:
    plan.humour = False
    plan.tone = "neutral" if plan.tone == "playful" else plan.tone


def _strong_end(plan: Plan, _step: Operation) -> None:
    plan.end_fact = True


def _again(plan: Plan, step: Operation) -> None:
    plan.seed += 1 + step.turn


def _other_cta(plan: Plan, _step: Operation) -> None:
    plan.cta_turn += 1


_SIMPLE = {
    "tone": _tone,
    "pace": _tone,
    "tone_off": _tone_off,
    "shorter": _shorter,
    "questions_off": _no_questions,
    "humour_off": _no_humour,
    "ending": _strong_end,
    "regenerate": _again,
    "other_cta": _other_cta,
}


def _index(scene: int | None, plan: Plan) -> int | None:
    if scene is None:
        return None
    index = len(plan.roles) - 1 if scene == -1 else scene - 1
    return index if 0 <= index < len(plan.roles) else None


def _swap(plan: Plan, step: Operation, data: CopyData, previous: Story | None) -> None:
    """Swap two scenes, lines too unless the previous draft has that already; the last scene stays last."""
    first, second = _index(step.scene, plan), _index(step.other, plan)
    if first is None or second is None or first == second:
        return
    if len(plan.roles) - 1 in (first, second):
        plan.notes.append(remark(data, "last_scene"))
        return
    told = remark(data, "swapped", f"{min(first, second) + 1} and {max(first, second) + 1}")
    earlier = previous.notes.count(told) if previous else 0
    if plan.notes.count(told) >= earlier:
        plan.swaps.append((first, second))
    plan.notes.append(told)
    for row in (plan.roles, plan.beats):
        row[first], row[second] = row[second], row[first]


def _replace(plan: Plan, step: Operation, previous: Story | None) -> None:
    plan.banned = plan.banned | {straight(step.text).lower()}
    for index, scene in enumerate(previous.scenes if previous else []):
        headline = straight(scene.copy_text.headline)
        if straight(step.text).lower() in headline.lower() and index < len(plan.roles) - 1:
            plan.fixed[index] = re.sub(
                re.escape(straight(step.text)), lambda _: step.new, headline, flags=re.IGNORECASE
            )


def _remember(plan: Plan, step: Operation, data: CopyData) -> None:
    """Notes tell the critic what the user said after the brief."""
    asked = step.new if step.name == "replace" else step.text
    if step.name in ("mention", "set_line", "name", "brand", "cta", "url", "audience", "replace") and asked:
        plan.notes.append(remark(data, "asked", asked))
    if step.name in ("drop", "replace") and step.text:
        plan.banned = plan.banned | {straight(bare(step.text)).lower()}
        plan.notes.append(remark(data, "dropped", step.text))
    if step.name in ("unknown", "unsupported"):
        plan.notes.append(remark(data, "feedback_unknown", step.text))


def _check_scene(plan: Plan, step: Operation, data: CopyData) -> None:
    for number in (step.scene, step.other):
        if number is not None and _index(number, plan) is None:
            plan.notes.append(remark(data, "no_such_scene", number=number))


def keep_from(plan: Plan, previous: Story, critique: Critique | None, *, retoned: bool, data: CopyData) -> None:
    """Prefer the previous lines where nobody complained; lines that were named as faults are banned."""
    if len(previous.scenes) != len(plan.roles):
        return
    bad = {i.scene_id for i in critique.issues if i.severity != "minor"} if critique else set()
    gone = _outdated(plan.facts, previous, data)
    for index, scene in enumerate(previous.scenes[:-1]):
        copy = scene.copy_text
        if scene.id in bad:
            plan.banned_lines.add(_key(copy.headline))
        elif retoned:
            plan.stale_lines.add(_key(copy.headline))
        elif index not in plan.fresh and not gone & content(f"{copy.headline} {copy.support}", frozenset()):
            plan.keep[index] = _shortened(copy) if plan.short else copy
            plan.keep_visuals[index] = scene.visual
    for first, second in plan.swaps:
        for table, empty in ((plan.keep, Copy()), (plan.keep_visuals, "")):
            rows = cast(dict[int, Any], table)
            rows[first], rows[second] = rows.get(second, empty), rows.get(first, empty)


def _outdated(facts: Facts, previous: Story, data: CopyData) -> frozenset[str]:
    """Content words of names and audiences that the user has changed since."""
    stop = data.words("stop_words")
    product = facts.product.phrase if facts.product else None
    pairs = ((previous.audience, facts.audience), (previous.brand, facts.brand), (previous.product, product))
    gone = frozenset[str]()
    for old, new in pairs:
        if old and old != new:
            gone |= content(old, stop) - content(new or "", stop)
    return gone


def _shortened(copy: Copy) -> Copy:
    return copy.model_copy(update={"support": None}) if len(copy.headline) > 4 else copy


def retoned(operations: list[Operation]) -> bool:
    """True when the newest sentence asks for another mood of the whole ad."""
    newest = max((step.turn for step in operations), default=0)
    return any(step.turn == newest and step.name in ("tone", "tone_off", "pace", "humour_off") for step in operations)
