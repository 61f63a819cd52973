"""Judges one scene against its story and the consistency context.

Called by adapter.py. Tests: tests/test_providers/test_local_text/test_scene_critic.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.providers.local_text.checks import Fault, near
from app.providers.local_text.context import field_of, lock_sentence
from app.providers.local_text.data import CopyData
from app.providers.local_text.layouts import is_list
from app.providers.local_text.verdict import issue_of, verdict
from app.providers.local_text.words import straight, words
from app.schemas.providers import SceneCriticInput
from app.schemas.story import Critique, StoryScene
from app.schemas.unified_pipeline import Scene


class SceneCritic:
    """The scene critic's craft."""

    def __init__(self, data: CopyData) -> None:
        self._data = data

    def judge(self, task: SceneCriticInput) -> Critique:
        """Score 0-10 with issues that quote the offending text."""
        planned = next((scene for scene in task.story.scenes if scene.id == task.scene.id), None)
        faults = [*self._picture(task), *self._person(task), *self._words(task)]
        if planned:
            faults += [*self._against_story(task, planned), *self._layout(task, planned)]
        count = len(words(task.scene.description))
        issues = [issue_of(self._data, fault, task.scene.id) for fault in faults]
        codes = {fault.code for fault in faults}
        criteria = {
            "brief_words": 10.0 if self._names_product(task) else 6.0,
            "stated": 10.0 if "copy_changed" not in codes else 6.0,
            "rhythm": 10.0 if 60 <= count <= 130 else 7.0,
            "tone": 10.0,
            "freshness": 10.0 if "cliche" not in codes else 6.0,
        }
        return verdict(self._data, issues, criteria)

    def _picture(self, task: SceneCriticInput) -> Iterator[Fault]:
        limits, scene = self._data.rules.limits, task.scene
        count = len(words(scene.description))
        if not limits["description_min"] <= count <= limits["description_max"]:
            severity = "veto" if count < 15 else "major"
            yield Fault("description_length", scene.description[:60], severity, (("count", str(count)),))
        if lock_sentence(task.consistency_context, self._data) not in scene.description:
            yield Fault("no_lock", scene.description[:60], "major")
        if not scene.camera.strip():
            yield Fault("no_camera", "", "major")
        lowered = scene.description.lower()
        for phrase in self._data.filming.contradictions["lettering"]:
            if re.search(rf"\b{re.escape(phrase)}\b", lowered):
                yield Fault("drawn_text", phrase, "major")
        for phrase in sorted(self._data.rules.cliches):
            if re.search(rf"\b{re.escape(phrase)}\b", lowered):
                yield Fault("cliche", phrase, "major")

    def _person(self, task: SceneCriticInput) -> Iterator[Fault]:
        """A person is shown only when there is a picture of one and the scene lists it."""
        known = field_of(task.consistency_context, "CHARACTER APPEARANCE") is not None
        if known or "character" in task.scene.references:
            return
        lock = lock_sentence(task.consistency_context, self._data)
        said = words(straight(task.scene.description.replace(lock, "")).lower())
        product = set(words(straight(task.story.product or "").lower()))
        for word in said:
            if word in self._data.rules.person_words and word not in product:
                yield Fault("no_person", word, "veto")
                return

    def _words(self, task: SceneCriticInput) -> Iterator[Fault]:
        brand = task.story.brand
        if brand and brand.isalnum():
            for word in words(task.scene.description):
                if near(word.lower(), brand.lower()) and word[:1].isupper():
                    yield Fault("brand_misspelt", word, "veto", (("brand", brand),))
        if task.story.certainty < 2:
            product = set(words(straight(task.story.product or "").lower()))
            planned = " ".join(scene.visual for scene in task.story.scenes).lower()
            for word in words(task.scene.description.lower()):
                if word in self._data.rules.place_words and word not in product and word not in planned:
                    yield Fault("above_level", word, "major")

    def _against_story(self, task: SceneCriticInput, planned: StoryScene) -> Iterator[Fault]:
        scene = task.scene
        if abs(scene.duration - planned.duration) > 0.01:
            yield Fault("scene_duration", f"{scene.duration:g} s", "major")
        if not 1 <= scene.duration <= 15:
            yield Fault("duration", f"{scene.duration:g} s", "minor")
        if scene.copy_text != planned.copy_text:
            yield Fault("copy_changed", scene.copy_text.headline, "minor")

    def _layout(self, task: SceneCriticInput, planned: StoryScene) -> Iterator[Fault]:
        scene: Scene = task.scene
        last = planned.id == task.story.scenes[-1].id
        if last and scene.layout != "logo-close":
            yield Fault("layout_last", scene.layout, "major")
        if last and not scene.copy_text.cta:
            yield Fault("missing_cta", scene.copy_text.headline, "veto")
        if scene.layout == "stack-list" and not 3 <= len(scene.copy_text.items) <= 5:
            yield Fault("list_items", scene.layout, "major")
        if scene.layout == "type-beats" and (len(scene.copy_text.items) < 3 or is_list(planned)):
            yield Fault("beats_items", scene.layout, "major")

    def _names_product(self, task: SceneCriticInput) -> bool:
        text = straight(task.scene.description).lower()
        names = [task.story.brand or "", *(task.story.product or "").split()[-1:]]
        return (
            any(name and straight(name).lower() in text for name in names)
            or "Product, identical" in task.scene.description
        )
