"""Applies operations to the facts and to what holds for the whole ad: names, mood, length, what must not be said.

Called by story_writer.py; what happens to single scenes of a draft is in revision.py.
Tests: tests/test_providers/test_local_text/test_feedback.py
"""

from __future__ import annotations

from dataclasses import replace

from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts, Product, Span
from app.providers.local_text.feedback import Operation
from app.providers.local_text.nouns import Nouns
from app.providers.local_text.plan import Plan
from app.providers.local_text.product import ProductFinder
from app.providers.local_text.remarks import remark
from app.providers.local_text.words import bare, straight
from app.schemas.story import Copy

_ASKED = frozenset({"mention", "scene_mention", "set_line", "name", "brand", "cta", "url", "audience", "replace"})


def concrete(facts: Facts, operations: list[Operation], data: CopyData) -> list[Operation]:
    """The operations with general words made exact: "drop the price" names the price that the brief states."""
    found: list[Operation] = []
    for step in operations:
        texts = stated(facts, step.text, data) if step.name in ("drop", "scene_drop") else []
        found += [replace(step, text=text) for text in texts] or [step]
    return found


def stated(facts: Facts, text: str, data: CopyData) -> list[str]:
    """The stated facts of the sort that a word like 'price' or 'date' names; none when the word is no sort."""
    said = straight(text).lower()
    for subject in data.feedback.subjects.values():
        if said in subject.words and not subject.roles:
            return [span.text for span in facts.spans if span.type in subject.types]
    return []


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
        elif step.name == "mention" and all(span.text.lower() != step.text.lower() for span in facts.spans):
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


def edit_plan(plan: Plan, operations: list[Operation], data: CopyData, heard: int) -> None:
    """What holds for the whole ad from now on, and the notes about what was said.

    Args:
        heard: How many sentences of feedback the previous draft has taken in.
    """
    recent = min(heard, max((step.turn for step in operations), default=0))
    for step in operations:
        if step.name in _LASTING:
            _LASTING[step.name](plan, step)
        _remember(plan, step, data)
        if step.turn >= recent:
            _answer(plan, step, data)


def first_lines(plan: Plan, operations: list[Operation], data: CopyData) -> None:
    """Feedback that came before any draft: the user's own lines, moods of scenes, the order."""
    for step in operations:
        at, other = index_of(step.scene, plan), index_of(step.other, plan)
        if step.name == "set_line" and at is not None:
            plan.settled[at] = Copy(headline=own_line(step.text))
        elif step.name == "scene_tone" and at is not None and step.tone:
            plan.fixed_tones[at] = step.tone
        elif step.name == "swap" and at is not None and other is not None:
            if len(plan.roles) - 1 in (at, other):
                plan.notes.append(remark(data, "last_scene"))
                continue
            for row in (plan.roles, plan.beats):
                row[at], row[other] = row[other], row[at]


def own_line(text: str) -> str:
    """The user's own line: a capital and an end mark, nothing else touched."""
    text = text.strip(" ,;:\n\t")
    text = text[:1].upper() + text[1:] if text[:1].islower() and text.split(" ")[0].islower() else text
    return text if not text or text[-1] in ".!?…" else text + "."


def index_of(scene: int | None, plan: Plan) -> int | None:
    """The index of a 1-based scene number, -1 being the last; None when there is no such scene."""
    if scene is None:
        return None
    index = len(plan.roles) - 1 if scene == -1 else scene - 1
    return index if 0 <= index < len(plan.roles) else None


def _tone(plan: Plan, step: Operation) -> None:
    plan.tone = step.tone or plan.tone


def _tone_off(plan: Plan, step: Operation) -> None:
    if plan.tone in (step.tone, "neutral"):
        plan.tone = "calm" if step.tone in ("bold", "epic") else "neutral"


def _shorter(plan: Plan, _step: Operation) -> None:
    plan.short = True


def _simple(plan: Plan, _step: Operation) -> None:
    plan.simple = True


def _urgent(plan: Plan, _step: Operation) -> None:
    plan.urgent = True
    plan.tone = "bold"


def _no_questions(plan: Plan, _step: Operation) -> None:
    plan.questions = False


def _no_humour(plan: Plan, _step: Operation) -> None:
    plan.humour = False
    plan.tone = "neutral" if plan.tone == "playful" else plan.tone


def _serious(plan: Plan, step: Operation) -> None:
    """A playful ad turns neutral, a neutral one calm."""
    if plan.tone == "neutral":
        plan.tone = "calm"
    _no_humour(plan, step)


def _strong_end(plan: Plan, _step: Operation) -> None:
    plan.end_fact = True


def _again(plan: Plan, step: Operation) -> None:
    plan.seed += 1 + step.turn


def _other_cta(plan: Plan, _step: Operation) -> None:
    plan.cta_turn += 1


def _welcome(plan: Plan, step: Operation) -> None:
    """What is asked for later may be said again, though it was dropped before."""
    said = straight(step.text).lower()
    plan.banned = frozenset(word for word in plan.banned if word not in said)


_LASTING = {
    "tone": _tone,
    "pace": _tone,
    "tone_off": _tone_off,
    "shorter": _shorter,
    "simple": _simple,
    "urgent": _urgent,
    "questions_off": _no_questions,
    "humour_off": _no_humour,
    "serious": _serious,
    "ending": _strong_end,
    "regenerate": _again,
    "other_cta": _other_cta,
    "mention": _welcome,
    "scene_mention": _welcome,
    "set_line": _welcome,
}


def _remember(plan: Plan, step: Operation, data: CopyData) -> None:
    """Notes tell the critic what the user said after the brief."""
    asked = step.new if step.name == "replace" else step.text
    if step.name in _ASKED and asked:
        plan.notes.append(remark(data, "asked", asked))
    if step.name in ("drop", "replace") and step.text:
        plan.banned = plan.banned | {straight(bare(step.text)).lower()}
        if straight(step.text).lower() in straight(" ".join([plan.facts.prompt, *plan.notes])).lower():
            plan.notes.append(remark(data, "dropped", step.text))


def _answer(plan: Plan, step: Operation, data: CopyData) -> None:
    """Say what of the newest remarks could not be acted on."""
    if step.name in ("unknown", "unsupported"):
        plan.notes.append(remark(data, "feedback_unknown", step.text))
    elif step.name == "partly":
        plan.notes.append(remark(data, "feedback_partly", step.text))
    for number in (step.scene, step.other):
        if number is not None and index_of(number, plan) is None:
            plan.notes.append(remark(data, "no_such_scene", number=number))
