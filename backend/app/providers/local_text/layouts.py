"""Layouts, references and joints of all scenes, planned together from the story alone.

Every scene is written in its own call, so the plan is a pure function of story, references and seed: each call
computes the same one. Called by scene_writer.py and cohesor.py.
Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

from app.providers.local_text.data import CopyData
from app.providers.local_text.plan import role_of
from app.schemas.story import Story, StoryScene
from app.schemas.unified_pipeline import Layout, ReferenceImage, ReferenceType, Transition


@dataclass(frozen=True)
class Staging:
    """How each scene is staged: one entry a scene, in order; `joints` has one fewer."""

    layouts: list[Layout]
    references: list[list[ReferenceType]]
    joints: list[Transition]


@dataclass(frozen=True)
class Partial:
    """Layouts of the first scenes and how well they are liked."""

    layouts: tuple[Layout, ...] = ()
    liking: float = 0.0


def story_roles(story: Story, data: CopyData) -> list[str]:
    """The copy role of each scene of a story, whoever wrote it."""
    roles = []
    for index, scene in enumerate(story.scenes):
        named = next((role for role, text in data.frameworks.purposes.items() if text == scene.purpose), None)
        roles.append(named or role_of(scene.beat, data) or ("hook" if index == 0 else "fact"))
    roles[-1] = "close"
    return roles


def stage(
    data: CopyData, story: Story, references: Sequence[ReferenceImage], fixed: dict[int, Layout] | None = None
) -> Staging:
    """Plan layouts, references and joints. `fixed` holds layouts (by index) that must stay."""
    roles = story_roles(story, data)
    beam = [Partial()]
    for index in range(len(story.scenes)):
        legal = [fixed[index]] if fixed and index in fixed else legal_layouts(story, index, references, roles[index])
        grown = [
            _add(data, old, layout, roles[index]) for old in beam for layout in legal if old.layouts[-1:] != (layout,)
        ]
        grown = grown or [_add(data, old, layout, roles[index]) for old in beam for layout in legal]
        beam = sorted(grown, key=lambda p: (-p.liking, p.layouts))[:60]
    layouts = list(min(beam, key=lambda p: (not _reveals_early(p.layouts), -p.liking, p.layouts)).layouts)
    return Staging(layouts, _references(layouts, references), _joints(data, story, roles))


def is_list(scene: StoryScene) -> bool:
    """True when the items are a list of their own, not the headline cut into beats."""
    items = scene.copy_text.items
    return len(items) >= 3 and " ".join(items) != scene.copy_text.headline


def legal_layouts(story: Story, index: int, references: Sequence[ReferenceImage], role: str) -> list[Layout]:
    """The layouts that can show this scene with the images there are."""
    scene = story.scenes[index]
    if index == len(story.scenes) - 1:
        return ["logo-close"]
    if is_list(scene):
        return ["stack-list"]
    types = {reference.type for reference in references}
    photo = any(r.type == "product" and r.source == "uploaded" for r in references)
    legal: list[Layout] = ["titlecard"]
    if role != "problem" and ({"product", "character"} & types or not references):
        legal.append("hero-split")
    if photo or "environment" in types:
        legal += ["full-bleed", "framed-photo"]
    if len(scene.copy_text.items) >= 3:
        legal.append("type-beats")
    return legal


def _add(data: CopyData, old: Partial, layout: Layout, role: str) -> Partial:
    liking = float(data.filming.layouts[layout].get(role, 0))
    used = old.layouts.count(layout)
    return Partial((*old.layouts, layout), old.liking + liking - 0.7 * used)


def _reveals_early(layouts: tuple[Layout, ...]) -> bool:
    return "hero-split" in layouts[:2] or len(layouts) < 2


def _references(layouts: list[Layout], references: Sequence[ReferenceImage]) -> list[list[ReferenceType]]:
    """What is seen in each scene: by layout first, then more product until its share is reached."""
    types = [t for t in get_args(ReferenceType) if any(r.type == t for r in references)]
    photo = any(r.type == "product" and r.source == "uploaded" for r in references)
    wanted: dict[Layout, list[ReferenceType]] = {
        "hero-split": ["product"] if "product" in types else ["character"],
        "full-bleed": ["environment"] if "environment" in types else ["product"],
        "framed-photo": ["product"] if photo else ["environment"],
        "stack-list": ["product"],
        "type-beats": [],
        "titlecard": [],
        "logo-close": ["logo", "product"],
    }
    shown = [[t for t in wanted[layout] if t in types] for layout in layouts]
    if "product" in types:
        needed = math.ceil(0.6 * len(layouts) - 1e-9)
        for layout in ("framed-photo", "full-bleed", "titlecard", "type-beats"):
            for index in [i for i, each in enumerate(layouts) if each == layout]:
                if sum("product" in refs for refs in shown) < needed and "product" not in shown[index]:
                    shown[index] = [*shown[index], "product"]
    for index in [i for i, each in enumerate(layouts) if each == "full-bleed" and i > 0]:
        if "product" in types and "product" not in shown[index]:
            shown[index] = [*shown[index], "product"]
    if any(r.type == "character" and r.source == "uploaded" for r in references):
        _add_person(layouts, shown)
    return shown


def _add_person(layouts: list[Layout], shown: list[list[ReferenceType]]) -> None:
    """The person whose picture the user gave is seen once, late, in the picture that has most room."""
    if any("character" in types for types in shown):
        return
    for layout in ("full-bleed", "hero-split", "framed-photo", "titlecard"):
        inner = [i for i, each in enumerate(layouts[:-1]) if each == layout and i > 1]
        if inner:
            shown[inner[-1]] = [*shown[inner[-1]], "character"]
            return


def _joints(data: CopyData, story: Story, roles: list[str]) -> list[Transition]:
    usual, reveal, close = data.filming.transitions[story.tone]
    joints = []
    for index in range(1, len(roles)):
        name = close if index == len(roles) - 1 else reveal if roles[index] == "reveal" else usual
        joints.append(cast(Transition, name))
    return joints
