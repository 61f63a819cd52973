"""Turns the best ad of a search into a Story: copy, pictures, narrative, notes and the one question.

Called by adapter.py. Tests: tests/test_providers/test_local_text/test_story_writer.py
"""

from __future__ import annotations

import random

from app.core.errors import BriefUnclear
from app.providers.local_text.candidates import SUPPORT_MAX, CandidateMaker, Line
from app.providers.local_text.data import CopyData
from app.providers.local_text.edits import concrete, edit_facts, edit_plan, first_lines
from app.providers.local_text.facts import Facts
from app.providers.local_text.feedback import FeedbackParser, Operation
from app.providers.local_text.openings import opening_notes, with_opening
from app.providers.local_text.plan import Plan
from app.providers.local_text.planner import make_plan
from app.providers.local_text.reader import BriefReader
from app.providers.local_text.remarks import holds, remark, said_in
from app.providers.local_text.revision import Reviser, heard_in
from app.providers.local_text.search import Ad
from app.providers.local_text.settle import best_ad
from app.providers.local_text.shots import ShotChooser
from app.providers.local_text.words import bare, capital, sentence, straight, words
from app.schemas.providers import DirectorInput
from app.schemas.story import AudioPlan, CallToAction, Copy, Story, StoryScene

WRITER = "template copywriter"
_EXPLAINED = ("feedback_unknown", "no_such_scene", "last_scene", "no_opening_before", "not_found")


