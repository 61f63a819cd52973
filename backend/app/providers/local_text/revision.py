"""Revises a draft: what the newest feedback names may change, every other scene is settled as it is.

Called by story_writer.py. Tests: tests/test_providers/test_local_text/test_fifteen_operations.py
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from app.providers.local_text.checks import copy_parts
from app.providers.local_text.data import CopyData
from app.providers.local_text.edits import index_of, own_line
from app.providers.local_text.facts import MUST
from app.providers.local_text.feedback import Operation
from app.providers.local_text.layouts import story_roles
from app.providers.local_text.openings import earlier_openings, opening_copy
from app.providers.local_text.order import lead_index
from app.providers.local_text.plan import Plan
from app.providers.local_text.remarks import remark, said_in
from app.providers.local_text.renames import Renames
from app.providers.local_text.words import bare, content, sentence, straight, words
from app.schemas.providers import DirectorInput
from app.schemas.story import Copy, Critique, Story, StoryScene, Tone


@dataclass
class Row:
    """One scene of the previous draft on its way into the next. `open` scenes are written anew."""

    scene: StoryScene
    role: str
    beat: str
    open: bool = False
    keep: bool = False
    """Open, but the previous words are preferred."""
    fresh: bool = False
    tone: Tone | None = None
    at_most: int | None = None
    recut: bool = False
    """The call to action and the address are set anew."""

    @property
    def copy(self) -> Copy:
        return self.scene.copy_text

    def put(self, **changes: object) -> None:
        """Change the words."""
        self.scene = self.scene.model_copy(update={"copy_text": self.copy.model_copy(update=changes)})


def heard_in(previous: Story | None) -> int:
    """How many sentences of feedback a draft has taken in."""
    return 0 if previous is None else previous.remarks_heard


class Reviser:
    """Fits a plan to the previous draft; `needs` names the facts that must find a place."""

    def __init__(self, data: CopyData, plan: Plan, task: DirectorInput, previous: Story) -> None:
        self._data = data
        self._plan = plan
        self._task = task
        self._previous = previous
        same_arc = previous.framework == plan.framework
        roles = story_roles(previous, data) if same_arc else plan.roles
        beats = [scene.beat for scene in previous.scenes] if same_arc else plan.beats
        self.rows = [Row(s, r, b) for s, r, b in zip(previous.scenes, roles, beats, strict=True)]
        self.needs: set[str] = set()
        self._operations: list[Operation] = []
        self._said = straight(" ".join([plan.facts.prompt, *said_in(plan.notes, data, "asked")])).lower()
        self._renames = Renames(data, previous, plan.facts)

    def revise(self, operations: list[Operation]) -> None:
        """Apply what the previous draft has not heard yet; without such, mend what the critic found."""
        self._operations = operations
        new = [step for step in operations if step.turn >= heard_in(self._previous)]
        for step in new:
            self._apply(step)
        if self._task.critique:
            self._mend(self._task.critique, _given_lines(operations))
        elif not new and self._task.feedback:
            self._regenerate(operations)
        elif not new:
            for row in self.rows:
                row.open = row.keep = True
        self._rename()
        self._place()

    def _apply(self, step: Operation) -> None:
        at = index_of(step.scene, self._plan)
        if step.name in ("swap", "move", "lead"):
            self._reorder(step)
        elif step.name == "regenerate":
            self._regenerate(self._operations)
        elif step.name in ("tone", "tone_off", "pace", "humour_off", "serious", "urgent"):
            self._retone(recut=step.name == "urgent")
        elif step.name in self._of_scene and at is not None:
            self._of_scene[step.name](self, self.rows[at], step)
        elif step.name in self._of_ad:
            self._of_ad[step.name](self, step)

    # -- one scene ----------------------------------------------------------------------------------------------------

    def _set_line(self, row: Row, step: Operation) -> None:
        line = own_line(step.text)
        stop = self._data.words("stop_words")
        support = row.copy.support if step.headline_only else None
        if support and content(support, stop) & content(line, stop):
            support = None
        row.put(headline=line, support=support, items=[], kicker=None)
        row.open = False

    def _fresh(self, row: Row, _step: Operation) -> None:
        row.open = row.fresh = True
        row.keep = False
        self._plan.banned_lines.add(_key(row.copy.headline))
        if row is self.rows[0]:
            earlier = earlier_openings(self._previous, self._data)
            self._plan.banned_lines |= {_key(opening_copy(text).headline) for text in earlier}

    def _no_question(self, row: Row, step: Operation) -> None:
        if "?" in " ".join(copy_parts(row.copy)):
            self._plan.questions = False
            self._fresh(row, step)

    def _scene_tone(self, row: Row, step: Operation) -> None:
        row.tone = step.tone
        self._fresh(row, step)

    def _no_support(self, row: Row, _step: Operation) -> None:
        row.put(support=None)

    def _scene_shorter(self, row: Row, step: Operation) -> None:
        if row.copy.support:
            row.put(support=None)
        elif len(words(row.copy.headline)) > 1:
            row.at_most = len(words(row.copy.headline)) - 1
            self._fresh(row, step)

    def _scene_mention(self, row: Row, step: Operation) -> None:
        """Under the headline where that names the product, else as the headline."""
        line = own_line(self._stated(step.text))
        named = row.role in ("reveal", "close")
        if named:
            row.put(support=line)
        else:
            row.put(headline=line, support=None, items=[])
        row.open = False

    def _stated(self, text: str) -> str:
        """The brief's own words about this where no other scene says them; else the user's words of now."""
        stop, shown = self._data.words("stop_words"), self._shown()
        for span in self._plan.facts.spans:
            if content(text, stop) <= content(span.text, stop) and straight(span.text).lower() not in shown:
                return span.text
        return text

    def _shown(self) -> str:
        return straight(" ".join(part for row in self.rows for part in copy_parts(row.copy))).lower()

    def _scene_drop(self, row: Row, step: Operation) -> None:
        if not self._drop_from(row, step):
            self._tell("not_found", step.text)

    def _drop_from(self, row: Row, step: Operation) -> bool:
        wanted = straight(step.text).lower()
        if wanted in straight(row.copy.headline + " ".join(row.copy.items)).lower():
            self._plan.banned = self._plan.banned | {wanted}
            self._fresh(row, step)
            return True
        if wanted in straight(row.copy.support or "").lower():
            row.put(support=None)
            return True
        return False

    _of_scene: ClassVar[dict[str, Callable[[Reviser, Row, Operation], None]]] = {
        "set_line": _set_line,
        "fresh": _fresh,
        "no_question": _no_question,
        "scene_tone": _scene_tone,
        "no_support": _no_support,
        "scene_shorter": _scene_shorter,
        "scene_mention": _scene_mention,
        "scene_drop": _scene_drop,
    }

    # -- the whole ad -------------------------------------------------------------------------------------------------

    def _recut(self, _step: Operation) -> None:
        self.rows[-1].recut = True

    def _ending(self, _step: Operation) -> None:
        self.rows[-1].put(support=None)

    def _shorter(self, step: Operation) -> None:
        """Second lines go, unless they tell a price, a date, an offer; where none goes, long written lines do."""
        must = [straight(s.text).lower() for s in self._plan.facts.spans if s.type in MUST]
        before = [row.copy for row in self.rows]
        for row in self.rows:
            support = straight(row.copy.support or "").lower()
            if support and len(row.copy.headline) > 4 and not any(text in support for text in must):
                row.put(support=None)
        if before == [row.copy for row in self.rows]:
            for row in self.rows[:-1]:
                if len(words(row.copy.headline)) > 2 and not self._own(row.copy.headline):
                    self._scene_shorter(row, step)

    def _simple(self, step: Operation) -> None:
        limit = self._data.rules.limits["simple_letters"]
        for row in self.rows[:-1]:
            text = " ".join(copy_parts(row.copy))
            if any(len(word) > limit and straight(word).lower() not in self._said for word in words(text)):
                if self._own(row.copy.headline):
                    row.put(support=None)
                else:
                    self._fresh(row, step)

    def _no_questions(self, step: Operation) -> None:
        for row in self.rows[:-1]:
            self._no_question(row, step)

    def _mention(self, step: Operation) -> None:
        if straight(step.text).lower() not in self._shown():
            said = straight(step.text).lower()
            self.needs |= {s.id for s in self._plan.facts.spans if straight(s.text).lower() == said}

    def _audience(self, step: Operation) -> None:
        if straight(step.text).lower() not in self._shown():
            self.needs.add("audience")

    def _drop(self, step: Operation) -> None:
        gone = [self._drop_from(row, step) for row in self.rows]
        general = self._previous.audience if step.text.lower() in ("audience", "who it is for") else None
        if not any(gone) and not general and self._previous.cta.url == self._plan.facts.url:
            self._tell("not_found", step.text)
        self.rows[-1].recut = self.rows[-1].recut or self._previous.cta.url != self._plan.facts.url

    def _replace(self, step: Operation) -> None:
        found = False
        pattern = re.compile(re.escape(straight(step.text)), re.IGNORECASE)
        for row in self.rows:
            for name in ("headline", "support"):
                old = straight(getattr(row.copy, name) or "")
                if pattern.search(old):
                    found = True
                    row.put(**{name: pattern.sub(lambda _: step.new, old), "items": []})
        if not found:
            self._tell("not_found", step.text)

    def _branded(self, _step: Operation) -> None:
        """A name where there was none comes in where the product is shown, and at the end."""
        self.rows[-1].recut = True
        if not self._renames.known:
            for row in self.rows:
                if row.role in ("reveal", "close"):
                    row.open = True

    _of_ad: ClassVar[dict[str, Callable[[Reviser, Operation], None]]] = {
        "cta": _recut,
        "other_cta": _recut,
        "url": _recut,
        "ending": _ending,
        "shorter": _shorter,
        "simple": _simple,
        "questions_off": _no_questions,
        "mention": _mention,
        "audience": _audience,
        "drop": _drop,
        "replace": _replace,
        "brand": _branded,
        "name": _branded,
    }

    def _retone(self, *, recut: bool) -> None:
        """Another mood: written lines change, the user's own words stay where they are."""
        for row in self.rows[:-1]:
            support = row.copy.support
            if not self._own(row.copy.headline):
                row.open, row.keep = True, False
                self._plan.stale_lines.add(_key(row.copy.headline))
            elif support and not self._own(support):
                row.put(support=None)
                row.open = row.keep = True
            elif self._plan.tone == "playful" and not support and row.role in ("hook", "fact"):
                row.open = row.keep = True
        self.rows[-1].recut = recut or self.rows[-1].recut

    def _own(self, text: str) -> bool:
        """True when the words are the user's, from the brief or from feedback."""
        said = straight(bare(text)).lower().removeprefix("the ")
        return bool(said) and re.search(rf"(?<![\w-]){re.escape(said)}(?![\w-])", self._said) is not None

    def _regenerate(self, operations: list[Operation]) -> None:
        given = _given_lines(operations)
        for row in self.rows:
            if row.copy.headline not in given:
                row.open, row.keep, row.fresh = True, False, row is not self.rows[-1]
                self._plan.stale_lines.add(_key(row.copy.headline))

    def _mend(self, critique: Critique, given: set[str]) -> None:
        """Scenes with faults are written anew, the user's own lines never; faults of no one scene open all of them."""
        faults = [issue for issue in critique.issues if issue.severity != "minor"]
        bad = {issue.scene_id for issue in faults}
        for row in self.rows:
            if row.copy.headline in given:
                continue
            if row.scene.id in bad:
                row.open, row.keep = True, False
                self._plan.banned_lines.add(_key(row.copy.headline))
            elif None in bad or not faults:
                row.open = row.keep = True

    # -- order --------------------------------------------------------------------------------------------------------

    def _reorder(self, step: Operation) -> None:
        last = len(self.rows) - 1
        if step.name == "lead":
            self._lead(step)
            return
        at, other = index_of(step.scene, self._plan), index_of(step.other, self._plan)
        if at is None or (step.name == "swap" and other in (None, at)):
            return
        if last in (at, other):
            self._tell("last_scene")
        elif step.name == "swap" and other is not None:
            self.rows[at], self.rows[other] = self.rows[other], self.rows[at]
            self._tell("swapped", f"{min(at, other) + 1} and {max(at, other) + 1}")
        else:
            self._tell("moved", str(at + 1))
            target = 0 if other is None else other + (step.text == "after") - (at < other)
            self.rows.insert(target, self.rows.pop(at))

    def _lead(self, step: Operation) -> None:
        """Start with what is named: its scene moves to the front, or its words become the opening."""
        at, text = lead_index(step.text, self.rows, self._plan.facts, self._data)
        if at is not None:
            if at:
                self._tell("moved", str(at + 1))
            self.rows.insert(0, self.rows.pop(at))
        elif text:
            for row in self.rows[:-1]:
                if row.copy.support and straight(text).lower() in straight(row.copy.support).lower():
                    row.put(support=None)
            self.rows[0].put(headline=sentence(text), support=None, items=[])
        else:
            self._tell("not_found", step.text)

    def back(self, step: Operation) -> None:
        """Put an earlier opening back."""
        earlier = earlier_openings(self._previous, self._data)
        if not earlier:
            self._tell("no_opening_before")
            return
        first = step.text.lower() in ("first", "original", "initial")
        copy = opening_copy(earlier[0 if first else -1])
        self.rows[0].put(headline=copy.headline, support=copy.support, items=copy.items)
        self.rows[0].open = False

    _of_ad["back"] = back

    # -- handing over -------------------------------------------------------------------------------------------------

    def _tell(self, name: str, text: str = "") -> None:
        self._plan.notes.append(remark(self._data, name, text))

    def _rename(self) -> None:
        for row in self.rows:
            row.scene = self._renames.scene(row.scene)
            if self._renames.outdated(row.copy):
                row.open, row.keep = True, False

    def _place(self) -> None:
        plan = self._plan
        plan.roles = [row.role for row in self.rows]
        plan.beats = [row.beat for row in self.rows]
        for index, row in enumerate(self.rows):
            if row.fresh:
                plan.fresh.add(index)
            if row.tone:
                plan.fixed_tones[index] = row.tone
            if row.at_most:
                plan.at_most[index] = row.at_most
            copy = row.copy.model_copy(update={"cta": None, "url": None}) if row.recut else row.copy
            if not row.open:
                plan.settled[index], plan.settled_visuals[index] = copy, row.scene.visual
            elif row.keep and index < len(self.rows) - 1:
                plan.keep[index], plan.keep_visuals[index] = copy, row.scene.visual


def _given_lines(operations: list[Operation]) -> set[str]:
    """Headlines that the user dictated."""
    return {own_line(step.text) for step in operations if step.name in ("set_line", "scene_mention")}


def _key(headline: str) -> str:
    return straight(bare(headline)).lower()
