"""The words put around an ad's own text for a paid model; all of them stand in app/config/remote_prompts.yaml.

Called by app/providers/replicate_image and replicate_video. Tests: tests/test_providers/test_replicate/test_wording.py
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from app.kit.checked_yaml import read_checked
from app.schemas.base import Model
from app.schemas.providers import PEOPLE_LABEL, SCENE_LABEL
from app.schemas.unified_pipeline import ReferenceType


class Around(Model):
    """What stands before and after the ad's own text."""

    before: str
    after: str


class ClipWords(Around):
    """And what is said about sound."""

    silent: str
    sound: str


class Plainer(Model):
    """The shot that stands for one that was refused, by whether the ad shows a product."""

    product: str
    place: str


class Wording(Model):
    """The file."""

    images: dict[ReferenceType, Around]
    keyframe: Around
    references: dict[ReferenceType, str]
    clip: ClipWords
    plainer: Plainer
    negative: str


@lru_cache(maxsize=1)
def wording() -> Wording:
    """Return the words. Raises ConfigError that begins `config/remote_prompts.yaml:line:`."""
    return read_checked(files("app").joinpath("config", "remote_prompts.yaml"), "config/remote_prompts.yaml", Wording)[
        0
    ]


def image_prompt(kind: ReferenceType, text: str, shown: Sequence[ReferenceType] = ()) -> str:
    """Return the prompt of one reference image of the ad; `shown` are the kinds of the images that go along."""
    return _joined(wording().images[kind].before, text, *_named(shown), wording().images[kind].after)


def keyframe_prompt(text: str, shown: Sequence[ReferenceType]) -> str:
    """Return the prompt of the picture a clip begins with."""
    return _joined(wording().keyframe.before, text, *_named(shown), wording().keyframe.after)


def clip_prompt(text: str, shown: Sequence[ReferenceType], *, sound: bool) -> str:
    """Return the prompt of a clip; `text` (AC-3.3) stands in it unchanged."""
    clip = wording().clip
    return _joined(clip.before, text, *_named(shown), clip.after, clip.sound if sound else clip.silent)


def plainer_text(text: str, *, product: bool) -> str:
    """Return the text of a clip (`text`, see full_prompt) without its people and with a plain shot for its scene."""
    context = text.partition(SCENE_LABEL)[0].splitlines()
    kept = [line for line in context if line.strip() and not line.startswith(PEOPLE_LABEL)]
    scene = wording().plainer.product if product else wording().plainer.place
    return "\n".join(kept) + f"\n\n{SCENE_LABEL}{scene.strip()}"


def _named(shown: Sequence[ReferenceType]) -> list[str]:
    return [f"Image {number} {wording().references[kind]}" for number, kind in enumerate(shown, start=1)]


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())