class StoryWriter:
    """The director's craft: plan, search, set."""

    def __init__(self, data: CopyData) -> None:
        self._data = data
        self._reader = BriefReader(data)
        self._parser = FeedbackParser(data)

    def write(self, task: DirectorInput) -> Story:
        """Write or rewrite the story.

        Raises:
            BriefUnclear: The brief names nothing that can be advertised.
        """
        brief = self._reader.read(task.brief)
        operations = concrete(brief, self._parser.parse(task.feedback), self._data)
        facts = edit_facts(brief, operations, self._data)
        if facts.certainty == 0 and not facts.brand:
            raise BriefUnclear(
                "The brief does not say what to advertise.", hint=self._data.rules.questions["name"], provider="local"
            )
        plan = make_plan(self._data, facts, task)
        previous = task.previous if task.previous and len(task.previous.scenes) == len(plan.roles) else None
        edit_plan(plan, operations, self._data, heard_in(previous))
        if previous is None:
            first_lines(plan, operations, self._data)
            plan, ad = best_ad(self._data, plan, frozenset())
            ad = with_opening(self._data, plan, ad, task.hook)
            return self._noted(self._story(plan, ad, task.hook if len(ad.lines) > 1 else 0), task, operations, None)
        reviser = Reviser(self._data, plan, task, previous)
        reviser.revise(operations)
        plan, ad = best_ad(self._data, plan, frozenset(reviser.needs))
        return self._noted(self._story(plan, ad), task, operations, previous)

    def _noted(self, story: Story, task: DirectorInput, operations: list[Operation], previous: Story | None) -> Story:
        """Say what was taken in, what the opening was before, and when a wish changed nothing at all."""
        notes = [*story.notes, *opening_notes(previous, story.scenes[0].copy_text, self._data)]
        earlier = previous.notes if previous else []
        for name in ("swapped", "moved"):
            notes += [remark(self._data, name, text) for text in said_in(earlier, self._data, name)]
        wishes = [step for step in operations if step.turn >= heard_in(previous)]
        wishes = [step for step in wishes if step.name not in ("praise", "partly")]
        told = holds(notes, self._data, *_EXPLAINED)
        if previous and wishes and not told and _substance(story) == _substance(previous):
            notes.append(remark(self._data, "nothing_changed", task.feedback[-1]))
        heard = len(task.feedback)
        return story.model_copy(update={"notes": list(dict.fromkeys(notes)), "remarks_heard": heard})

    def _story(self, plan: Plan, ad: Ad, hook: int = 0) -> Story:
        facts = plan.facts
        maker = CandidateMaker(self._data, plan)
        name = maker.product_name()
        cta = self._cta(plan)
        scenes = self._scenes(plan, ad, cta, hook)
        cta = scenes[-1].copy_text.cta or cta
        notes = [*plan.notes, *self._notes(plan, ad)]
        return Story(
            title=self._title(facts, name),
            framework=plan.framework,
            narrative=self._narrative(plan, scenes, name, cta),
            product=name,
            brand=facts.brand,
            audience=facts.audience,
            tone=plan.tone,
            certainty=facts.certainty,
            kind=facts.kind,
            scenes=scenes,
            audio=AudioPlan(mood=plan.tone, bpm=int(self._data.rules.tones[plan.tone]["bpm"])),
            cta=CallToAction(text=cta, brand=facts.brand, url=facts.url),
            notes=list(dict.fromkeys(notes)),
            question=self._data.rules.questions["name"] if facts.certainty == 0 else None,
            writer=WRITER,
        )

    def _scenes(self, plan: Plan, ad: Ad, cta: str, hook: int) -> list[StoryScene]:
        shots = ShotChooser(self._data, plan).choose(hook)
        scenes = []
        for index, line in enumerate(ad.lines):
            last = index == len(ad.lines) - 1
            copy = plan.settled.get(index) or self._copy(line)
            if last and not copy.cta:
                copy = copy.model_copy(update={"cta": cta, "url": plan.facts.url})
            if last and not copy.support and (index not in plan.settled or plan.end_fact):
                copy = copy.model_copy(update={"support": self._end_fact(plan)})
            scenes.append(
                StoryScene(
                    id=index + 1,
                    beat=plan.beats[index],
                    purpose=self._data.frameworks.purposes[plan.roles[index]],
                    copy_text=copy,
                    visual=self._visual(plan, index, line, shots[index]),
                    duration=plan.durations[index],
                )
            )
        return scenes

    def _visual(self, plan: Plan, index: int, line: Line, shot: str) -> str:
        """A scene whose words stay keeps its picture too."""
        if line.origin == "settled":
            return plan.settled_visuals.get(index) or shot
        kept = plan.keep_visuals.get(index)
        return kept if kept and line.origin == "kept" else shot

    def _copy(self, line: Line) -> Copy:
        return Copy(headline=line.headline, support=line.support, items=list(line.items))

    def _end_fact(self, plan: Plan) -> str | None:
        """The end card repeats an event's date, or the best stated fact when the user wants a stronger ending."""
        kind = self._data.kinds.get(plan.facts.kind or "")
        dates = plan.facts.of_type("date") if kind and kind.group == "event" else ()
        facts = plan.facts.of_type("quote", "offer", "mention", "verb", "negative", "participle", "fragment", "prep")
        span = next(iter(dates), None) or (next(iter(facts), None) if plan.end_fact else None)
        return sentence(span.text) if span and len(words(span.text)) <= SUPPORT_MAX else None

    def _cta(self, plan: Plan) -> str:
        if plan.cta or plan.facts.cta:
            return self._urgent(plan, bare(plan.cta or plan.facts.cta or ""))
        kind = self._data.kinds[plan.facts.kind or "neutral"]
        brand = plan.facts.brand
        choices = [text.format(brand=brand) for text in kind.branded_cta] if brand else []
        choices = [*choices, *kind.cta, *self._data.kinds["neutral"].cta]
        if plan.level < 3:
            senses = self._data.rules.sense_words
            choices = [text for text in choices if not {word.lower() for word in words(text)} & senses]
        return self._urgent(plan, list(dict.fromkeys(choices))[plan.cta_turn % len(set(choices))])

    def _urgent(self, plan: Plan, cta: str) -> str:
        """With 'today' when the user asked for urgency and the line has no time of its own."""
        dates = " ".join(span.text for span in plan.facts.of_type("date")).lower()
        timed = {"today", "now", "tonight", "there", *words(dates)}
        hasty = plan.urgent and not {word.lower() for word in words(cta)} & timed
        return self._data.rules.frames["urgent"].format(text=cta) if hasty else cta

    def _title(self, facts: Facts, name: str | None) -> str:
        if facts.brand and name:
            return f"{facts.brand}: {name}"
        return capital(name or facts.brand or "")

    def _narrative(self, plan: Plan, scenes: list[StoryScene], name: str | None, cta: str) -> str:
        templates, chooser = self._data.frameworks.narrative, random.Random(plan.seed + 1)
        heads = [scene.copy_text.headline.rstrip(".") for scene in scenes]
        opening = "problem_words" if plan.roles[0] == "problem" else "opening_words"
        parts = [chooser.choice(templates[opening]).format(hook=heads[0])] if len(scenes) > 1 else []
        if "reveal" in plan.roles:
            subject = plan.facts.brand or (f"the {plan.facts.product.core}" if plan.facts.product else None)
            parts.append(chooser.choice(templates["reveal" if subject else "reveal_nameless"]).format(name=subject))
        middle = [
            head
            for head, role in zip(heads, plan.roles, strict=True)
            if role not in ("hook", "problem", "reveal", "close")
        ]
        if len(middle) == 1:
            parts.append(chooser.choice(templates["middle"]).format(first=middle[0]))
        elif middle:
            parts.append(chooser.choice(templates["middle_two"]).format(first=middle[0], second=middle[1]))
        parts.append(chooser.choice(templates["close"]).format(cta=cta))
        return " ".join(parts)

    def _notes(self, plan: Plan, ad: Ad) -> list[str]:
        facts, wording = plan.facts, self._data.rules.notes
        notes = [wording["left_out"].format(text=text) for text in facts.left_out]
        shown = straight(" ".join(" ".join((line.text, *line.items)) for line in ad.lines)).lower()
        shown += " " + straight(facts.product.phrase if facts.product else "").lower()
        for span in facts.spans:
            if span.type == "mention" and span.id in ad.used:
                continue
            if straight(span.text).lower() not in shown and span.id not in ad.used:
                notes.append(wording["left_out"].format(text=span.text))
        if facts.certainty == 0:
            notes.append(wording["unsure"])
        elif facts.certainty == 1 and facts.product:
            notes.append(wording["kind"].format(head=facts.product.head))
        kind = self._data.kinds.get(facts.kind or "")
        if kind and kind.careful:
            notes.append(wording["careful"])
        return notes


def _substance(story: Story) -> tuple[object, ...]:
    """What a wish may change: the scenes, the names, the mood."""
    return (story.scenes, story.product, story.brand, story.audience, story.tone, story.cta)
