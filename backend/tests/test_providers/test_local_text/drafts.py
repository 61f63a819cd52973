"""Drafts of three briefs and what feedback makes of them: shared by the tests of feedback."""

from __future__ import annotations

import pytest

from app.providers.local_text.checks import copy_parts
from app.schemas.story import Story, StoryScene
from tests.test_providers.test_local_text.ads import story

PRODUCT = "Ad for Pace, a trail running shoe that dries overnight, 120 dollars a pair, for city runners"
SERVICE = "Spot for a bicycle repair service, brand Spoke, same day, from 20 pounds a visit, for commuters"
FOOD = "30-second ad for a hot sauce made in small batches, brand Ember, 9 dollars a jar, for home cooks"
BRIEFS = [PRODUCT, SERVICE, FOOD]
WRITTEN = [
    "Create a 30-second ad for eco-friendly water bottle",
    "Bicycle repair service ad",
    "Ad for sourdough bread",
]
"""Briefs so short that most lines are the copywriter's own."""
DRAFTS = {brief: story(brief, seed=1) for brief in [*BRIEFS, *WRITTEN]}

three = pytest.mark.parametrize("brief", BRIEFS, ids=["product", "service", "food"])
three_written = pytest.mark.parametrize("brief", WRITTEN, ids=["product", "service", "food"])


def told(brief: str, *feedback: str, previous: Story | None = None, seed: int = 2) -> Story:
    """The next draft."""
    return story(brief, seed=seed, feedback=list(feedback), previous=previous or DRAFTS[brief])


def chain(brief: str, *feedback: str) -> list[Story]:
    """One draft for each remark, each on top of the one before, as at the gate."""
    drafts = [DRAFTS[brief]]
    for count in range(1, len(feedback) + 1):
        drafts.append(told(brief, *feedback[:count], previous=drafts[-1], seed=1 + count))
    return drafts


def moved(before: Story, after: Story) -> set[int]:
    """Scenes that are not byte for byte what they were."""
    pairs = zip(before.scenes, after.scenes, strict=True)
    return {old.id for old, new in pairs if old.model_dump_json() != new.model_dump_json()}


def lines(scene: StoryScene) -> str:
    return " ".join(copy_parts(scene.copy_text))


def same_names(before: Story, after: Story) -> bool:
    names = ("product", "brand", "audience", "title", "framework", "kind")
    return all(getattr(before, name) == getattr(after, name) for name in names)
