"""The scene writer: layouts, references, joints and the picture in prompt order, scene by scene."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import ProviderError
from app.providers.local_text.data import shipped
from app.providers.local_text.words import words
from app.schemas.story import Story
from app.schemas.unified_pipeline import ReferenceImage, Scene
from tests.test_providers.test_local_text.ads import CONTEXT, SIX, THREE, judge_scene, reference, scene, scenes, story

REFERENCES = st.sampled_from(
    [
        THREE,
        [reference("product", "uploaded"), reference("logo", "uploaded"), reference("environment")],
        [reference("product"), reference("logo", "uploaded")],
        [reference("product", "uploaded")],
        [reference("character", "uploaded"), reference("logo", "uploaded"), reference("product")],
        [],
    ]
)
BRIEFS = st.sampled_from([*SIX, "Oak tables, delivered flat, made in Wales, each numbered, hand-oiled, no glue"])


def check_joints(shots: list[Scene]) -> None:
    assert shots[0].transition_in == shots[-1].transition_out == "hard-cut"
    for before, after in pairwise(shots):
        assert before.transition_out == after.transition_in


def check_layouts(told: Story, shots: list[Scene], references: list[ReferenceImage]) -> None:
    layouts = [each.layout for each in shots]
    types = {each.type for each in references}
    photo = any(each.type == "product" and each.source == "uploaded" for each in references)
    assert layouts[-1] == "logo-close"
    assert "logo-close" not in layouts[:-1]
    assert all(a != b for a, b in pairwise(layouts)), layouts
    if not (photo or "environment" in types):
        assert not {"full-bleed", "framed-photo"} & set(layouts)
    if "product" in types:
        assert sum("product" in each.references for each in shots) >= 0.6 * len(shots)
        assert "hero-split" in layouts[:2]
    for planned, shot in zip(told.scenes, shots, strict=True):
        items = planned.copy_text.items
        if shot.layout == "type-beats":
            assert len(items) >= 3
        if shot.layout == "stack-list":
            assert 3 <= len(items) <= 5
        assert set(shot.references) <= types


@settings(max_examples=60, deadline=None)
@given(BRIEFS, REFERENCES, st.integers(2, 7), st.integers(0, 50))
def test_scenes_fit_together(prompt: str, references: list[ReferenceImage], count: int, seed: int) -> None:
    told = story(prompt, scenes=count, seed=seed)
    shots = scenes(told, references)
    check_joints(shots)
    check_layouts(told, shots, references)
    for planned, shot in zip(told.scenes, shots, strict=True):
        assert (shot.id, shot.duration, shot.copy_text, shot.beat) == (
            planned.id,
            planned.duration,
            planned.copy_text,
            planned.beat,
        )
        assert 60 <= len(words(shot.description)) <= 130
        assert judge_scene(told, shot).approved


@pytest.mark.ac("AC-2.4")
def test_the_lock_sentence_is_the_same_in_every_scene_and_speaks_of_the_context() -> None:
    shots = scenes(story(SIX[0]))
    lock = "Product, identical in every scene: tall rounded shape, teal body, plain label at the centre."
    assert all(lock in each.description for each in shots)
    assert all("teal #0f766e" in each.description for each in shots)


def test_the_order_is_camera_subject_action_place_light_sound() -> None:
    told = story(SIX[0])
    shot = scene(told, 2)
    marks = [shot.camera, "Product, identical", told.scenes[1].visual.rstrip("."), "One world", "light", "Ambient:"]
    places = [shot.description.lower().index(mark.lower()) for mark in marks]
    assert shot.description.startswith(shot.camera)
    assert places[:4] == sorted(places[:4])
    assert places[-1] == max(places)


def test_no_person_without_a_picture_of_one() -> None:
    people = shipped().rules.person_words
    for each in scenes(story(SIX[1]), [reference("product"), reference("environment")]):
        assert not {word.lower() for word in words(each.description)} & people


def test_a_person_is_described_only_in_the_words_of_the_context() -> None:
    context = CONTEXT.replace("CHARACTER APPEARANCE: not specified", "CHARACTER APPEARANCE: grey coat, red scarf")
    given = [reference("product"), reference("character", "uploaded"), reference("environment")]
    shots = [scene(story(SIX[1]), number, given, consistency_context=context) for number in range(1, 6)]
    with_person = [each for each in shots if "character" in each.references]
    assert with_person
    assert all("Person, identical in every scene: grey coat, red scarf." in each.description for each in with_person)


def test_an_unknown_product_look_points_at_the_picture() -> None:
    context = CONTEXT.replace("tall rounded shape, teal body, plain label at the centre", "not specified")
    assert "exactly as in its reference picture" in scene(story(SIX[0]), 1, consistency_context=context).description


def test_feedback_changes_light_camera_or_layout_and_nothing_else() -> None:
    told = story(SIX[0])
    before = scene(told, 3)
    darker = scene(told, 3, feedback=["make it more dramatic"], previous=before)
    closer = scene(told, 3, feedback=["come closer"], previous=before)
    other = scene(
        told, 3, feedback=["use a different layout"], previous=before, neighbours=[scene(told, 2), scene(told, 4)]
    )
    assert darker.description != before.description
    assert (darker.layout, darker.camera) == (before.layout, before.camera)
    assert closer.camera != before.camera
    assert closer.description.startswith(closer.camera)
    assert other.layout != before.layout
    assert {each.copy_text.headline for each in (darker, closer, other)} == {before.copy_text.headline}


def test_kept_neighbours_are_respected() -> None:
    told = story(SIX[0])
    shots = scenes(told)
    again = scene(told, 3, neighbours=[each for each in shots if each.id != 3])
    assert again.layout not in (shots[1].layout, shots[3].layout)


def test_an_unknown_scene_is_refused() -> None:
    with pytest.raises(ProviderError, match="no scene 9"):
        scene(story(SIX[0]), 9)


def test_scenes_are_deterministic() -> None:
    told = story(SIX[1])
    assert scenes(told) == scenes(told)


OF_THE_WORDS = [
    ("scene 2: headline to Fixed by Friday", {"headline": "Fixed by Friday"}),
    ("change scene 2's headline to Fixed by Friday", {"headline": "Fixed by Friday"}),
    ("scene 2: mention the refills", {"support": "Refills."}),
    ("remove the subline of scene 2", {"support": None}),
    ("scene 2: shorter", {"support": None}),
]


@pytest.mark.parametrize(("said", "words"), OF_THE_WORDS, ids=[row[0] for row in OF_THE_WORDS])
@pytest.mark.parametrize("prompt", [SIX[0], SIX[1], SIX[2]])
def test_words_asked_for_one_scene_change_there_and_nowhere_else(
    prompt: str, said: str, words: dict[str, str | None]
) -> None:
    told = story(prompt)
    before, after = scene(told, 2), scene(told, 2, feedback=[said])
    assert after.copy_text == before.copy_text.model_copy(update={**words, "items": after.copy_text.items})
    assert (after.description, after.layout, after.duration) == (before.description, before.layout, before.duration)
    assert scene(told, 3, feedback=[said]) == scene(told, 3)


def test_a_wish_for_one_scene_is_not_heard_by_another() -> None:
    told = story(SIX[0])
    said = ["scene 2: more dramatic, closer"]
    assert scene(told, 2, feedback=said).description != scene(told, 2).description
    assert scene(told, 3, feedback=said) == scene(told, 3)
