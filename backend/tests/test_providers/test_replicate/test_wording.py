"""The words around an ad's own text: all kinds have some, the ad's words stay as they are, each picture is named."""

from __future__ import annotations

from typing import get_args

import pytest

from app.providers.replicate.wording import clip_prompt, image_prompt, keyframe_prompt, wording
from app.schemas.unified_pipeline import ReferenceType

TEXT = "PRODUCT FEATURES: steel bottle\n\nSCENE: {name} stands on a <table>."


def test_every_kind_of_reference_has_words() -> None:
    assert set(wording().images) == set(wording().references) == set(get_args(ReferenceType))


@pytest.mark.ac("AC-3.3")
def test_the_ads_own_words_stay_as_they_are() -> None:
    for prompt in (image_prompt("product", TEXT), keyframe_prompt(TEXT, []), clip_prompt(TEXT, [], sound=False)):
        assert TEXT in prompt
        assert len(prompt) > len(TEXT) + 100


def test_each_picture_is_named_in_its_order() -> None:
    prompt = clip_prompt(TEXT, ["product", "character"], sound=False)

    assert prompt.index("Image 1 is the product") < prompt.index("Image 2 is the person")
    assert "Image 3" not in prompt


def test_sound_is_spoken_of_only_when_it_is_wanted() -> None:
    assert "music" not in clip_prompt("x", [], sound=False)
    assert "no music" in clip_prompt("x", [], sound=True)
