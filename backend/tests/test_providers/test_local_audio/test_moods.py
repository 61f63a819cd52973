"""Every tone has a mood, and the music file says what is wrong with it."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from app.providers.local_audio.moods import MusicBook, music_book
from app.schemas.story import Tone


def test_every_tone_has_a_mood() -> None:
    assert set(music_book().moods) == set(get_args(Tone))


def test_a_chord_is_its_notes_from_the_root() -> None:
    assert music_book().notes("9:min7", 60) == [69, 72, 76, 79]


def test_an_unknown_chord_is_refused() -> None:
    data = music_book().model_dump()
    data["moods"]["calm"]["final"] = "0:nonsense"
    with pytest.raises(ValidationError, match="0:nonsense"):
        MusicBook.model_validate(data)
