"""The composer's moods, read from app/config/art/music.yaml.

Called by score.py and composer.py. Tests: tests/test_providers/test_local_audio/test_moods.py
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from itertools import chain
from typing import Annotated

import yaml
from pydantic import Field, ValidationError, model_validator

from app.core.errors import ConfigError
from app.kit.yaml_source import quick_yaml
from app.schemas.base import Model
from app.schemas.story import Tone

Level = Annotated[float, Field(ge=0, le=1)]
ChordName = Annotated[str, Field(pattern=r"^\d{1,2}:\w+$")]
PluckPattern = Annotated[str, Field(pattern=r"^[0-9.]{16}$")]
DrumPattern = Annotated[str, Field(pattern=r"^[xo.]{16}$")]


class Pad(Model):
    """Sustained chords."""

    level: Level
    brightness: Level
    width: Level


class Pluck(Model):
    """Short notes. `decay` is seconds to fall by 60 dB, roughly halved per octave upwards."""

    level: Level
    brightness: Level
    decay: float = Field(gt=0.05, le=2)
    octave: int = Field(ge=-1, le=2)


class Part(Model):
    """Bass or drums."""

    level: Level
    brightness: Level


class Mood(Model):
    """How one mood sounds. Patterns are 16 sixteenths a bar."""

    tonic: int = Field(ge=36, le=72, description="MIDI note.")
    progressions: list[list[ChordName]] = Field(min_length=1)
    cadence: ChordName
    final: ChordName
    pluck_patterns: list[PluckPattern] = Field(min_length=1)
    bass_pattern: Annotated[str, Field(pattern=r"^[rfo.]{16}$")]
    kick: DrumPattern
    snare: DrumPattern
    hat: DrumPattern
    pad: Pad
    pluck: Pluck
    bass: Part
    drums: Part
    rise: Level
    accent: Level
    room: Level


class MusicBook(Model):
    """The whole file."""

    loudness_lufs: float = Field(ge=-30, le=-10)
    true_peak_dbtp: float = Field(ge=-9, le=-1)
    chords: dict[str, list[int]]
    moods: dict[Tone, Mood]

    @model_validator(mode="after")
    def _check_chord_names(self) -> MusicBook:
        for mood in self.moods.values():
            for item in chain(*mood.progressions, [mood.cadence, mood.final]):
                if item.partition(":")[2] not in self.chords:
                    raise ValueError(f"chord {item!r} is not among: {', '.join(self.chords)}")
        return self

    def notes(self, item: str, tonic: int) -> list[int]:
        """Return the MIDI notes of a "degree:chord" item, root first."""
        degree, _, name = item.partition(":")
        return [tonic + int(degree) + step for step in self.chords[name]]


@lru_cache(maxsize=1)
def music_book() -> MusicBook:
    """Return the checked moods. Raises ConfigError when the file is wrong."""
    text = (resources.files("app") / "config" / "art" / "music.yaml").read_text(encoding="utf-8")
    try:
        return MusicBook.model_validate(quick_yaml(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigError(f"config/art/music.yaml is wrong: {error}", hint="Restore it from the package.") from error
