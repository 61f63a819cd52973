"""A model's live schema: what it says, how it differs from the catalogue, and what it would refuse today."""

from __future__ import annotations

from typing import Any

import pytest

from app.providers.catalogue import catalogue
from app.providers.replicate.inputs import differences, input_schema, keys_of, named, refused_by
from fakes.catalogue import replicate_models

FAST = "google/veo-3.1-fast"


def _live(**changes: dict[str, Any] | None) -> dict[str, Any]:
    """Return the schema a vendor shows for FAST, some inputs changed or (null) taken away."""
    schema = input_schema({"openapi_schema": replicate_models()[FAST].openapi_schema()})
    for name, body in changes.items():
        if body is None:
            del schema[name]
        else:
            schema[name] = {"required": False, **body}
    return schema


@pytest.mark.parametrize("model", [*catalogue().images, *catalogue().videos])
def test_the_catalogue_agrees_with_the_published_schemas(model: str) -> None:
    entry = {**catalogue().images, **catalogue().videos}[model]
    schema = input_schema({"openapi_schema": replicate_models()[model].openapi_schema()})

    assert differences(schema, entry, entry.fields) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"image": None}, "it has no input 'image' any more"),
        ({"style": {"required": True}}, "it now needs 'style'"),
        ({"duration": {"enum": [5, 8]}}, "duration can no longer be 4, 6"),
        ({"aspect_ratio": {"enum": ["16:9"]}}, "aspect_ratio can no longer be 9:16"),
        ({"resolution": {"enum": ["1080p"]}}, "resolution can no longer be 720p"),
    ],
)
def test_a_difference_is_told_in_words(changes: dict[str, Any], told: str) -> None:
    entry = catalogue().videos[FAST]

    assert differences(_live(**changes), entry, entry.fields) == [told]


def test_a_vendor_that_shows_no_schema_is_told() -> None:
    entry = catalogue().videos[FAST]

    for version in (None, {}, {"openapi_schema": None}, {"openapi_schema": {"components": {}}}):
        assert "no schema" in differences(input_schema(version), entry, entry.fields)[0]


def test_what_would_be_refused_is_known_before_it_is_sent() -> None:
    good = {"prompt": "x", "duration": 8, "seed": 1}

    assert refused_by(_live(), good) == []
    assert refused_by({}, good) == []
    assert refused_by(_live(), {**good, "duration": 5}) == ["'duration' can't be 5; legal: 4, 6, 8"]
    assert refused_by(_live(seed=None), good) == ["it has no input 'seed'"]
    assert refused_by(_live(), {"duration": 8}) == ["it needs 'prompt'"]


def test_only_what_a_model_has_a_name_for_is_sent() -> None:
    fields = {"prompt": "text", "seed": "seed"}

    assert named(fields, {"prompt": "x", "seed": None, "audio": True}) == {"text": "x"}
    assert keys_of({"image": "a", "images": ["b", "c"]}) == ["a", "b", "c"]
