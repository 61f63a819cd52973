"""A person's own words put into scenes, and scenes put into another order: pure functions.

Called by scene_stage.py (at the gate) and commands.py (after it). Tests: tests/test_services/test_scene_changes.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from app.core.errors import InvalidInput
from app.kit.ids import digest
from app.schemas.story import Copy, StoryScene
from app.schemas.unified_pipeline import Scene, SceneChange

S = TypeVar("S", Scene, StoryScene)
_COPY = frozenset(Copy.model_fields)


def apply_change(scenes: Sequence[Scene], scene_id: int, change: SceneChange) -> list[Scene]:
    """Return the scenes with one of them changed as the person wrote it; the others are the same objects.

    An empty string clears a line. Raises InvalidInput for a scene that is not there.
    """
    require_scene(scenes, scene_id)
    given = change.model_dump(exclude_none=True)
    words = {name: value or None for name, value in given.items() if name in _COPY}
    for name, empty in (("headline", ""), ("items", [])):
        if name in words and words[name] is None:
            words[name] = empty
    update: dict[str, object] = {"rounds": [], "unheard": []}
    if "description" in given:
        update["description"] = given["description"]

    def changed(scene: Scene) -> Scene:
        return scene.model_copy(update={**update, "copy_text": scene.copy_text.model_copy(update=words)})

    return [changed(scene) if scene.id == scene_id else scene for scene in scenes]


def reorder(scenes: Sequence[Scene], order: Sequence[int]) -> list[Scene]:
    """Return the scenes in the order of their ids. Raises InvalidInput unless `order` names each of them once."""
    known = {scene.id: scene for scene in scenes}
    if sorted(order) != sorted(known):
        raise InvalidInput(
            f"The order must name each scene once; the scenes are {_listed(scenes)}.",
            hint="Send all scene ids, in the order you want.",
        )
    return [known[scene_id] for scene_id in order]


def require_scene(scenes: Sequence[S], scene_id: int) -> S:
    """Return the scene of an id. Raises InvalidInput that names the scenes there are."""
    for scene in scenes:
        if scene.id == scene_id:
            return scene
    raise InvalidInput(f"There is no scene {scene_id}.", hint=f"The scenes are {_listed(scenes)}.")


def scene_digest(scene: Scene) -> str:
    """Return the digest of what a clip is filmed from: everything but scores, drafts and remarks."""
    return digest(scene.model_dump(mode="json", exclude={"rounds", "quality_score", "unheard"}))


def _listed(scenes: Sequence[Scene | StoryScene]) -> str:
    return ", ".join(str(scene.id) for scene in scenes) or "not written yet"
