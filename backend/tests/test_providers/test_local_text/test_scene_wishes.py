"""Wishes for one scene: what was taken in stays, what could not be is named in the user's own words."""

from __future__ import annotations

import pytest

from app.schemas.story import Copy
from tests.test_providers.test_local_text.ads import SIX, scene, story

RESTS = [
    ("make scene 2 start with a close-up of a hand turning a dial", ["hand turning a dial"]),
    ("make it warmer and purple", ["purple"]),
    ("scene 2: closer, please", []),
    ("make the second scene a bit more dramatic", []),
    ("scene 2: headline to A hand on the dial", []),
    ("scene 2: shorter, and add a dog on the moon", ["dog on the moon"]),
    ("wider shot, with rain on the window", ["rain on the window"]),
    ("could you come a little closer in scene 2?", []),
    ("add some fireworks", ["fireworks"]),
]


@pytest.mark.parametrize(("said", "rest"), RESTS, ids=[row[0] for row in RESTS])
def test_the_words_that_came_to_nothing_are_named(said: str, rest: list[str]) -> None:
    told = story(SIX[0])
    before = scene(told, 2)
    assert scene(told, 2, feedback=[said], previous=before).unheard == rest


def test_nothing_is_said_of_a_message_for_another_scene() -> None:
    told = story(SIX[0])
    assert scene(told, 3, feedback=["scene 2: a hand turning a dial"], previous=scene(told, 3)).unheard == []


def test_what_a_person_wrote_outlives_the_next_wish() -> None:
    told = story(SIX[0])
    own = scene(told, 2).model_copy(update={"copy_text": Copy(headline="My own line", support="And another")})
    asked = ["scene 2: headline to Something older"]
    closer = scene(told, 2, feedback=[*asked, "scene 2: closer"], previous=own)
    assert closer.copy_text == own.copy_text
    assert closer.camera != own.camera
    shorter = scene(told, 2, feedback=[*asked, "scene 2: shorter"], previous=own)
    assert shorter.copy_text == Copy(headline="My own line")


def test_a_wish_for_the_words_leaves_a_picture_of_ones_own() -> None:
    told = story(SIX[0])
    own = scene(told, 2).model_copy(update={"description": "A description of my own.", "camera": "Handheld"})
    after = scene(told, 2, feedback=["scene 2: headline to Fixed by Friday"], previous=own)
    assert (after.description, after.camera) == (own.description, own.camera)
    assert after.copy_text.headline == "Fixed by Friday"
