"""Checks all scenes against each other and repairs contradictions, saying each repair.

Called by adapter.py. Tests: tests/test_providers/test_local_text/test_cohesor.py
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from app.providers.local_text.checks import Fault, near
from app.providers.local_text.context import colour_name, lock_sentence, palette
from app.providers.local_text.data import CopyData
from app.providers.local_text.layouts import stage
from app.providers.local_text.nouns import Nouns
from app.providers.local_text.verdict import issue_of, verdict
from app.providers.local_text.words import words
from app.schemas.providers import Cohesion, CohesorInput
from app.schemas.story import Copy, Issue
from app.schemas.unified_pipeline import Scene


@dataclass
class Repair:
    """Scenes being repaired, the issues found and what was done."""

    scenes: list[Scene]
    issues: list[Issue] = field(default_factory=list)
    adjustments: list[str] = field(default_factory=list)

    def put(self, index: int, **changes: object) -> None:
        """Replace one scene with a changed copy."""
        self.scenes[index] = self.scenes[index].model_copy(update=changes)


class Cohesor:
    """The cohesor's craft."""

    def __init__(self, data: CopyData) -> None:
        self._data = data
        self._nouns = Nouns(data)

    def unite(self, task: CohesorInput) -> Cohesion:
        """Return the repaired scenes: same ids, same order, durations as planned."""
        repair = Repair(list(task.scenes))
        self._durations(repair, task)
        self._locks(repair, task)
        self._names(repair, task)
        self._colours(repair, task)
        self._nouns_of(repair, task)
        self._times(repair, task)
        self._layouts(repair, task)
        self._transitions(repair)
        self._calls(repair, task)
        self._shown(repair, task)
        criteria = dict.fromkeys(self._data.rules.shares, 10.0)
        return Cohesion(
            critique=verdict(self._data, repair.issues, criteria),
            scenes=repair.scenes,
            adjustments=repair.adjustments,
        )

    def _note(self, repair: Repair, index: int, what: tuple[str, str], quote: str = "", **fill: object) -> None:
        """Record one repair: `what` is the code of the issue and the name of the advice."""
        code, advice = what
        scene = repair.scenes[index]
        filled = tuple((name, str(value)) for name, value in fill.items())
        repair.issues.append(issue_of(self._data, Fault(code, quote, "minor", filled), scene.id))
        repair.adjustments.append(self._data.filming.advice[advice].format(id=scene.id, **fill))

    def _durations(self, repair: Repair, task: CohesorInput) -> None:
        planned = {scene.id: scene.duration for scene in task.story.scenes}
        for index, scene in enumerate(repair.scenes):
            wanted = planned.get(scene.id, scene.duration)
            if abs(scene.duration - wanted) > 0.01:
                self._note(repair, index, ("scene_duration", "duration"), f"{scene.duration:g} s", new=f"{wanted:g}")
                repair.put(index, duration=wanted)

    def _locks(self, repair: Repair, task: CohesorInput) -> None:
        """The sentence goes where a prompt has its subject: after the camera."""
        lock = lock_sentence(task.consistency_context, self._data)
        head = lock.split(":")[0]
        for index, scene in enumerate(repair.scenes):
            if lock in scene.description:
                continue
            kept = [part for part in re.split(r"(?<=[.!?])\s+", scene.description) if not part.startswith(head)]
            text = " ".join([*kept[:1], lock, *kept[1:]])
            self._note(repair, index, ("no_lock", "lock"), scene.description[:60])
            repair.put(index, description=text)

    def _names(self, repair: Repair, task: CohesorInput) -> None:
        brand = task.story.brand
        if not brand or not words(brand):
            return
        for index, scene in enumerate(repair.scenes):
            said = " ".join([scene.description, *_texts(scene.copy_text)])
            for word in sorted(set(words(said))):
                if not near(word.lower(), brand.lower()) or not word[:1].isupper():
                    continue
                self._note(repair, index, ("brand_misspelt", "brand"), word, old=word, new=brand, brand=brand)
                self._replace_everywhere(repair, index, word, brand)

    def _replace_everywhere(self, repair: Repair, index: int, old: str, new: str) -> None:
        scene = repair.scenes[index]
        copy = {
            name: _swap(value, old, new)
            if isinstance(value, str)
            else [_swap(v, old, new) for v in value]
            if value
            else value
            for name, value in scene.copy_text.model_dump().items()
        }
        repair.put(index, description=_swap(scene.description, old, new), copy_text=Copy.model_validate(copy))

    def _outside_lock(self, text: str, task: CohesorInput) -> str:
        return text.replace(lock_sentence(task.consistency_context, self._data), " ")

    def _colours(self, repair: Repair, task: CohesorInput) -> None:
        """A named or hex colour that is not the palette's becomes the palette's first."""
        hexes = palette(task.consistency_context)
        if not hexes:
            return
        filming = self._data.filming
        names = list(dict.fromkeys(colour_name(value, self._data) for value in hexes))
        fine = {*names, *filming.contradictions["neutral_colours"]}
        fine |= {word.lower() for word in words(f"{task.story.product} {task.story.brand} {task.consistency_context}")}
        new = next((name for name in names if name not in filming.contradictions["neutral_colours"]), names[0])
        for index, scene in enumerate(repair.scenes):
            said = self._outside_lock(scene.description, task)
            for word in sorted({w.lower() for w in words(said)} & set(filming.colours) - fine):
                self._note(repair, index, ("foreign_colour", "colour"), word, old=word, new=new)
                repair.put(index, description=_swap(repair.scenes[index].description, word, new))
            for value in sorted({v.lower() for v in re.findall(r"#[0-9a-fA-F]{6}", said)} - set(hexes)):
                self._note(repair, index, ("foreign_colour", "colour"), value, old=value, new=hexes[0])
                text = re.sub(value, hexes[0], repair.scenes[index].description, flags=re.IGNORECASE)
                repair.put(index, description=text)

    def _nouns_of(self, repair: Repair, task: CohesorInput) -> None:
        """Another head noun of the same kind, where the story says the product's own."""
        story = task.story
        if not story.kind or not story.product or story.kind not in self._data.nouns.heads:
            return
        row = self._nouns.head(story.product.split())
        own = row.singular if row else story.product
        others = self._nouns.heads_of(story.kind) - set(words(story.product.lower())) - {own, *_tail_words(own)}
        planned = {scene.id: scene.visual.lower() for scene in story.scenes}
        for index, scene in enumerate(repair.scenes):
            said = self._outside_lock(scene.description, task).lower()
            for noun in sorted(others, key=len, reverse=True):
                pattern = rf"\bthe ((?:[\w-]+ )?){re.escape(noun)}\b"
                if not re.search(pattern, said) or re.search(pattern, planned.get(scene.id, "")):
                    continue
                self._note(repair, index, ("product_noun", "noun"), noun, old=noun, new=own)
                text = re.sub(pattern, f"the {own}", repair.scenes[index].description, flags=re.IGNORECASE)
                repair.put(index, description=text)
                said = text.lower()

    def _times(self, repair: Repair, task: CohesorInput) -> None:
        """Scenes that share a place share the time of day; the minority follows."""
        filming = self._data.filming.contradictions
        night = [self._first_of(filming["night"], s.description) for s in repair.scenes]
        day = [self._first_of(filming["day"], s.description) for s in repair.scenes]
        if not any(night) or not (any(day) or night.count(None) > len(night) / 2):
            return
        dark = sum(bool(word) for word in night) > len(night) / 2
        found, swaps = (
            (day, dict(zip(filming["day"], filming["night"], strict=True)))
            if dark
            else (
                night,
                dict(zip(filming["night"], filming["day"], strict=True)),
            )
        )
        for index, _ in enumerate(repair.scenes):
            while word := self._first_of(list(swaps), repair.scenes[index].description):
                self._note(repair, index, ("day_night", "time"), word, old=word, new=swaps[word])
                repair.put(index, description=_swap(repair.scenes[index].description, word, swaps[word]))
        del found

    def _first_of(self, phrases: list[str], text: str) -> str | None:
        lowered = text.lower()
        return next((p for p in phrases if re.search(rf"(?<![\w-]){re.escape(p)}(?![\w-])", lowered)), None)

    def _layouts(self, repair: Repair, task: CohesorInput) -> None:
        last = len(repair.scenes) - 1
        if repair.scenes[last].layout != "logo-close":
            old = repair.scenes[last].layout
            self._note(repair, last, ("layout_last", "layout"), old, old=old, new="logo-close")
            repair.put(last, layout="logo-close")
        plan = stage(self._data, task.story, task.references)
        for index in range(1, last):
            scene, before = repair.scenes[index], repair.scenes[index - 1]
            if scene.layout != before.layout:
                continue
            taken = {before.layout, repair.scenes[index + 1].layout}
            options = [
                plan.layouts[index] if index < len(plan.layouts) else "titlecard",
                "titlecard",
                "hero-split",
                "full-bleed",
            ]
            new = next(layout for layout in options if layout not in taken)
            self._note(
                repair, index, ("same_layout", "layout"), scene.layout, old=scene.layout, new=new, layout=scene.layout
            )
            shown = dict.fromkeys(
                [*scene.references, *(["product"] if new == "hero-split" and _has(task, "product") else [])]
            )
            repair.put(index, layout=new, references=list(shown))

    def _transitions(self, repair: Repair) -> None:
        last = len(repair.scenes) - 1
        for index, name in ((0, "transition_in"), (last, "transition_out")):
            if getattr(repair.scenes[index], name) != "hard-cut":
                self._note(
                    repair, index, ("transition", "ends"), getattr(repair.scenes[index], name), scenes="at the ends"
                )
                repair.put(index, **{name: "hard-cut"})
        for index in range(1, last + 1):
            before, scene = repair.scenes[index - 1], repair.scenes[index]
            if scene.transition_in != before.transition_out:
                fill = {"scenes": f"{before.id} and {scene.id}", "before": before.id, "new": before.transition_out}
                self._note(repair, index, ("transition", "transition"), scene.transition_in, **fill)
                repair.put(index, transition_in=before.transition_out)

    def _calls(self, repair: Repair, task: CohesorInput) -> None:
        last = len(repair.scenes) - 1
        for index, scene in enumerate(repair.scenes[:-1]):
            if scene.copy_text.cta:
                self._note(repair, index, ("early_cta", "cta_moved"), scene.copy_text.cta)
                repair.put(index, copy_text=scene.copy_text.model_copy(update={"cta": None}))
        final = repair.scenes[last].copy_text
        if not final.cta:
            self._note(repair, last, ("missing_cta", "cta_added"), final.headline, new=task.story.cta.text)
            update = {"cta": task.story.cta.text, "url": final.url or task.story.cta.url}
            repair.put(last, copy_text=final.model_copy(update=update))

    def _shown(self, repair: Repair, task: CohesorInput) -> None:
        """The product is seen in its share of the scenes."""
        if not _has(task, "product"):
            return
        needed = math.ceil(self._data.rules.limits["product_share"] * len(repair.scenes) - 1e-9)
        for index in reversed(range(len(repair.scenes))):
            shown = sum("product" in scene.references for scene in repair.scenes)
            if shown < needed and "product" not in repair.scenes[index].references:
                self._note(repair, index, ("product_absent", "shown"))
                repair.put(index, references=[*repair.scenes[index].references, "product"])


def _has(task: CohesorInput, type_: str) -> bool:
    return any(reference.type == type_ for reference in task.references)


def _texts(copy: Copy) -> list[str]:
    return [part for part in (copy.kicker, copy.headline, copy.support, *copy.items, copy.cta) if part]


def _tail_words(name: str) -> set[str]:
    parts = name.split()
    return {" ".join(parts[i:]) for i in range(len(parts))}


def _swap(text: str, old: str, new: str) -> str:
    def put(match: re.Match[str]) -> str:
        return new[0].upper() + new[1:] if match.group()[0].isupper() and not new[0].isupper() else new

    return re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", put, text, flags=re.IGNORECASE)
