"""From a model's answers to the pipeline's schemas: what a model may not decide is put in here.

Ids, lengths, beats, joints and the words of an approved story are the plan's; a web address or brand is only ever the
user's own; a layout that could not be rendered is replaced by the copywriter's own staging.
Called by adapter.py. Tests: tests/test_providers/test_openai_text/test_mapping.py
"""

from __future__ import annotations

from typing import get_args

from app.core.errors import Rejected
from app.providers.local_text.data import CopyData, shipped
from app.providers.local_text.layouts import Staging, legal_layouts, stage, story_roles
from app.schemas.answers import (
    BriefAnswer,
    CohesionAnswer,
    CopyAnswer,
    CritiqueAnswer,
    RepairAnswer,
    SceneAnswer,
    StoryAnswer,
)
from app.schemas.providers import BriefInput, BriefReading, Cohesion, CohesorInput, DirectorInput, SceneWriterInput
from app.schemas.story import AudioPlan, CallToAction, Copy, Critique, Issue, Story, StoryScene
from app.schemas.unified_pipeline import Layout, ReferenceType, Scene, Transition

_VETO_CAP = 4.0


def reading_of(answer: BriefAnswer, brief: BriefInput) -> BriefReading:
    """What the brief says; the request's own fields win."""
    read = BriefReading.model_validate(answer.model_dump())
    return read.model_copy(
        update={
            "brand": own_brand(answer.brand, brief),
            "cta": brief.cta or answer.cta,
            "url": own_url(answer.url, brief),
            "framework": brief.framework or answer.framework,
        }
    )


def story_of(answer: StoryAnswer, task: DirectorInput, writer: str) -> Story:
    """The story with the plan's ids and lengths. `writer` is the model's id."""
    brief, last = task.brief, len(answer.scenes) - 1
    brand = own_brand(answer.brand, brief)
    scenes = [
        StoryScene(
            id=number + 1,
            beat=scene.beat,
            purpose=scene.purpose,
            copy_text=_close(scene.copy_text, answer, brief) if number == last else _copy(scene.copy_text, None, None),
            visual=scene.visual,
            duration=task.scene_durations[number],
        )
        for number, scene in enumerate(answer.scenes)
    ]
    return Story(
        title=answer.title,
        framework=task.framework,
        narrative=answer.narrative,
        product=answer.product,
        brand=brand,
        audience=answer.audience,
        tone=answer.tone,
        certainty=answer.certainty,
        kind=answer.kind if answer.kind in shipped().kinds else None,
        scenes=scenes,
        audio=AudioPlan(mood=answer.tone, bpm=answer.bpm),
        cta=CallToAction(text=brief.cta or answer.cta, brand=brand, url=scenes[last].copy_text.url or brief.url),
        notes=answer.notes,
        remarks_heard=len(task.feedback),
        question=answer.question,
        writer=writer,
    )


def critique_of(answer: CritiqueAnswer) -> Critique:
    """The verdict; a veto caps its score, and whether it approves is decided by the threshold elsewhere."""
    vetoed = any(issue.severity == "veto" for issue in answer.issues)
    return Critique(
        score=min(answer.score, _VETO_CAP) if vetoed else answer.score,
        criteria={criterion.name: criterion.score for criterion in answer.criteria},
        issues=[Issue.model_validate(issue.model_dump()) for issue in answer.issues],
        feedback=answer.feedback,
    )


def scene_of(answer: SceneAnswer, task: SceneWriterInput) -> Scene:
    """The scene with its planned id, length, words and joints, in a layout that can be rendered."""
    index = index_of(task)
    planned = task.story.scenes[index]
    staging = _staging(shipped(), answer, task, index)
    return Scene(
        id=planned.id,
        description=answer.description,
        duration=planned.duration,
        beat=planned.beat,
        copy_text=_words(answer, task, planned.copy_text),
        layout=staging.layouts[index],
        references=_shown(answer, task, staging.references[index]),
        camera=answer.camera,
        transition_in=_joint(staging, index - 1),
        transition_out=_joint(staging, index),
    )


def cohesion_of(answer: CohesionAnswer, task: CohesorInput) -> Cohesion:
    """The scenes with the answer's repairs laid over them."""
    repairs = {repair.scene_id: repair for repair in answer.repairs}
    scenes = [_repaired(scene, repairs.get(scene.id)) for scene in task.scenes]
    return Cohesion(critique=critique_of(answer), scenes=scenes, adjustments=answer.adjustments)


def index_of(task: SceneWriterInput) -> int:
    """Place of the scene in the story. Raises Rejected when the story has no such scene."""
    for index, scene in enumerate(task.story.scenes):
        if scene.id == task.scene_id:
            return index
    raise Rejected(f"The story has no scene {task.scene_id}.", hint="Use an id of the story.", provider="openai")


def own_url(url: str | None, brief: BriefInput) -> str | None:
    """The address if the user gave it, character for character; null otherwise."""
    return url if url and (url == brief.url or url in brief.prompt) else None


def own_brand(brand: str | None, brief: BriefInput) -> str | None:
    """The brand as the user spells it; null when the user never named it."""
    if brief.brand:
        return brief.brand
    at = brief.prompt.lower().find(brand.lower()) if brand else -1
    return brief.prompt[at : at + len(brand)] if brand and at >= 0 else None


def _close(copy: CopyAnswer, answer: StoryAnswer, brief: BriefInput) -> Copy:
    """The last scene's words: the request is always there, the address only if it is the user's own."""
    return _copy(copy, brief.cta or copy.cta or answer.cta, own_url(copy.url, brief))


def _copy(answer: CopyAnswer, cta: str | None, url: str | None) -> Copy:
    return Copy.model_validate({**answer.model_dump(), "cta": cta, "url": url})


def _words(answer: SceneAnswer, task: SceneWriterInput, planned: Copy) -> Copy:
    """Words change only when the user asked for a change; an address never does, and a request stays where it is."""
    if task.feedback:
        return _copy(answer.copy_text, answer.copy_text.cta if planned.cta else None, planned.url)
    return task.previous.copy_text if task.previous else planned


def _staging(data: CopyData, answer: SceneAnswer, task: SceneWriterInput, index: int) -> Staging:
    """The staging of all scenes with the answer's layout where it can be shown and no neighbour has it."""
    story = task.story
    places = {scene.id: at for at, scene in enumerate(story.scenes)}
    fixed: dict[int, Layout] = {places[scene.id]: scene.layout for scene in task.neighbours if scene.id in places}
    fixed.pop(index, None)
    role = story_roles(story, data)[index]
    legal = legal_layouts(story, index, task.references, role)
    if answer.layout in legal and answer.layout not in (fixed.get(index - 1), fixed.get(index + 1)):
        fixed[index] = answer.layout
    return stage(data, story, task.references, fixed)


def _shown(answer: SceneAnswer, task: SceneWriterInput, needed: list[ReferenceType]) -> list[ReferenceType]:
    """What the description speaks of and what the layout needs, as far as there are such images."""
    there = {reference.type for reference in task.references}
    wanted = {*answer.references, *needed} & there
    return [kind for kind in get_args(ReferenceType) if kind in wanted]


def _joint(staging: Staging, index: int) -> Transition:
    return staging.joints[index] if 0 <= index < len(staging.joints) else "hard-cut"


def _repaired(scene: Scene, repair: RepairAnswer | None) -> Scene:
    if repair is None:
        return scene
    words = {name: value for name in ("headline", "support") if (value := getattr(repair, name)) is not None}
    return scene.model_copy(
        update={
            "description": repair.description or scene.description,
            "copy_text": scene.copy_text.model_copy(update=words),
        }
    )
