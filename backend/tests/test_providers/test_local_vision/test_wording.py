"""Words for measured colour, shape and light."""

from __future__ import annotations

import numpy as np
import pytest

from app.providers.local_vision.wording import colour_name, colour_phrase, light_phrase, shape_phrase
from tests.fixtures.pictures import true_mask


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#fefefe", "white"),
        ("#0a0a0c", "black"),
        ("#c8281e", "red"),
        ("#1d4fb0", "blue"),
        ("#14264d", "navy"),
        ("#2f9448", "green"),
        ("#6a4327", "brown"),
        ("#f5a01f", "amber"),
        ("#8a8a8b", "grey"),
    ],
)
def test_nearest_colour_name(colour: str, name: str) -> None:
    assert colour_name(colour) == name


def test_colour_phrase_names_a_second_colour_only_when_it_shows() -> None:
    assert colour_phrase(["#c8281e", "#ffffff"], [0.7, 0.3]) == "mostly red with white"
    assert colour_phrase(["#c8281e", "#ffffff"], [0.97, 0.03]) == "mostly red"
    assert colour_phrase(["#c8281e", "#cc2a20"], [0.6, 0.4]) == "mostly red"
    assert colour_phrase([], []) is None


@pytest.mark.parametrize(
    ("shape", "phrase"),
    [("tall", "tall shape"), ("wide", "wide shape"), ("square", "boxy shape"), ("disc", "round shape")],
)
def test_shape_words(shape: str, phrase: str) -> None:
    assert shape_phrase((true_mask(shape) * 255).astype(np.uint8)) == phrase


def test_no_shape_word_for_several_pieces() -> None:
    pieces = np.zeros((200, 200), np.uint8)
    pieces[20:80, 20:80] = pieces[120:180, 120:180] = 255
    assert shape_phrase(pieces) is None


def test_light_words() -> None:
    assert light_phrase(np.full((90, 90, 3), 240, np.uint8)) == "bright, even light"
    assert light_phrase(np.full((90, 90, 3), (90, 50, 20), np.uint8)) == "dark, even light, warm tint"
    split = np.full((90, 90, 3), 20, np.uint8)
    split[:, :45] = 250
    assert light_phrase(split) == "medium, contrasty light"
