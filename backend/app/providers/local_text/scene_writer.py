"""Writes one scene of a story: layout, references, joints and the picture described in video prompt order.

Called by adapter.py. Tests: tests/test_providers/test_local_text/test_scene_writer.py
"""

from __future__ import annotations

import random
import re
from typing import cast

from app.core.errors import Rejected
from app.providers.local_text.context import colour_name, lock_sentence, palette, person_sentence, place_of
from app.providers.local_text.data import CopyData
from app.providers.local_text.edits import own_line
from app.providers.local_text.feedback import FeedbackParser, Operation
from app.providers.local_text.layouts import Staging, stage
from app.providers.local_text.unheard import Unheard
from app.providers.local_text.words import capital, sentence, straight, words
from app.schemas.providers import SceneWriterInput
from app.schemas.story import Copy, StoryScene, Tone
from app.schemas.unified_pipeline import Layout, ReferenceType, Scene, Transition

_SCENE = re.compile(r"\bscene\s*(\d+)", re.IGNORECASE)
TONE_OPS = frozenset({"epic", "calm", "warm", "playful", "bold", "premium"})


class SceneWriter:
    """The scene writer's craft."""

    def __init__(self, data: CopyData) -> None:
        self._data = data
        self._parser = FeedbackParser(data)
        self._unheard = Unheard(data, self._parser)

    def write(self, task: SceneWriterInput) -> Scene:
        """Write the scene `scene_id`; id and duration are the story's, the words too until a person changes them.

        A wish for the words of a scene leaves its picture, and one for the picture leaves the words.

        Raises:
            Rejected: The story has no such scene.
        """
        index = next((i for i, scene in enumerate(task.story.scenes) if scene.id == task.scene_id), None)
        if index is None:
            raise Rejected(f"The story has no scene {task.scene_id}.", hint="Use an id of the story.", provider="local")
        wishes = self._wishes(task)
        staging = stage(self._data, task.story, task.references, self._fixed(task, index, wishes))
        planned = task.story.scenes[index]
        copy = self._copy(task, index, wishes)
        unheard = self._rest(task, index)
        if (
            task.previous
            and task.critique is None
            and task.feedback
            and not self._wishes_of(self._about(task, task.feedback[-1:]))
        ):
            return task.previous.model_copy(update={"copy_text": copy, "unheard": unheard})
        shown = staging.references[index]
        camera = self._camera(task, index, staging.layouts[index], wishes)
        return Scene(
            id=planned.id,
            description=self._description(task, planned, staging, index, camera, wishes),
            duration=planned.duration,
            beat=planned.beat,
            copy_text=copy,
            layout=staging.layouts[index],
            references=shown,
            camera=camera,
            transition_in=_joint(staging, index - 1),
            transition_out=_joint(staging, index),
            unheard=unheard,
        )

    def _copy(self, task: SceneWriterInput, index: int, wishes: list[str]) -> Copy:
        """The scene's words as they stand, with what was wished of them."""
        previous = task.previous if task.feedback else None
        copy = (previous or task.story.scenes[index]).copy_text
        if "wordless" in wishes and index < len(task.story.scenes) - 1:
            copy = Copy()
        # What was said before is in the last version already, and the person may have changed it since.
        for step in self._worded(task, index, task.feedback[-1:] if previous else task.feedback):
            copy = _reworded(copy, step)
        return copy

    def _rest(self, task: SceneWriterInput, index: int) -> list[str]:
        """What of the last message was meant for this scene and came to nothing."""
        last = self._about(task, task.feedback[-1:])
        return self._unheard.of(last[0], self._worded(task, index, last)) if last else []

    def _wishes(self, task: SceneWriterInput) -> list[str]:
        """Wishes for the picture, the last sentence first; what was said of another scene is not heard here."""
        return self._wishes_of(self._about(task, task.feedback))

    def _wishes_of(self, said: list[str]) -> list[str]:
        found: list[str] = []
        for text in reversed(said):
            for source, operation in self._data.filming.requests.items():
                if re.search(source, straight(text), re.IGNORECASE) and operation not in found:
                    found.append(operation)
        return found

    def _about(self, task: SceneWriterInput, said: list[str]) -> list[str]:
        """What was said of this scene, or of none by its number."""
        named = [(text, _SCENE.search(text)) for text in said]
        return [text for text, match in named if match is None or int(match[1]) == task.scene_id]

    def _worded(self, task: SceneWriterInput, index: int, said: list[str]) -> list[Operation]:
        """Wishes for the words of this very scene, oldest first."""
        last = index == len(task.story.scenes) - 1
        numbers = {task.scene_id, -1} if last else {task.scene_id}
        return [step for step in self._parser.parse(self._about(task, said)) if step.scene in numbers]

    def _fixed(self, task: SceneWriterInput, index: int, wishes: list[str]) -> dict[int, Layout]:
        """Layouts of scenes already written stay; this one must then differ from them, or from its last try."""
        places = {scene.id: i for i, scene in enumerate(task.story.scenes)}
        fixed = {places[s.id]: s.layout for s in task.neighbours if s.id in places and places[s.id] != index}
        wants_other = "layout" in wishes or (
            task.critique and any(i.code in ("same_layout",) for i in task.critique.issues)
        )
        if not (task.previous and wants_other):
            return fixed
        taken = {task.previous.layout, fixed.get(index - 1), fixed.get(index + 1)}
        plan = stage(self._data, task.story, task.references, fixed)
        options: list[Layout] = ["hero-split", "titlecard"]
        if plan.layouts[index] in taken and index < len(task.story.scenes) - 1:
            free = [layout for layout in options if layout not in taken]
            return fixed | ({index: free[0]} if free else {})
        return fixed

    def _camera(self, task: SceneWriterInput, index: int, layout: Layout, wishes: list[str]) -> str:
        choices = self._data.filming.cameras[layout]
        base = random.Random(f"{task.story.title}{index}").choice(choices)
        moves = {
            "closer": self._data.filming.cameras["titlecard"][1],
            "wider": self._data.filming.cameras["full-bleed"][0],
            "static": self._data.filming.cameras["logo-close"][0],
            "above": self._data.filming.cameras["type-beats"][1],
        }
        return next((moves[wish] for wish in wishes if wish in moves), base)

    def _description(
        self, task: SceneWriterInput, planned: StoryScene, staging: Staging, index: int, camera: str, wishes: list[str]
    ) -> str:
        filming, story = self._data.filming, task.story
        tone = next((cast(Tone, wish) for wish in wishes if wish in TONE_OPS), story.tone)
        shown: list[ReferenceType] = staging.references[index]
        person = person_sentence(task.consistency_context, self._data) if "character" in shown else None
        colours = [f"{colour_name(c, self._data)} {c}" for c in palette(task.consistency_context)[:3]]
        parts = [
            sentence(camera),
            lock_sentence(task.consistency_context, self._data),
            person,
            sentence(planned.visual),
            filming.sentences["place"].format(place=place_of(story, task.references, self._data)),
            sentence(capital(filming.light[tone][0])),
            filming.sentences["palette"].format(colours=", ".join(dict.fromkeys(colours))) if colours else None,
            filming.sentences["space"].format(where=filming.layouts[staging.layouts[index]]["where"]),
            filming.sound[_sound(tone)][0],
        ]
        return self._sized([part for part in parts if part])

    def _sized(self, parts: list[str]) -> str:
        """Between 60 and 130 words: one plain sentence more, or the palette less."""
        low, high = self._data.rules.limits["description_min"], self._data.rules.limits["description_max"]
        if len(words(" ".join(parts))) < low:
            parts = [*parts[:-1], self._data.filming.sentences["extra"], parts[-1]]
        if len(words(" ".join(parts))) > high:
            parts = [part for part in parts if not part.startswith(self._data.filming.sentences["palette"][:12])]
        return " ".join(parts)


def _reworded(copy: Copy, step: Operation) -> Copy:
    """The words with one wish fulfilled; the user's own line is taken word for word."""
    if step.name == "set_line":
        return copy.model_copy(update={"headline": step.text, "items": []})
    if step.name == "scene_mention":
        return copy.model_copy(update={"support": own_line(step.text)})
    if step.name in ("no_support", "scene_shorter"):
        return copy.model_copy(update={"support": None})
    if step.name == "scene_drop" and straight(step.text).lower() in straight(copy.support or "").lower():
        return copy.model_copy(update={"support": None})
    return copy


def _sound(tone: Tone) -> str:
    return "strong" if tone in ("bold", "epic") else "soft" if tone in ("calm", "warm", "premium") else "plain"


def _joint(staging: Staging, index: int) -> Transition:
    return staging.joints[index] if 0 <= index < len(staging.joints) else "hard-cut"
